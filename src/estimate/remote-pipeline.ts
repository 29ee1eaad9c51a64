/**
 * A pipeline in a worker thread of Node or a worker of a browser, which keeps the caller's event loop free: ONNX Runtime's
 * `run` blocks the thread that calls it.
 */
import { type PackedError, unpackError } from '../errors/index.js';
import { ImageError } from '../vision/index.js';
import { ERROR_CLASSES } from './error-classes.js';
import { FaceEstimate } from './face.js';
import type { FaceData } from './face-data.js';
import { isPixels, type Present } from './inputs.js';
import type { LoadOptions } from './options.js';
import type { Outcome, PictureOptions, Pipeline } from './pipeline.js';
import type { OnProgress, ProgressEvent } from './types.js';

/** Messages to the worker. */
export type PipelineTask<Settings = unknown> =
  | { readonly kind: 'load'; readonly settings: Settings }
  | {
      readonly kind: 'estimate';
      readonly id: number;
      readonly picture: Present;
      readonly name: string;
      readonly options: Omit<PictureOptions, 'signal'>;
    }
  /** No picture is in progress: free the networks and exit. */
  | { readonly kind: 'end' };

/** Messages from the worker. */
export type PipelineAnswer =
  | { readonly kind: 'progress'; readonly event: ProgressEvent }
  | { readonly kind: 'loaded' }
  | { readonly kind: 'not loaded'; readonly error: PackedError }
  | { readonly kind: 'seen'; readonly id: number }
  | { readonly kind: 'unreadable' | 'failed'; readonly id: number; readonly error: PackedError }
  | {
      readonly kind: 'done';
      readonly id: number;
      readonly width: number;
      readonly height: number;
      readonly faces: readonly FaceData[];
    }
  | { readonly kind: 'ended' };

/** A picture as it is sent, and the parts of it to transfer. */
export interface Packed {
  readonly sent: Present;
  readonly transfer: readonly object[];
}

/** The connection to the worker. */
export interface Line {
  /** @throws ImageError if the picture of a task cannot be sent */
  post(task: PipelineTask, transfer?: readonly object[]): void;
  /** A copy to send. @throws ImageError if a picture cannot be sent */
  pack(picture: Present, name: string): Packed | Promise<Packed>;
  /** Called with true while answers are expected. */
  hold(busy: boolean): void;
  /** Resolves when the worker has exited, after it was asked to. */
  closed(): Promise<void>;
}

/** Events of a line. */
export interface LineEvents {
  onAnswer(answer: PipelineAnswer): void;
  /** No more answers will arrive. */
  onLost(error: Error): void;
}

/** A picture being processed by the worker. */
interface Pending {
  readonly onSeen: () => void;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: Error) => void;
}

export class RemotePipeline implements Pipeline {
  private readonly pending = new Map<number, Pending>();
  private nextId = 0;
  /** Why the worker accepts no more pictures. */
  private lost: Error | undefined;

  private constructor(private readonly line: Line) {}

  /**
   * @param settings cloneable data that the worker loads its pipeline with
   * @throws the errors of loading it
   */
  static async load(
    open: (events: LineEvents) => Line,
    settings: unknown,
    onProgress: OnProgress | undefined,
  ): Promise<RemotePipeline> {
    let pipeline: RemotePipeline | undefined;
    await new Promise<void>((resolve, reject) => {
      const line = open({
        onAnswer: (answer) => {
          if (answer.kind === 'progress') onProgress?.(answer.event);
          else if (answer.kind === 'loaded') resolve();
          else if (answer.kind === 'not loaded') reject(unpackError(answer.error, ERROR_CLASSES));
          else if ('id' in answer) pipeline?.take(answer);
        },
        onLost: (error) => {
          reject(error);
          pipeline?.fail(error);
        },
      });
      pipeline = new RemotePipeline(line);
      line.post({ kind: 'load', settings });
    });
    // A program may exit without disposal, as it may with networks in its own thread.
    pipeline!.line.hold(false);
    return pipeline!;
  }

  async estimate(
    picture: Present,
    name: string,
    { signal, ...options }: PictureOptions,
    onSeen: () => void,
  ): Promise<Outcome> {
    const id = this.nextId++;
    let outcome: Promise<Outcome>;
    try {
      const { sent, transfer } = await this.line.pack(picture, name);
      signal?.throwIfAborted();
      if (this.lost !== undefined) throw this.lost;
      this.line.post({ kind: 'estimate', id, picture: sent, name, options }, transfer);
      outcome = new Promise((resolve, reject) => {
        this.pending.set(id, { onSeen, resolve, reject });
      });
      this.line.hold(true);
    } catch (error) {
      onSeen();
      if (!(error instanceof ImageError)) throw error;
      return { error };
    }
    return outcome;
  }

  async dispose(): Promise<void> {
    if (this.lost !== undefined) return;
    this.line.hold(true);
    this.line.post({ kind: 'end' });
    await this.line.closed();
  }

  private take(answer: Extract<PipelineAnswer, { readonly id: number }>): void {
    const picture = this.pending.get(answer.id);
    if (picture === undefined) return;
    if (answer.kind === 'seen') {
      picture.onSeen();
      return;
    }
    this.pending.delete(answer.id);
    if (this.pending.size === 0) this.line.hold(false);
    if (answer.kind === 'done') {
      const { width, height, faces } = answer;
      picture.resolve({ width, height, faces: faces.map((face) => new FaceEstimate(face)) });
    } else if (answer.kind === 'unreadable')
      picture.resolve({ error: unpackError(answer.error, ERROR_CLASSES) });
    else picture.reject(unpackError(answer.error, ERROR_CLASSES));
  }

  private fail(error: Error): void {
    this.lost ??= error;
    for (const { onSeen, reject } of this.pending.values()) {
      onSeen();
      reject(this.lost);
    }
    this.pending.clear();
  }
}

/** A copy to transfer, of the picture only: cloning a view would copy its whole buffer. */
export function packedBytes(picture: Present): Packed {
  if (typeof picture === 'string') return { sent: picture, transfer: [] };
  if (isPixels(picture)) {
    const { width, height, data, channels } = picture;
    const copy = copyOf(data);
    const sent = { width, height, data: copy, ...(channels !== undefined && { channels }) };
    return { sent, transfer: [copy.buffer] };
  }
  const copy = copyOf(picture as Uint8Array);
  return { sent: copy, transfer: [copy.buffer] };
}

/** A Buffer's own `slice` would not copy; an array whose buffer was transferred is empty, and its constructor throws. */
const copyOf = (data: Uint8Array | Uint8ClampedArray): Uint8Array =>
  data.length === 0 ? new Uint8Array() : new Uint8Array(data);

/** Options without functions. */
export type PlainOptions = Omit<LoadOptions, 'onProgress'>;

/** Replaces URL objects by strings, which can be cloned. */
export function plainOptions(options: PlainOptions): PlainOptions {
  const { models } = options;
  if (!Array.isArray(models)) return options;
  const text = <T>(model: T) => (model instanceof URL ? model.href : model);
  return {
    ...options,
    models: models.map((model) =>
      typeof model === 'object' && model !== null && 'model' in model
        ? { ...model, model: text(model.model) }
        : text(model),
    ),
  };
}
