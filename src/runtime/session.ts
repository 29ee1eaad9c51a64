/**
 * Sessions on ONNX Runtime: a model in memory, ready to run on one device. Which ONNX Runtime it is, that of Node or
 * that of the web, the doors decide (`node.ts`, `web.ts`).
 */
import type * as ort from 'onnxruntime-node';
import { AgewiseError, type ErrorKind } from '../errors/index.js';
import { endOf, isEnd } from './in-place.js';
import type { Tensor, Tensors } from './tensor.js';

type InferenceSession = ort.InferenceSession;

/** What of ONNX Runtime differs between Node and the web. */
export interface OnnxRuntime {
  readonly Tensor: typeof ort.Tensor;
  create(
    bytes: Uint8Array,
    options: ort.InferenceSession.SessionOptions,
  ): Promise<Pick<InferenceSession, 'inputNames' | 'outputNames' | 'run' | 'release' | 'endProfiling'>>;
}

/** Where a model runs. */
export const DEVICES = ['cpu', 'webgpu', 'cuda'] as const;
export type Device = (typeof DEVICES)[number];

export interface SessionOptions {
  /** Default `cpu`. */
  readonly device?: Device;
  /** Threads for one operator on the CPU; default one for each core. */
  readonly threads?: number;
  /**
   * Whether threads stay awake between runs. It pays where one session has the machine to itself, as training does;
   * beside another session's threads it costs up to twice the time. Default false: they wait awake for a moment only.
   */
  readonly spinning?: boolean;
  /**
   * Outputs that stay where the device has them, to go into a later run as they are; the CPU cannot read them, and
   * `dispose()` frees them. For WebGPU; on other devices there is nothing to it.
   */
  readonly onDevice?: readonly string[];
  /** The beginning of the name of a file that gets a profile by operator when the session is disposed of. */
  readonly profile?: string;
}

/** Outputs asked for: names, or by name the tensor to write into and null for a new one. */
export type Outputs = readonly string[] | Readonly<Record<string, Tensor | null>>;

/**
 * Loads the model in the bytes of an `.onnx` file.
 * @param model its name, for messages
 * @throws RangeError where an option is out of its range; RuntimeError, in one sentence, where ONNX Runtime
 * refuses the model or lacks the device.
 */
export type CreateSession = (bytes: Uint8Array, model: string, options?: SessionOptions) => Promise<Session>;

/** Thrown where a model cannot be loaded, a device is missing, or a run fails. */
export class RuntimeError extends AgewiseError {
  override readonly name = 'RuntimeError';
  static override readonly kind: ErrorKind = 'failed';
}

/** How long a thread waits awake for the next operator of a run: longer than operators take on one thread. */
const SPIN_MICROSECONDS = '500';

/** Failures arrive as exceptions; ONNX Runtime would print them to stderr as well. */
const FATAL = 4;

/** A loaded model. `dispose()` frees its memory; it cannot run afterwards. */
export class Session {
  private constructor(
    private readonly runtime: OnnxRuntime,
    private readonly session: Awaited<ReturnType<OnnxRuntime['create']>>,
    private readonly model: string,
    private readonly profiled: boolean,
  ) {}

  /** `CreateSession` on a given ONNX Runtime. */
  static async create(
    runtime: OnnxRuntime,
    bytes: Uint8Array,
    model: string,
    options: SessionOptions = {},
  ): Promise<Session> {
    const { device = 'cpu', threads, spinning = false, onDevice = [], profile } = options;
    if (!DEVICES.includes(device)) {
      throw new RangeError(`device: expected one of ${DEVICES.join(', ')}, found '${device}'`);
    }
    if (threads !== undefined && !(Number.isInteger(threads) && threads > 0)) {
      throw new RangeError(`threads: expected a positive whole number, found ${threads}`);
    }
    try {
      const session = await runtime.create(bytes, {
        executionProviders: device === 'cpu' ? ['cpu'] : [device, 'cpu'],
        executionMode: 'sequential',
        interOpNumThreads: 1,
        ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
        // A plan of memory for each shape seen: pictures have too many shapes for plans to pay, and a training step is
        // 1 to 4% faster by one for half as much memory again.
        enableMemPattern: false,
        logSeverityLevel: FATAL,
        ...(spinning ? {} : { extra: { session: { intra_op: { spin_duration_us: SPIN_MICROSECONDS } } } }),
        ...(device === 'webgpu' ? { preferredOutputLocation: locations(onDevice) } : {}),
        ...(profile === undefined ? {} : { enableProfiling: true, profileFilePrefix: profile }),
      });
      return new Session(runtime, session, model, profile !== undefined);
    } catch (error) {
      const reason = firstSentence((error as Error).message);
      if (device !== 'cpu' && (await loadsOnCpu(runtime, bytes))) {
        const problem = `${DEVICE_PROBLEMS[device]} (${reason})`;
        throw new RuntimeError(
          { subject: `Device ${device}`, problem },
          { kind: 'unsupported', cause: error },
        );
      }
      throw new RuntimeError(`Model '${model}' cannot be loaded: ${reason}`, { kind: 'input', cause: error });
    }
  }

