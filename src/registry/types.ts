/** Where a model comes from, and what was read of it. */
import type { Model } from '../onnx/index.js';

/** A model by shipped name, path, URL or bytes; or an object that adds metadata it lacks or a name for messages. */
export type ModelInput =
  | string
  | URL
  | Uint8Array
  | {
      readonly model: string | URL | Uint8Array;
      readonly metadata?: unknown;
      readonly name?: string | undefined;
    };

/** A model as read: the bytes of an `.onnx` file, its name for messages, and metadata if it lacks them. */
export interface ModelSource {
  readonly bytes: Uint8Array;
  /** The parsed bytes, if they have been parsed already. */
  readonly model?: Model;
  readonly name: string;
  /** Whether it comes with this package, and so needs no check of what a run of it takes. */
  readonly shipped?: boolean;
  /** The metadata document for a model that carries none (see `ModelMetadataDocument`). */
  readonly metadata?: unknown;
}
