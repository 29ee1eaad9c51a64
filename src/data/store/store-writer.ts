/** Writes a store row by row, under a temporary name until it is complete. */
import { createHash } from 'node:crypto';
import { type FileHandle, mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import { exists, PartialFolder } from '../../files/index.js';
import { plainText } from '../plain-text.js';
import { DataError, type Rejection, type RejectionReason } from '../types.js';
import { labelCells } from './columns.js';
import { DUPLICATES_FILE, INFO_FILE, type Measured, PARTS_FOLDER, partName, REJECTS_FILE } from './files.js';
import { PartWriter } from './part-writer.js';
import { Store } from './store.js';
import type { Duplicates, LabelCounts, NewRow, StoreInfo, StoreOrigin } from './types.js';

/** The size at which a part is closed, similar to Hugging Face's. */
const PART_BYTES = 512 * 2 ** 20;

export interface StoreWriterOptions {
  readonly origin: StoreOrigin;
  readonly options: StoreInfo['options'];
  /** Whether to replace an existing store. Default false. */
  readonly overwrite?: boolean;
  /** Bytes after which a part is closed. Default 512 MiB. */
  readonly partBytes?: number;
}

const LABELS = [
  'age',
  'gender',
  'race',
  'identity',
  'faceBox',
  'split',
] as const satisfies (keyof LabelCounts)[];

export class StoreWriter {
  private part: PartWriter | undefined;
  private parts = 0;
  private rows = 0;
  private readonly labelled: Record<keyof LabelCounts, number>;
  private readonly rejected: Partial<Record<RejectionReason, number>> = {};
  private readonly fingerprint = createHash('sha256');

  private constructor(
    private readonly folder: PartialFolder,
    private readonly rejects: FileHandle,
    private readonly options: StoreWriterOptions,
  ) {
    this.labelled = { age: 0, gender: 0, race: 0, identity: 0, faceBox: 0, split: 0 };
  }

  /**
   * Starts a store that will become `folder`. Until `finish` it is under a temporary name beside it.
   * @throws DataError if `folder` exists and must not be replaced; FileError if another process is writing it
   */
  static async create(folder: string, options: StoreWriterOptions): Promise<StoreWriter> {
    await checkTarget(folder, options.overwrite ?? false);
    const partial = await PartialFolder.create(folder);
    try {
      await mkdir(join(partial.path, PARTS_FOLDER));
      const rejects = await open(join(partial.path, REJECTS_FILE), 'wx');
      await rejects.write(stringify([['path', 'reason', 'detail']]));
      return new StoreWriter(partial, rejects, options);
    } catch (error) {
      await partial.discard();
      throw error;
    }
  }

  /** Unfinished folders of earlier imports, which have been removed. */
  get removed(): readonly string[] {
    return this.folder.removed;
  }

  /** The number of rows so far. */
  get length(): number {
    return this.rows;
  }

  /** Rejected rows by reason so far. */
  get rejections(): Readonly<Partial<Record<RejectionReason, number>>> {
    return this.rejected;
  }

  /** Appends a row. Await it before the next call, which keeps memory bounded. */
  async append(row: NewRow): Promise<void> {
    const { image, path } = row;
    const labels = labelCells(row, this.options.origin.id);
    this.part ??= await PartWriter.create(join(this.folder.path, PARTS_FOLDER, partName(this.parts++)));
    for (const label of LABELS) if (row[label] !== undefined) this.labelled[label]++;
    // The number of a face only helps to name it: it is no part of the content.
    const { face: _, ...content } = labels;
    this.fingerprint.update(JSON.stringify([path, image.length, content])).update(image);
    this.rows++;
    await this.part.append({ image, path, labels });
    if (this.part.bytes >= (this.options.partBytes ?? PART_BYTES)) await this.endPart();
  }

  /** Records a rejection. */
  async reject({ path, reason, detail }: Rejection): Promise<void> {
    this.rejected[reason] = (this.rejected[reason] ?? 0) + 1;
    await this.rejects.write(stringify([[plainText(path), reason, plainText(detail)]]));
  }

  /**
   * Completes the store and renames it.
   * @param measure measures the framing of pictures in the unfinished store and boxes
   */
  async finish(duplicates: Duplicates, measure?: (store: Store) => Promise<Measured>): Promise<StoreInfo> {
    await this.endPart();
    await this.rejects.sync();
    await this.rejects.close();
    const info: StoreInfo = {
      format: 'agewise-store',
      version: 1,
      ...origin(this.options.origin),
      fingerprint: this.fingerprint.digest('hex'),
      rows: this.rows,
      labelled: this.labelled,
      rejects: this.rejected,
      options: this.options.options,
    };
    await this.write(DUPLICATES_FILE, JSON.stringify(duplicates));
    await this.write(INFO_FILE, JSON.stringify(info, null, 2));
    const whole: StoreInfo = measure ? { ...info, ...(await this.looked(measure)) } : info;
    if (measure) await this.write(INFO_FILE, JSON.stringify(whole, null, 2));
    await this.folder.commit();
    return whole;
  }

  /** Removes everything written. */
  async abort(): Promise<void> {
    await this.part?.abort();
    await this.rejects.close().catch(() => undefined);
    await this.folder.discard();
  }

  private async looked(measure: (store: Store) => Promise<Measured>): Promise<Measured> {
    const store = await Store.open(this.folder.path);
    try {
      return await measure(store);
    } finally {
      await store.close();
    }
  }

  private async endPart(): Promise<void> {
    await this.part?.finish();
    this.part = undefined;
  }

  private async write(name: string, text: string): Promise<void> {
    await writeFile(join(this.folder.path, name), `${text}\n`, { flush: true });
  }
}

/** Only the descriptive fields of a reader. */
const origin = ({ id, title, homepage, citation, terms, labels }: StoreOrigin): StoreOrigin => ({
  id,
  title,
  homepage,
  citation,
  terms,
  labels,
});

async function checkTarget(target: string, overwrite: boolean): Promise<void> {
  if (!(await exists(target))) return;
  const subject = target;
  if (!overwrite)
    throw new DataError({ subject, expected: 'a new name', found: 'an existing file or folder' });
  // A typo must not destroy another folder.
  if (!(await exists(join(target, INFO_FILE)))) {
    throw new DataError({
      subject,
      expected: 'a store to replace',
      found: `something without ${INFO_FILE}`,
    });
  }
}
