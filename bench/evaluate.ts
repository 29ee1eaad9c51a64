/**
 * The processor time of an evaluation compared with its indispensable part:
 *
 *     npm run bench:evaluate [-- STORE] [--faces 20000]
 *
 * Faces of 224 px from a store (or drawn ones) are evaluated as by `agewise evaluate --cropped`, with figures and intervals,
 * and, in turn, the same pictures are only decoded and run through the network. Parts of both alternate, so that a busy
 * machine slows both.
 */
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { decodePicture } from '../src/data/index.js';
import { loadFaceNetworks } from '../src/estimate/node.js';
import {
  evaluatePredictions,
  type LabelledPicture,
  type PredictedFace,
  predictFaces,
  storePictures,
} from '../src/evaluate/index.js';
import { readMetadata } from '../src/metadata/index.js';
import { readModel } from '../src/onnx/index.js';
import { Random } from '../src/random/index.js';
import { readModelSource } from '../src/registry/node.js';
import { floatTensor } from '../src/runtime/index.js';
import { createSession } from '../src/runtime/node.js';
import { runBenchmark } from './lib/report.js';

const MODEL = 'agewise-base';
const SIDE = 224;
const BATCH = 32;
/** The number of faces in a part. */
const PART = 512;
const MOST_TIMES = 1.1;
/** How many bytes the last quarter may take more than the first, apart from predictions. */
const MOST_GROWTH = 150e6;

const { values, positionals } = parseArgs({
  options: { faces: { type: 'string', default: '20000' } },
  allowPositionals: true,
});

async function drawnPictures(): Promise<LabelledPicture[]> {
  const random = new Random(1);
  return Promise.all(
    Array.from({ length: 64 }, async (_, i) => {
      const noise = Uint8Array.from({ length: 3 * 28 * 28 }, () => random.below(256));
      const bytes = await sharp(noise, { raw: { width: 28, height: 28, channels: 3 } })
        .resize(SIDE, SIDE)
        .jpeg()
        .toBuffer();
      const gender = i % 2 === 0 ? ('female' as const) : ('male' as const);
      return {
        file: `${i}.jpg`,
        label: { age: 1 + ((i * 7) % 80) },
        gender,
        columns: { race: 'abcd'[i % 4] },
        bytes: async () => bytes,
      };
    }),
  );
}

async function pictures(): Promise<LabelledPicture[]> {
  const [folder] = positionals;
  if (folder === undefined) return drawnPictures();
  const kept: LabelledPicture[] = [];
  for await (const picture of (await storePictures(folder)).pictures()) {
    // Bytes are read beforehand, so that the disk is not measured.
    const bytes = await sharp(await picture.bytes())
      .resize(SIDE, SIDE, { fit: 'fill' })
      .jpeg()
      .toBuffer();
    const { box: _, ...rest } = picture;
    kept.push({ ...rest, bytes: async () => bytes });
    if (kept.length === 2048) break;
  }
  return kept;
}

const seconds = ({ user, system }: NodeJS.CpuUsage) => (user + system) / 1e6;

await runBenchmark(async () => {
  const wanted = Number(values.faces);
  const some = await pictures();
  const at = (i: number) => some[i % some.length]!;
  const { bytes, name } = await readModelSource(MODEL);
  const metadata = readMetadata(readModel(bytes), name);
  const { width, height, layout } = metadata.input;
  const session = await createSession(bytes, name);
  const networks = await loadFaceNetworks({ models: [{ name, model: bytes }], cropped: true });
  const outputs = [metadata.age!.name, ...(metadata.gender === null ? [] : [metadata.gender.name])];
  const input = readModel(bytes).graph.inputs[0]!.name;
  const crops = new Float32Array(BATCH * 3 * width * height).fill(0.1);
  const shape = layout === 'NCHW' ? [BATCH, 3, height, width] : [BATCH, height, width, 3];

  const faces: PredictedFace[] = [];
  const memory: number[] = [];
  let [bare, whole] = [0, 0];
  for (let from = 0; from < wanted; from += PART) {
    const count = Math.min(PART, wanted - from);
    let start = process.cpuUsage();
    for (let i = 0; i < count; i += BATCH) {
      for (let k = i; k < Math.min(count, i + BATCH); k++) {
        const picture = at(from + k);
        await decodePicture(await picture.bytes(), picture.file);
      }
      await session.run({ [input]: floatTensor(crops, shape) }, outputs);
    }
    bare += seconds(process.cpuUsage(start));
    start = process.cpuUsage();
    const part = (async function* () {
      for (let k = 0; k < count; k++) yield at(from + k);
    })();
    for await (const batch of predictFaces(part, networks)) faces.push(...batch);
    whole += seconds(process.cpuUsage(start));
    memory.push(process.memoryUsage().rss);
  }
  const start = process.cpuUsage();
  const data = {
    path: 'bench',
    title: 'Faces',
    set: 'bench',
    fingerprint: null,
    split: null,
    part: null,
    rows: null,
  };
  const models = [
    {
      name,
      sha256: '',
      youngest: 0,
      oldest: 100,
      memberOf: null,
      calibratedOn: null,
      trainedOn: null,
      interval: null,
    },
  ];
  evaluatePredictions({ info: { models, data, cropped: true, flip: false }, faces, leftOut: [] });
  const figures = seconds(process.cpuUsage(start));
  await networks.dispose();
  await session.dispose();
  console.log(
    `${wanted} faces: decoding and network ${bare.toFixed(1)} s, evaluation ${(whole + figures).toFixed(1)} s, of which figures and intervals ${figures.toFixed(1)} s of processor time`,
  );
  const quarter = Math.max(1, Math.floor(memory.length / 4));
  const growth = Math.max(...memory.slice(-quarter)) - Math.max(...memory.slice(0, quarter));
  return [
    {
      name: 'processor time beside decoding and network',
      measured: (whole + figures) / bare,
      bound: MOST_TIMES,
      kind: 'at most',
      format: (times: number) => times.toFixed(3),
    },
    {
      name: 'growth of memory, MB',
      measured: growth,
      bound: MOST_GROWTH,
      kind: 'at most',
      format: (size: number) => (size / 1e6).toFixed(0),
    },
  ];
});
