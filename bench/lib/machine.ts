/** What a benchmark runs on, for the reader of its figures. */
import os from 'node:os';
import { RUNTIME_VERSION } from '../../src/runtime/node.js';
import { probeBlockSize } from '../../src/runtime/probe.js';

/** One sentence: the processor, the size of ONNX Runtime's blocks on it, and versions. */
export async function describeMachine(): Promise<string> {
  const [cpu] = os.cpus();
  const block = await probeBlockSize();
  const kernels = block === undefined ? 'no blocked kernels' : `kernels in blocks of ${block}`;
  const memory = (os.totalmem() / 2 ** 30).toFixed(0);
  return (
    `${cpu?.model.trim() || 'Unknown processor'}, ${os.availableParallelism()} cores, ${memory} GiB; ` +
    `Node ${process.versions.node}, ONNX Runtime ${RUNTIME_VERSION}, ${kernels}`
  );
}
