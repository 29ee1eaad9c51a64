/**
 * Imports a data set into a store: reader → rules over labels → pictures → Parquet, as a stream. Pictures are processed
 * concurrently and stored in the reader's order, so that the same source and options give the same bytes.
 */

import type { ErrorKind } from '../../errors/index.js';
import { isDiskFull, isRefusal, reasonOf } from '../../files/index.js';
import { type FaceDetector, PixelBudget } from '../../vision/index.js';
import { type CleaningRules, rejectLabels } from '../cleaning/index.js';
import { NEAR_DUPLICATE_BITS, PictureSignatures } from '../duplicates/index.js';
import { measureStore, spread } from '../framing/index.js';
import { type NewRow, type Store, type StoredPictures, type StoreInfo, StoreWriter } from '../store/index.js';
import {
  DataError,
  type DatasetReader,
  isRejection,
  type ReaderOptions,
  type Reading,
  type Rejection,
  type Sample,
} from '../types.js';
import type { Corrections } from './corrections.js';
import { limitedTo } from './limit.js';
import { GroupWatch } from './lost-groups.js';
import { mapInOrder } from './map-in-order.js';
import { type PictureOptions, type PreparedPicture, preparePicture } from './picture.js';

export interface ImportOptions {
  readonly reader: DatasetReader;
  readonly readerOptions?: ReaderOptions;
  /** Which samples are used. By default all that have an age and a picture. */
  readonly rules?: CleaningRules;
  /** How pictures are changed. By default they are stored as they are. */
  readonly pictures?: PictureChanges;
  /** Needed if `pictures.crop.by` is `detector`; otherwise it measures how pictures and the set's boxes frame faces. */
  readonly detector?: Pick<FaceDetector, 'detect'>;
  /** Excluded pictures and corrected labels. */
  readonly corrections?: Corrections;
  /** The maximum number of pictures among those whose labels pass the rules; chosen by the hashes of their paths. */
  readonly limit?: number;
  /** Whether to find near-duplicates. Default true. */
  readonly duplicates?: boolean;
  /** Whether to replace an existing store. Default false. */
  readonly overwrite?: boolean;
  /** The maximum number of pixels of a picture; see `decodeImage`. */
  readonly maxPixels?: number;
  /** The number of pictures processed concurrently; default `AHEAD`. */
  readonly ahead?: number;
  /** Ends the import; `importDataset` then throws its reason. */
  readonly signal?: AbortSignal;
  /** Called when folders of interrupted imports have been removed. */
  onCleanStart?(removed: readonly string[]): void;
  /** Called with sentences about groups emptied by rules, and corrections without effect. */
  onNotice?(sentence: string): void;
  /** Called with the number of samples and rejections processed. */
  onProgress?(done: number): void;
}

export interface PictureChanges {
  /** The maximum longer side in pixels; larger pictures are shrunk. Default: no limit. */
  readonly size?: number;
  /** JPEG quality in 1..100; if given, all pictures are re-encoded. Default 90 for those that must be. */
  readonly quality?: number;
  readonly crop?: NonNullable<StoredPictures['crop']>;
}

/** JPEG quality at which a 128 px face shows no blocks. */
const QUALITY = 90;

/** Enough to keep sharp's threads busy while the next pictures are read and the last ones written. */
const AHEAD = 16;
/** The maximum number of pixels of pictures that are processed at the same time: 300 MB decoded. */
const MOST_PIXELS = 100e6;

/**
 * Imports a data set. If it ends early, by an error, a full disk or the signal, nothing is left under `folder`;
 * leftovers of a killed process are removed by the next import of that name.
 *
 * @param source the data set's folder or file
 * @param folder the store to create
 * @returns the store's description
 * @throws DataError if the source cannot be read, no picture of it can be used, or the store cannot be written
 * @example
 * // Pictures in folders named by age: faces/25/anna.jpg, …
 * const { rows, rejects } = await importDataset('faces', 'faces.store', { reader: readerOf('folders') });
 * rows;    // 20
 * rejects; // {}, or by reason: { 'bad name': 1 }
 */
