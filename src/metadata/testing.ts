/** Metadata for tests. */
import type { ModelMetadataDocument } from './document.js';
import type { InputSpec } from './input.js';

/** An input of 8 × 8 unscaled RGB values. */
export const testInput = (changes: Partial<InputSpec> = {}): InputSpec => ({
  width: 8,
  height: 8,
  color: 'RGB',
  layout: 'NCHW',
  mean: [0, 0, 0],
  scale: [1, 1, 1],
  margin: 0,
  crop: 'square',
  alignment: 'none',
  ...changes,
});

/** The document of a model without outputs. */
export const testDocument = (changes: Partial<ModelMetadataDocument> = {}): ModelMetadataDocument => ({
  formatVersion: 1,
  name: 'test',
  input: testInput(),
  age: null,
  gender: null,
  provenance: { backbone: '', data: '', recipe: '', licence: '', source: '' },
  metrics: {},
  ...changes,
});
