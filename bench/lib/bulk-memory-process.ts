/**
 * One kind of work on very many pictures, without networks, and what memory it took:
 * `bulk-memory-process.ts PHASE FOLDER PICTURES`, where FOLDER has the list `pictures.txt`.
 */
import path from 'node:path';
import { yearClasses } from '../../src/age/index.js';
import {
  type EstimateRequest,
  estimateAll,
  estimatesInfo,
  type IndexedRecord,
  inShard,
  joinEstimates,
  listedPictures,
  parquetOf,
  recordRows,
  writeEstimates,
  writeResults,
} from '../../src/bulk/node.js';
import { type AgeEstimator, FaceEstimate } from '../../src/estimate/index.js';

export type BulkPhase = 'estimate' | 'shards' | 'join';

export interface BulkMeasured {
  readonly seconds: number;
  /** The process's largest resident set. */
  readonly peakBytes: number;
}

/** Few enough that each has a full row group, of which one of each is in memory. */
const SHARDS = 4;

const [phase, folder, pictures] = process.argv.slice(2) as [BulkPhase, string, string];
const list = path.join(folder, 'pictures.txt');
const shardPath = (number: number) => path.join(folder, `part-${number}.parquet`);

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

const WORK: Record<BulkPhase, () => Promise<void>> = {
  async estimate() {
    const out = path.join(folder, 'out.parquet');
    await writeResults(out, records, listedPictures(list), { request, write: parquetOf(request) });
    await mustHaveAll(out);
  },
  async shards() {
    for (let number = 1; number <= SHARDS; number++) {
      const own = { ...request, shard: { number, of: SHARDS } };
      const found: AsyncIterable<IndexedRecord> = records(inShard(listedPictures(list), own.shard));
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
