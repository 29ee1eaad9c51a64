/** Max pooling. */
import { intAttribute, intsAttribute } from '../../onnx/index.js';
import type { Rule } from './blocking.js';
import { window2d } from './geometry.js';
import { maxPool as pool } from './kernels.js';

export const maxPool: Rule = (b, node) => {
  const { store } = b;
  const [x] = node.inputs as [string];
  const sizes = store.blockable(x);
  const plain = node.outputs.length > 1 || intAttribute(node, 'ceil_mode', 0) === 1;
  if (!sizes || plain || !store.offered(x).includes('channels')) return false;
  const window = window2d(node, intsAttribute(node, 'kernel_shape', []), sizes.slice(2));
  if (window === undefined) return false;
  store.set(node.outputs[0]!, 'channels', pool(b.g, store.in(x, 'channels'), window));
  return true;
};
