/** A network and faces for tests. */
import { yearClasses } from '../age/index.js';
import { withDocument } from '../metadata/index.js';
import { testDocument, testInput } from '../metadata/testing.js';
import { GraphBuilder, writeModel } from '../onnx/index.js';
import type { FaceData } from './face-data.js';

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

export const DOCUMENT = testDocument({
  name: 'constant',
  input: testInput({ scale: [1 / 255, 1 / 255, 1 / 255] }),
  age: { name: 'age', activation: 'logits', classes: Array.from({ length: 101 }, (_, k) => k) },
  gender: { name: 'gender', activation: 'probabilities', labels: ['male', 'female'] },
});

/** A face that is certain to be of an age in years, with plausible other values. */
export const testFace = (age: number, changes: Partial<FaceData> = {}): FaceData => ({
  box: { x: 50, y: 50, width: 100, height: 110 },
  score: 0.9,
  landmarks: {
    rightEye: { x: 80, y: 90 },
    leftEye: { x: 120, y: 90 },
    nose: { x: 100, y: 110 },
    mouth: { x: 100, y: 130 },
  },
  age,
  median: age,
  std: 3,
  interval: [age - 5, age + 5],
  distribution: {
    classes: yearClasses(),
    probabilities: yearClasses().map(({ from }) => Number(from === age)),
  },
  ...changes,
});

/** A face whose numbers need rounding, without a distribution. */
export const UNROUNDED = {
  box: { x: -0.04, y: 10.06, width: 99.96, height: 120 },
  score: 0.98765,
  landmarks: {
    rightEye: { x: 1.25, y: 2 },
    leftEye: { x: 3, y: 4 },
    nose: { x: 5, y: 6 },
    mouth: { x: 7, y: 8.06 },
  },
  age: 34.5678,
  median: 34.004,
  std: 8.005,
  interval: [21.0049, 48.999],
  gender: { label: 'female', probability: 0.91236 },
} as const;

/** The same face as it is printed. */
export const ROUNDED = {
  box: { x: 0, y: 10.1, width: 100, height: 120 },
  score: 0.9877,
  landmarks: {
    rightEye: { x: 1.3, y: 2 },
    leftEye: { x: 3, y: 4 },
    nose: { x: 5, y: 6 },
    mouth: { x: 7, y: 8.1 },
  },
  age: 34.57,
  median: 34,
  std: 8.01,
  interval: [21, 49],
  gender: { label: 'female', probability: 0.9124 },
} as const;
