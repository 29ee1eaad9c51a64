/** A model's metadata properties: text by key. The writer of a key defines its meaning. */
import type { Model } from './graph.js';

/** The model with property `key` set to `value`, or without it if `value` is undefined. */
export function withMetadata(model: Model, key: string, value: string | undefined): Model {
  const metadata = new Map(model.metadata);
  if (value === undefined) metadata.delete(key);
  else metadata.set(key, value);
  return { ...model, metadata };
}
