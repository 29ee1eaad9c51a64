/**
 * Sessions on ONNX Runtime: a model in memory, ready to run on one device. The entry points `node.ts` and `web.ts`
 * choose the ONNX Runtime.
 */
import type * as ort from 'onnxruntime-node';
import { AgewiseError, type ErrorKind } from '../errors/index.js';
import { endOf, isEnd } from './in-place.js';
import type { Tensor, Tensors } from './tensor.js';

type InferenceSession = ort.InferenceSession;

/** The parts of ONNX Runtime that differ between Node and the web. */
export interface OnnxRuntime {
  readonly Tensor: typeof ort.Tensor;
  /** @param model the bytes of an `.onnx` file, or its path */
  create(
    model: Uint8Array | string,
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
   * Whether threads stay awake between runs. It pays if one session has the machine to itself, as in training; next to
   * another session's threads a run may take twice as long. Default false: they spin for a moment only.
   */
  readonly spinning?: boolean;
  /**
   * Outputs that stay on the device, as inputs of a later run; the CPU cannot read them, and `dispose()` frees them.
   * For WebGPU; no effect on other devices.
   */
  readonly onDevice?: readonly string[];
  /** Default true. False for a graph that ONNX Runtime has optimized and saved: it is loaded as it is. */
  readonly optimize?: boolean;
  /**
   * The file to which ONNX Runtime saves the graph as optimized for this device. It holds only for this version of
   * ONNX Runtime and this kind of processor. Node only.
   */
  readonly saveOptimized?: string;
  /** File name prefix of a per-operator profile, written when the session is disposed of. */
  readonly profile?: string;
}

/** Requested outputs: names, or by name the tensor to write into (null for a new one). */
export type Outputs = readonly string[] | Readonly<Record<string, Tensor | null>>;

/**
 * Loads a model from the bytes of an `.onnx` file.
 * @param model its name, for messages
 * @throws RangeError if an option is out of range; RuntimeError if ONNX Runtime rejects the model or lacks the device.
 */
export type CreateSession = (bytes: Uint8Array, model: string, options?: SessionOptions) => Promise<Session>;

/** Thrown if a model cannot be loaded, a device is missing, or a run fails. */
export class RuntimeError extends AgewiseError {
  override readonly name = 'RuntimeError';
  static override readonly kind: ErrorKind = 'failed';
}

/** How long a thread spins for the next operator of a run: longer than operators take on one thread. */
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

  /** `CreateSession` on a given ONNX Runtime, also from a file's path. */
  static async create(
    runtime: OnnxRuntime,
    source: Uint8Array | string,
    model: string,
    options: SessionOptions = {},
  ): Promise<Session> {
    const { device = 'cpu', threads, spinning = false, onDevice = [], profile } = options;
    const { optimize = true, saveOptimized } = options;
    if (!DEVICES.includes(device)) {
      throw new RangeError(`device: expected one of ${DEVICES.join(', ')}, found '${device}'`);
    }
    if (threads !== undefined && !(Number.isInteger(threads) && threads > 0)) {
      const found = typeof threads === 'string' ? `the text '${threads}'` : threads;
      throw new RangeError(`threads: expected a positive whole number, found ${found}`);
    }
    try {
      const session = await runtime.create(source, {
        executionProviders: device === 'cpu' ? ['cpu'] : [device, 'cpu'],
        executionMode: 'sequential',
        interOpNumThreads: 1,
        ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
        // Memory patterns per input shape: pictures have too many shapes for them to pay, and a training step gains 1
        // to 4% for 1.5 times the memory.
        enableMemPattern: false,
        logSeverityLevel: FATAL,
        ...(spinning ? {} : { extra: { session: { intra_op: { spin_duration_us: SPIN_MICROSECONDS } } } }),
        ...(device === 'webgpu' ? { preferredOutputLocation: locations(onDevice) } : {}),
        ...(optimize ? {} : { graphOptimizationLevel: 'disabled' }),
        ...(saveOptimized === undefined ? {} : { optimizedModelFilePath: saveOptimized }),
        ...(profile === undefined ? {} : { enableProfiling: true, profileFilePrefix: profile }),
      });
      return new Session(runtime, session, model, profile !== undefined);
    } catch (error) {
      const reason = firstSentence((error as Error).message);
      if (device !== 'cpu' && (await loadsOnCpu(runtime, source))) {
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
   * Runs the model. Outputs that are not requested are not computed if the graph allows it. An output with a given
   * tensor is written to its memory, which may be an input's only if the output depends on everything that reads the
   * input; if all have one and the model was made by `outputsInPlace`, nothing is copied.
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

  /** The values as tensors of this ONNX Runtime; those that it made itself are passed through. */
  private adopted(values: Readonly<Record<string, Tensor | null>>): Record<string, ort.Tensor> {
    const { Tensor } = this.runtime;
    const adopt = (value: Tensor | null) =>
      !value || value instanceof Tensor
        ? value
        : new Tensor(value.type as 'float32', value.data as Float32Array, value.dims);
    // Outputs may be null; ONNX Runtime's types for inputs and outputs differ only in that.
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

/** Why a device fails to load a model that the CPU loads. */
const DEVICE_PROBLEMS = {
  cuda:
    'ONNX Runtime\'s CUDA library cannot be loaded or is not installed; run "npm rebuild onnxruntime-node ' +
    '--ignore-scripts=false" on a machine with an NVIDIA GPU, CUDA 12 and cuDNN 9',
  webgpu: 'no GPU adapter was found to run it',
} as const satisfies Record<Exclude<Device, 'cpu'>, string>;

/** Whether a model rejected by another device is valid: then the device is at fault. */
const loadsOnCpu = (runtime: OnnxRuntime, source: Uint8Array | string): Promise<boolean> =>
  runtime.create(source, { executionProviders: ['cpu'], logSeverityLevel: FATAL }).then(
    async (session) => {
      await session.release();
      return true;
    },
    () => false,
  );

/** Messages quote names of any length. */
const LONGEST = 500;

/** The informative part of ONNX Runtime's messages, which begin with source files and functions and span lines. */
function firstSentence(message: string): string {
  const sentence = message
    .split('\n')[0]!
    .replace(/^\/onnxruntime_src.* was false\. /, '')
    .trim();
  return sentence.length > LONGEST ? `${sentence.slice(0, LONGEST)}…` : sentence;
}
