/** Labelled pictures to evaluate models on: rows of a store, or a data set as its authors publish it. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { AgeLabel, Gender } from '../age/index.js';
import {
  boxesOf,
  type DatasetReader,
  detectorBox,
  encodedPicture,
  isRejection,
  type ReaderOptions,
  type RejectionReason,
  readSplit,
  type Sample,
  Store,
} from '../data/index.js';
import { exists } from '../files/index.js';
import { EvaluationError } from './error.js';

/** A picture of one person, with labels. */
export interface LabelledPicture {
  /** Its path inside the data set. */
  readonly file: string;
  readonly label?: AgeLabel | undefined;
  readonly gender?: Gender | undefined;
  /** `race`, `identity` and `set`, if known. */
  readonly columns: Readonly<Record<string, string | undefined>>;
  /** In pixels of the upright picture. */
  readonly box?: Sample['faceBox'];
  /** @throws AgewiseError if it cannot be read */
  bytes(): Promise<Uint8Array>;
}

/** The source of pictures, as predictions and reports record it. */
export interface PicturesOrigin {
  /** As the caller named it. */
  readonly path: string;
  readonly title: string;
  readonly set: string;
  /** A store's fingerprint, split and part, and the SHA-256 of its row numbers as 32-bit integers; null for other sources. */
  readonly fingerprint: string | null;
  readonly split: string | null;
  readonly part: string | null;
  readonly rows: string | null;
}

export interface LabelledPictures {
  readonly origin: PicturesOrigin;
  /** The number of pictures; undefined if known only at the end. */
  readonly count: number | undefined;
  /** Pictures or label lines that the reader left out, each with the reason in a sentence; complete at the end. */
  readonly leftOut: readonly {
    readonly file: string;
    readonly reason: RejectionReason;
    readonly problem: string;
  }[];
  /** All pictures, in an order that depends only on the source. */
  pictures(): AsyncIterable<LabelledPicture>;
  close(): Promise<void>;
}

export interface StoreSelection {
  /** The name of a split in the store's folder, or the path of a split file. */
  readonly split?: string | undefined;
  readonly part?: string | undefined;
}

/** Pictures of a store, which can be read from any place on. */
export interface StorePictures extends LabelledPictures {
  readonly count: number;
  /** @param first the place of the first picture; what lies before it is not read */
  pictures(first?: number): AsyncIterable<LabelledPicture>;
}

const SPLIT_ENDING = '.split.json';

/** The rows of a store, or of a part of it. */
export async function storePictures(
  folder: string,
  { split, part }: StoreSelection = {},
): Promise<StorePictures> {
  const store = await Store.open(folder);
  try {
    const rows = await selectedRows(store, split, part);
    const digest = createHash('sha256').update(new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength));
    return {
      origin: {
        path: folder,
        title: store.info.title,
        set: store.info.id,
        fingerprint: store.info.fingerprint,
        split: split ?? null,
        part: part ?? null,
        rows: digest.digest('hex'),
      },
      count: rows.length,
      leftOut: [],
      pictures: (first = 0) => storeRows(store, rows, first),
      close: () => store.close(),
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function selectedRows(
  store: Store,
  split: string | undefined,
  part: string | undefined,
): Promise<Uint32Array> {
  if (split === undefined && part === undefined)
    return Uint32Array.from({ length: store.length }, (_, i) => i);
  if (split === undefined || part === undefined) {
    const [given, missing] = split === undefined ? ['a part', 'no split'] : ['a split', 'no part'];
    throw new EvaluationError(
      {
        subject: store.folder,
        expected: 'a split and a part of it, or neither',
        found: `${given} and ${missing}`,
      },
      { kind: 'usage' },
    );
  }
  const named = join(store.folder, `${split}${SPLIT_ENDING}`);
  const { parts } = await readSplit(
    (await exists(named)) ? named : split.endsWith(SPLIT_ENDING) ? split : named,
    store,
  );
  const rows = parts.get(part);
  if (rows !== undefined) return rows;
  throw new EvaluationError(
    {
      subject: `Split '${split}'`,
      expected: `one of its parts, ${[...parts.keys()].join(', ')}`,
      found: `'${part}'`,
    },
    { kind: 'missing' },
  );
}

async function* storeRows(store: Store, rows: Uint32Array, first: number): AsyncGenerator<LabelledPicture> {
  let next = first;
  const { boxes } = store.info;
  const known = boxes && boxesOf(boxes);
  if (next >= rows.length) return;
  for await (const row of store.rows(rows[next]!)) {
    if (row.index !== rows[next]) continue;
    next++;
    const { index, path, source, age, gender, race, identity, faceBox } = row;
    yield {
      file: path,
      label: age,
      gender,
      columns: { race, identity, set: source },
      ...(faceBox && { box: known ? detectorBox(faceBox, known) : faceBox }),
      bytes: () => store.image(index),
    };
    if (next === rows.length) return;
  }
}

/** A data set as its authors publish it, or your own folder or CSV file, read picture by picture. */
export async function datasetPictures(
  reader: DatasetReader,
  source: string,
  options: ReaderOptions = {},
): Promise<LabelledPictures> {
  const leftOut: LabelledPictures['leftOut'][number][] = [];
  return {
    origin: {
      path: source,
      title: reader.title,
      set: reader.id,
      fingerprint: null,
      split: null,
      part: null,
      rows: null,
    },
    count: undefined,
    leftOut,
    async *pictures() {
      leftOut.length = 0;
      for await (const reading of reader.read(source, options)) {
        if (isRejection(reading)) {
          const { path, reason, detail } = reading;
          leftOut.push({ file: path, reason, problem: `${path}: ${detail}` });
          continue;
        }
        const { path, age, gender, race, identity, faceBox } = reading;
        yield {
          file: path,
          label: age,
          gender,
          columns: { race, identity, set: reader.id },
          ...(faceBox && { box: faceBox }),
          bytes: () => encodedPicture(reading),
        };
      }
    },
    close: async () => {},
  };
}
