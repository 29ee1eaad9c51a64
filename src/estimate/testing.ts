/** A network for tests. */
import { type ModelMetadataDocument, withDocument } from '../metadata/index.js';
import { GraphBuilder, writeModel } from '../onnx/index.js';

/** A network with constant logits `ages` over 0..100, and the brightness of the left half. */
export function constantModel(age: number, metadata = true): Uint8Array {
  const g = new GraphBuilder({ opset: 18 });
  const image = g.input('image', 'float32', ['N', 3, 8, 8]);
  const mean = g.op('ReduceMean', [image, g.ints([1, 2, 3])], { keepdims: 0 });
  const column = g.reshape(mean, [-1, 1]);
  const logits = Float32Array.from({ length: 101 }, (_, k) => (k === age ? 50 : 0));
  const zero = g.op('Mul', [column, g.scalar(0)]);
  g.output(g.op('Add', [zero, g.parameter('logits', 'float32', [1, 101], logits)]), 'age');
  const left = g.op('Slice', [image, g.ints([0]), g.ints([4]), g.ints([3])]);
  const brightness = g.op('ReduceMean', [left, g.ints([1, 2, 3])], { keepdims: 0 });
  g.output(g.reshape(brightness, [-1, 1]), 'gender');
  const model = g.build();
  return writeModel(metadata ? withDocument(model, DOCUMENT) : model);
}

export const DOCUMENT: ModelMetadataDocument = {
  formatVersion: 1,
  name: 'constant',
  input: {
    width: 8,
    height: 8,
    color: 'RGB',
    layout: 'NCHW',
    mean: [0, 0, 0],
    scale: [1 / 255, 1 / 255, 1 / 255],
    margin: 0,
    crop: 'square',
    alignment: 'none',
  },
  age: { name: 'age', activation: 'logits', classes: Array.from({ length: 101 }, (_, k) => k) },
  gender: { name: 'gender', activation: 'probabilities', labels: ['male', 'female'] },
  provenance: { backbone: '', data: '', recipe: '', licence: '', source: '' },
  metrics: {},
};
