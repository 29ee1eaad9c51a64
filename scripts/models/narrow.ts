/**
 * Makes a narrower copy of a model's backbone, to start a smaller model from:
 *
 *     npx tsx scripts/models/narrow.ts MODEL.onnx OUT.onnx --data STORE ... [--share 0.75] [--size 128] [--faces 256]
 *
 * --data   stores; channels are measured on faces of their training parts (split hash)
 * --share  the share of each layer's channels to keep, rounded to a multiple of 16
 * --size   the size of the pictures in pixels
 * --faces  the number of faces to measure on
 *
 * A recipe names the result as `network.backbone`.
 */
import { parseArgs } from 'node:util';
import { NETWORK_INPUT_KEY } from '../../src/metadata/index.js';
import { writeModelFile } from '../../src/onnx/file.js';
import { withMetadata } from '../../src/onnx/index.js';
import { loadBackbone } from '../../src/train/index.js';
import { narrow } from './narrowing.js';
import { trainingFaces } from './training-faces.js';

const { values, positionals } = parseArgs({
  options: {
    data: { type: 'string', multiple: true, default: [] },
    share: { type: 'string', default: '0.75' },
    size: { type: 'string', default: '128' },
    faces: { type: 'string', default: '256' },
  },
  allowPositionals: true,
});
const [file, out] = positionals;
const [share, size, faces] = [values.share, values.size, values.faces].map(Number) as [
  number,
  number,
  number,
];
if (out === undefined || values.data.length === 0 || !(share > 0 && share <= 1) || !(size > 0 && faces > 0)) {
  throw new Error('usage: narrow.ts MODEL.onnx OUT.onnx --data STORE ... [--share S] [--size N] [--faces N]');
}

const backbone = await loadBackbone({ file: file!, input: { width: size, height: size } });
const images = await trainingFaces(values.data, backbone.input, faces);
const { model, channels, errors } = await narrow(backbone, images, share);
const { width, height, color, mean, scale } = backbone.input;
await writeModelFile(
  out,
  withMetadata(model, NETWORK_INPUT_KEY, JSON.stringify({ width, height, color, mean, scale })),
);
const parameters = [...model.graph.initializers.values()].reduce(
  (sum, { dims }) => sum + dims.reduce((a, b) => a * b, 1),
  0,
);
console.log(`${out}: ${(parameters / 1e6).toFixed(2)} million parameters, channels ${channels.join(', ')}`);
console.log(`Left of each product's variance: ${errors.map((e) => `${(100 * e).toFixed(0)}%`).join(', ')}`);