export async function importDataset(
  source: string,
  folder: string,
  options: ImportOptions,
): Promise<StoreInfo> {
  const { reader, readerOptions = {}, rules = {}, corrections, limit, signal } = options;
  signal?.throwIfAborted();
  const pictures = storedPictures(options.pictures ?? {});
  if (pictures.crop?.by === 'detector' && !options.detector) {
    throw new DataError('expected a detector to crop faces with, found none');
  }
  const writer = await writing(folder, () =>
    StoreWriter.create(folder, {
      origin: reader,
      options: {
        reader: readerOptions,
        cleaning: { ...rules },
        ...(limit !== undefined && { limit }),
        ...(corrections && { corrections: corrections.counts }),
        pictures,
      },
      overwrite: options.overwrite ?? false,
    }),
  );
  if (writer.removed.length > 0) options.onCleanStart?.(writer.removed);
  try {
    const signatures = new PictureSignatures();
    const rooms: number[] = [];
    let done = 0;
    const pictureOptions = {
      pictures,
      rules,
      hash: options.duplicates ?? true,
      budget: new PixelBudget(MOST_PIXELS),
      ...(options.detector && { detector: options.detector }),
      ...(options.maxPixels !== undefined && { maxPixels: options.maxPixels }),
    };
    const read = () => {
      const readings = numbered(reader.read(source, readerOptions));
      return withoutRepeats(corrections ? corrections.applied(readings) : readings);
    };
    const readings =
      limit === undefined
        ? read()
        : limitedTo(limit, read, (sample) => rejectLabels(sample, rules) === undefined);
    const groups = new GroupWatch();
    for await (const result of mapInOrder(readings, options.ahead ?? AHEAD, (reading) =>
      prepare(reading, rules, pictureOptions, groups),
    )) {
      signal?.throwIfAborted();
      await writing(folder, () => store(writer, signatures, result));
      if ('picture' in result && result.picture.room !== undefined) rooms.push(result.picture.room);
      options.onProgress?.(++done);
    }
    if (writer.length === 0) throw new DataError(`${source}: ${nothingKept(writer)}`);
    for (const sentence of [...(corrections?.notices ?? []), ...groups.notices()]) {
      options.onNotice?.(sentence);
    }
    const duplicates = signatures.nearDuplicates();
    signal?.throwIfAborted();
    const threshold = pictureOptions.hash ? NEAR_DUPLICATE_BITS : null;
    const { detector } = options;
    const measure = async (made: Store) => ({
      ...(detector && (await measureStore(made, detector, signal))),
      ...(rooms.length > 0 && { room: spread(rooms) }),
    });
    return await writing(folder, () => writer.finish({ threshold, groups: duplicates }, measure));
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

function storedPictures({ size, quality, crop }: PictureChanges): StoredPictures {
  const encoded = size !== undefined || quality !== undefined || crop !== undefined;
  return { size: size ?? null, quality: encoded ? (quality ?? QUALITY) : null, crop: crop ?? null };
}

/** A sample whose picture is ready. */
interface Prepared {
  readonly sample: Sample;
  readonly picture: PreparedPicture;
}

async function prepare(
  reading: Reading,
  rules: CleaningRules,
  pictureOptions: PictureOptions,
  groups: GroupWatch,
): Promise<Prepared | Rejection> {
  if (isRejection(reading)) {
    if (reading.labels) groups.lost(reading.labels, reading.reason);
    return reading;
  }
  const result = rejectLabels(reading, rules) ?? (await preparePicture(reading, pictureOptions));
  if ('reason' in result) {
    groups.lost(reading, result.reason);
    return result;
  }
  groups.kept(reading);
  return { sample: reading, picture: result };
}

async function store(
  writer: StoreWriter,
  signatures: PictureSignatures,
  result: Prepared | Rejection,
): Promise<void> {
  if ('reason' in result) return writer.reject(result);
  const {
    image: _image,
    faceScore: _score,
    secondFaceScore: _second,
    faceBox: _box,
    ...labels
  } = result.sample;
  const { image, faceBox, signature } = result.picture;
  if (signature !== undefined) signatures.push(signature);
  const row: NewRow = { ...labels, image, ...(faceBox && { faceBox }) };
  await writer.append(row);
}

/** A face is identified by its picture and, if there are several in one, by its box. */
async function* withoutRepeats(readings: AsyncIterable<Reading>): AsyncGenerator<Reading> {
  const seen = new Set<string>();
  for await (const reading of readings) {
    if (isRejection(reading)) {
      yield reading;
      continue;
    }
    const { path, faceBox: box } = reading;
    const key = box ? `${path}\0${box.x},${box.y},${box.width},${box.height}` : path;
    if (seen.has(key)) {
      const detail = 'the picture is named by an earlier row, which is used';
      yield { path, reason: 'duplicate row', detail };
    } else yield reading;
    seen.add(key);
  }
}

/** Numbers the faces of each picture, from 1, as the set lists them; faces are listed by their boxes. */
async function* numbered(readings: AsyncIterable<Reading>): AsyncGenerator<Reading> {
  const counts = new Map<string, number>();
  for await (const reading of readings) {
    if (isRejection(reading) || reading.faceBox === undefined) {
      yield reading;
      continue;
    }
    const face = (counts.get(reading.path) ?? 0) + 1;
    counts.set(reading.path, face);
    yield { ...reading, face };
  }
}

function nothingKept({ rejections }: StoreWriter): string {
  const reasons = Object.entries(rejections).map(([reason, count]) => `${reason}: ${count}`);
  const why = reasons.length > 0 ? ` (${reasons.join(', ')})` : '';
  return `expected pictures that can be used, found none${why}`;
}

/** Runs an action that writes to the disk and converts its errors to a sentence. */
async function writing<T>(folder: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const found = isDiskFull(error) ? 'the disk is full' : `it cannot be written: ${reasonOf(error)}`;
    throw new StoreError(`${folder}: expected room for a store, but ${found}; nothing was left there`, {
      cause: error,
    });
  }
}

/** A store that cannot be written, for reasons other than the data set. */
export class StoreError extends DataError {
  override readonly name = 'StoreError';
  static override readonly kind: ErrorKind = 'failed';
}
