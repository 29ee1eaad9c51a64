/**
 * What a first estimate cannot do without, and nothing else: Node, ONNX Runtime with sessions from cached models, one run of
 * each, and sharp. The process's argument is a folder of optimized models.
 */
import { readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { type Peer, serve } from './worker.js';

const require = createRequire(path.resolve('package.json'));

/** A batch of one, and pictures of 192 pixels. */
const SIDE = 192;

serve(async (): Promise<Peer> => {
  const ort: typeof import('onnxruntime-node') = require('onnxruntime-node');
  const sharp: typeof import('sharp').default = require('sharp');
  const folder = process.argv[2]!;
  for (const name of await readdir(folder)) {
    if (!name.endsWith('.onnx')) continue;
    const session = await ort.InferenceSession.create(path.join(folder, name), {
      executionProviders: ['cpu'],
      graphOptimizationLevel: 'disabled',
      intraOpNumThreads: 2,
      enableMemPattern: false,
    });
    const inputs: Record<string, import('onnxruntime-node').Tensor> = {};
    for (const input of session.inputMetadata) {
      if (!input.isTensor) continue;
      const { type, shape } = input;
      const dims = shape.map((size, axis) => (typeof size === 'number' ? size : axis === 0 ? 1 : SIDE));
      const count = dims.reduce((product, size) => product * size, 1);
      inputs[input.name] =
        type === 'uint8'
          ? new ort.Tensor('uint8', new Uint8Array(count), dims)
          : new ort.Tensor('float32', new Float32Array(count), dims);
    }
    await session.run(inputs);
  }
  return {
    description: 'ONNX Runtime and sharp alone',
    estimate: async (files) => {
      for (const file of files)
        await sharp(file as string)
          .raw()
          .toBuffer();
      return files.map(() => []);
    },
  };
});