  get inputNames(): readonly string[] {
    return this.session.inputNames;
  }

  get outputNames(): readonly string[] {
    return this.session.outputNames;
  }

  /**
   * Runs the model. Outputs not asked for are not computed where the graph allows it. An output for which a tensor is
   * given lies in its memory afterwards, which may be no input's; where all are, of a model made by `outputsInPlace`,
   * nothing is copied.
   */
  async run(inputs: Tensors, outputs: Outputs = this.session.outputNames): Promise<Tensors> {
    const { outputNames } = this.session;
    const feeds = this.adopted(inputs);
    const fetches = isNames(outputs) ? outputs : this.adopted(outputs);
    const given = inMemory(outputs);
    try {
      return await this.session.run(feeds, given ? { ...endOf(outputNames), ...fetches } : fetches);
    } catch (error) {
      if (given && isEnd(error, outputNames)) return outputs;
      const message = firstSentence((error as Error).message);
      throw new RuntimeError(`Model '${this.model}' failed: ${message}`, { cause: error });
    }
  }

  async dispose(): Promise<void> {
    if (this.profiled) this.session.endProfiling();
    await this.session.release();
  }

  /** The values as this ONNX Runtime's own tensors, as those that it gave out are already. */
  private adopted(values: Readonly<Record<string, Tensor | null>>): Record<string, ort.Tensor> {
    const { Tensor } = this.runtime;
    const adopt = (value: Tensor | null) =>
      !value || value instanceof Tensor
        ? value
        : new Tensor(value.type as 'float32', value.data as Float32Array, value.dims);
    // Outputs may be null, which ONNX Runtime takes; its types for inputs and outputs differ in that alone.
    return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, adopt(value)])) as Record<
      string,
      ort.Tensor
    >;
  }
}

const isNames = (outputs: Outputs): outputs is readonly string[] => Array.isArray(outputs);

/** Whether each output has a tensor to go into. */
const inMemory = (outputs: Outputs): outputs is Tensors =>
  !isNames(outputs) && !Object.values(outputs).includes(null);

const locations = (names: readonly string[]): Record<string, 'gpu-buffer'> =>
  Object.fromEntries(names.map((name) => [name, 'gpu-buffer']));

/** What keeps a device from loading a model that the CPU loads. */
const DEVICE_PROBLEMS = {
  cuda:
    'ONNX Runtime\'s CUDA library cannot be loaded or is not installed; run "npm rebuild onnxruntime-node ' +
    '--ignore-scripts=false" on a machine with an NVIDIA GPU, CUDA 12 and cuDNN 9',
  webgpu: 'no GPU adapter was found to run it',
} as const satisfies Record<Exclude<Device, 'cpu'>, string>;

/** Whether a model that another device refused is right: then the device is at fault. */
const loadsOnCpu = (runtime: OnnxRuntime, bytes: Uint8Array): Promise<boolean> =>
  runtime.create(bytes, { executionProviders: ['cpu'], logSeverityLevel: FATAL }).then(
    async (session) => {
      await session.release();
      return true;
    },
    () => false,
  );

/** ONNX Runtime's messages begin with source files and functions and run over lines; this is what they say. */
function firstSentence(message: string): string {
  return message
    .split('\n')[0]!
    .replace(/^\/onnxruntime_src.* was false\. /, '')
    .trim();
}
