/**
 * One kind of work on a large store, and its cost:
 * `large-store-process.ts PHASE PICTURES STORE ROWS`, where PICTURES is a store whose pictures are repeated.
 */
import { type DatasetReader, importDataset, inspectStore, type Sample, Store } from '../../src/data/index.js';
import { seededRandom } from './random.js';

export type Phase = 'import' | 'inspect' | 'iterate';

export interface Measured {
  readonly seconds: number;
  /** The process's largest resident set. */
  readonly peakBytes: number;
}

const READS_AT_RANDOM = 100_000;
const SEED = 7;

const [phase, pictures, store, rows] = process.argv.slice(2) as [Phase, string, string, string];
const work: Record<Phase, () => Promise<void>> = { import: importRows, inspect, iterate };
const start = performance.now();
await work[phase]();
const seconds = (performance.now() - start) / 1000;
// Linux and macOS differ in the unit, Node does not: kilobytes.
const peakBytes = process.resourceUsage().maxRSS * 1024;
console.log(JSON.stringify({ seconds, peakBytes } satisfies Measured));

async function importRows(): Promise<void> {
  await importDataset('', store, { reader: await repeated(Number(rows)) });
}

/** The pictures again and again under new names, each with its own labels. */
async function repeated(count: number): Promise<DatasetReader> {
  const source = await Store.open(pictures);
  const samples: Omit<Sample, 'path'>[] = [];
  for await (const { index, path: _path, source: _source, ...labels } of source.rows()) {
    const bytes = await source.image(index);
    samples.push({ ...labels, image: { bytes: async () => bytes } });
  }
  const { id, title, homepage, citation, terms, labels } = source.info;
  await source.close();
  return {
    id,
    title,
    homepage,
    citation,
    terms,
    labels,
    options: {},
    async *read() {
      for (let i = 0; i < count; i++) yield { path: `${i}.jpg`, ...samples[i % samples.length]! };
    },
  };
}

async function inspect(): Promise<void> {
  const opened = await Store.open(store);
  await inspectStore(opened);
  await opened.close();
}

async function iterate(): Promise<void> {
  const opened = await Store.open(store);
  for await (const { index } of opened.rows()) await opened.image(index);
  const random = seededRandom(SEED);
  for (let i = 0; i < READS_AT_RANDOM; i++) await opened.image(Math.floor(random() * opened.length));
  await opened.close();
}
