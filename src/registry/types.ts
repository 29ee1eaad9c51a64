/** Where a model comes from, and what is had of it. */
import type { Model } from '../onnx/index.js';

/** A model by the name of one that ships, by path or address, by its bytes, or with metadata it lacks or a name for messages. */
export type ModelInput =
  | string
  | URL
  | Uint8Array
  | {
      readonly model: string | URL | Uint8Array;
      readonly metadata?: unknown;
      readonly name?: string | undefined;
    };

/** A model as it was read: an `.onnx` file's bytes, its name for messages, and its facts if it lacks them. */
export interface ModelSource {
  readonly bytes: Uint8Array;
  /** What the bytes hold, where they have been parsed already. */
  readonly model?: Model;
  readonly name: string;
  /** The metadata document for a model that carries none (see `ModelMetadataDocument`). */
  readonly metadata?: unknown;
}
