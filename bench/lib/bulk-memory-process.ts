/**
 * One kind of work on very many pictures, without networks, and what memory it took:
 * `bulk-memory-process.ts PHASE FOLDER PICTURES SHARDS`, where FOLDER has the list `pictures.txt` and the folder `flat`.
 */
import path from 'node:path';
import { yearClasses } from '../../src/age/index.js';
import {
  type BulkPicture,
  type EstimateRequest,
  estimateAll,
  estimatesInfo,
  type IndexedRecord,
  joinEstimates,
  listedPictures,
  openStore,
  parquetOf,
  recordRows,
  writeEstimates,
  writeResults,
} from '../../src/bulk/node.js';
import { StoreWriter } from '../../src/data/index.js';
import { type AgeEstimator, FaceEstimate } from '../../src/estimate/index.js';
import { sortedEntries } from '../../src/files/index.js';

export type BulkPhase = 'folder' | 'estimate' | 'makeStore' | 'store' | 'shards' | 'join';

export interface BulkMeasured {
  readonly seconds: number;
  /** The process's largest resident set. */
  readonly peakBytes: number;
}

const [phase, folder, pictures, shards] = process.argv.slice(2) as [BulkPhase, string, string, string];
const SHARDS = Number(shards);
const list = path.join(folder, 'pictures.txt');
const shardPath = (number: number) => path.join(folder, `part-${number}.parquet`);

const PICTURE_BYTES = 1000;

const request: EstimateRequest = {
  version: '0',
  models: [{ name: 'none', sha256: '0' }],
  options: { device: 'cpu', gender: true, turn: true, flip: false, cropped: false },
  details: { distribution: false, atLeast: [18] },
  inputs: [list],
};

const classes = yearClasses();
const face = new FaceEstimate({
  box: { x: 1, y: 2, width: 30, height: 40 },
  score: 0.9,
  landmarks: null,
  age: 30.25,
  median: 30,
  std: 5,
  interval: [22, 39],
  gender: { label: 'female', probability: 0.9 },
  distribution: { classes, probabilities: classes.map(() => 1 / classes.length) },
});

/** Says the same of every picture, at once. */
const estimator: Pick<AgeEstimator, 'stream'> = {
  async *stream(images) {
    let index = 0;
    for await (const _ of images) yield { index: index++, width: 64, height: 48, faces: [face] };
  },
};

const records = (found: AsyncIterable<{ readonly index: number; readonly file: string }>) =>
  estimateAll(estimator, found as Parameters<typeof estimateAll>[1], { details: request.details });

/** A shard's pictures, without reading the list and the disk once a shard. */
async function* everyNth(number: number): AsyncGenerator<BulkPicture> {
  const bytes = new Uint8Array();
  for (let index = number - 1; index < Number(pictures); index += SHARDS) {
    yield { index, file: 'picture.jpg', picture: async () => bytes };
  }
}

const WORK: Record<BulkPhase, () => Promise<void>> = {
  async folder() {
    let found = 0;
    for await (const _ of await sortedEntries(path.join(folder, 'flat'), () => true)) found++;
    if (found !== Number(pictures)) throw new Error(`expected ${pictures} pictures, found ${found}`);
  },
  async estimate() {
    const out = path.join(folder, 'out.parquet');
    await writeResults(out, records, listedPictures(list), { request, write: parquetOf(request) });
    await mustHaveAll(out);
  },
  async makeStore() {
    const writer = await StoreWriter.create(path.join(folder, 'store'), {
      origin: { id: 'none', title: 'None', homepage: '', citation: '', terms: '', labels: 'exact age' },
      options: { reader: {}, cleaning: {}, pictures: { size: null, quality: null, crop: null } },
    });
    const image = new Uint8Array(PICTURE_BYTES);
    for (let i = 0; i < Number(pictures); i++) {
      await writer.append({ path: `${i}.jpg`, image, age: { age: i % 100 } });
    }
    await writer.finish({ threshold: null, groups: [] });
  },
  async store() {
    const store = await openStore(path.join(folder, 'store'));
    const out = path.join(folder, 'of-store.parquet');
    await writeEstimates(out, request, recordRows(records(store.pictures()), request));
    await store.close();
    await mustHaveAll(out);
  },
  async shards() {
    for (let number = 1; number <= SHARDS; number++) {
      const own = { ...request, shard: { number, of: SHARDS } };
      const found: AsyncIterable<IndexedRecord> = records(everyNth(number));
      await writeEstimates(shardPath(number), own, recordRows(found, own));
    }
  },
  async join() {
    const out = path.join(folder, 'joined.parquet');
    const parts = Array.from({ length: SHARDS }, (_, i) => ({ path: shardPath(i + 1), first: i }));
    await joinEstimates(out, parts, request, { pictures: Number(pictures) });
    await mustHaveAll(out);
  },
};

async function mustHaveAll(out: string): Promise<void> {
  const found = (await estimatesInfo(out))?.pictures;
  if (found !== Number(pictures)) throw new Error(`${out}: expected ${pictures} pictures, found ${found}`);
}

const start = performance.now();
await WORK[phase]();
const seconds = (performance.now() - start) / 1000;
// Linux and macOS differ in the unit, Node does not: kilobytes.
const peakBytes = process.resourceUsage().maxRSS * 1024;
console.log(JSON.stringify({ seconds, peakBytes } satisfies BulkMeasured));
