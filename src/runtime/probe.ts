/** Detects what this machine's CPU provider offers beyond ONNX's operators. */
import { GraphBuilder, writeModel } from '../onnx/index.js';
import { createSession } from './node.js';
import { RuntimeError, type Session } from './session.js';
import { floatData, floatTensor } from './tensor.js';

/** A multiple of all block sizes. */
const CHANNELS = 64;
const POSITIONS = 2;

let found: Promise<8 | 16 | undefined> | undefined;

/**
 * The number of channels in a block of ONNX Runtime's blocked kernels (its domain `com.microsoft.nchwc`): 8 on AVX and
 * AVX2, 16 on AVX-512; undefined if there are none, as in WebAssembly. Detected once per process, with a graph that
 * reorders numbers into blocks.
 */
export function probeBlockSize(): Promise<8 | 16 | undefined> {
  found ??= probe();
  return found;
}

async function probe(): Promise<8 | 16 | undefined> {
  const g = new GraphBuilder({ name: 'probe' });
  const x = g.input('x', 'float32', [1, CHANNELS, 1, POSITIONS]);
  const types = [{ dtype: 'float32' as const, shape: [1, CHANNELS, 1, POSITIONS] }];
  g.output(g.custom('com.microsoft.nchwc', 'ReorderInput', 1, [x], { types })[0], 'y');
  let session: Session;
  try {
    session = await createSession(writeModel(g.build()), 'probe', { threads: 1 });
  } catch (error) {
    if (error instanceof RuntimeError) return undefined;
    throw error;
  }
  try {
    const values = Float32Array.from({ length: CHANNELS * POSITIONS }, (_, i) => i);
    const { y } = await session.run({ x: floatTensor(values, [1, CHANNELS, 1, POSITIONS]) });
    // The second position of the first channel, with value 1, follows the first block.
    const block = floatData(y!).indexOf(1);
    return block === 8 || block === 16 ? block : undefined;
  } finally {
    await session.dispose();
  }
}
