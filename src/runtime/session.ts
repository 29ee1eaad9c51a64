/** Sessions on ONNX Runtime: a model in memory, ready to run on one device. */
import * as ort from '#ort';
import { endOf, isEnd } from './in-place.js';

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

/** Values go in and come out as ONNX Runtime's tensors. */
export type Tensor = ort.Tensor;
export type Tensors = Readonly<Record<string, ort.Tensor>>;
/** Outputs asked for: names, or by name the tensor to write into and null for a new one. */
export type Outputs = readonly string[] | Readonly<Record<string, ort.Tensor | null>>;

/** Thrown where a model cannot be loaded, a device is missing, or a run fails. */
export class RuntimeError extends Error {
  override name = 'RuntimeError';
}

/** How long a thread waits awake for the next operator of a run: longer than operators take on one thread. */
const SPIN_MICROSECONDS = '500';

// Failures arrive as exceptions; ONNX Runtime would print them to stderr as well.
const FATAL = 4;
ort.env.logLevel = 'fatal';

/** A loaded model. `dispose()` frees its memory; it cannot run afterwards. */
export class Session {
  private constructor(
    private readonly session: ort.InferenceSession,
    private readonly model: string,
    private readonly profiled: boolean,
  ) {}

  /**
   * Loads the model in the bytes of an `.onnx` file.
   * @param model its name, for messages
   * @throws RangeError where an option is out of its range; RuntimeError, in one sentence, where ONNX Runtime
   * refuses the model or lacks the device.
   */
  static async create(bytes: Uint8Array, model: string, options: SessionOptions = {}): Promise<Session> {
    const { device = 'cpu', threads, spinning = false, onDevice = [], profile } = options;
    if (!DEVICES.includes(device)) {
      throw new RangeError(`device: expected one of ${DEVICES.join(', ')}, found '${device}'`);
    }
    if (threads !== undefined && !(Number.isInteger(threads) && threads > 0)) {
      throw new RangeError(`threads: expected a positive whole number, found ${threads}`);
    }
    try {
      const session = await ort.InferenceSession.create(bytes, {
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
      return new Session(session, model, profile !== undefined);
    } catch (error) {
      throw new RuntimeError(createProblem(device, model, (error as Error).message), { cause: error });
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
    const given = inMemory(outputs);
    try {
      return await this.session.run(inputs, given ? { ...endOf(outputNames), ...given } : outputs);
    } catch (error) {
      if (given && isEnd(error, outputNames)) return given;
      const message = firstSentence((error as Error).message);
      throw new RuntimeError(`Model '${this.model}' failed: ${message}`, { cause: error });
    }
  }

  async dispose(): Promise<void> {
    if (this.profiled) this.session.endProfiling();
    await this.session.release();
  }
}

/** The outputs where each has a tensor to go into. */
function inMemory(outputs: Outputs): Tensors | undefined {
  const all = Array.isArray(outputs) || Object.values(outputs).includes(null) ? undefined : outputs;
  return all as Tensors | undefined;
}

/** A float32 tensor over `data`, which is not copied. */
export function floatTensor(data: Float32Array, shape: readonly number[]): ort.Tensor {
  return new ort.Tensor('float32', data, shape);
}

/** A uint8 tensor over `data`, which is not copied. */
export function byteTensor(data: Uint8Array, shape: readonly number[]): ort.Tensor {
  return new ort.Tensor('uint8', data, shape);
}

/** An int64 tensor of one dimension, as operators take sizes. */
export function sizeTensor(values: readonly number[]): ort.Tensor {
  return new ort.Tensor('int64', BigInt64Array.from(values, BigInt), [values.length]);
}

/** The elements of a float32 tensor on the CPU. */
export function floatData(tensor: ort.Tensor): Float32Array {
  return tensor.data as Float32Array;
}

const locations = (names: readonly string[]): Record<string, 'gpu-buffer'> =>
  Object.fromEntries(names.map((name) => [name, 'gpu-buffer']));

function createProblem(device: Device, model: string, message: string): string {
  if (device === 'cuda' && /cuda|shared librar|providers/i.test(message)) {
    return (
      'Device cuda: ONNX Runtime\'s CUDA library is not installed; run "npm rebuild onnxruntime-node ' +
      '--ignore-scripts=false" on a machine with an NVIDIA GPU, CUDA 12 and cuDNN 9'
    );
  }
  if (device === 'webgpu' && /webgpu|adapter|vulkan|dawn/i.test(message)) {
    return `Device webgpu: no GPU adapter was found: ${firstSentence(message)}`;
  }
  return `Model '${model}' cannot be loaded: ${firstSentence(message)}`;
}

/** ONNX Runtime's messages begin with source files and functions and run over lines; this is what they say. */
function firstSentence(message: string): string {
  return message
    .split('\n')[0]!
    .replace(/^\/onnxruntime_src.* was false\. /, '')
    .trim();
}
