/** Makes one batch: reads, decodes, augments and writes one picture after the other. Runs in a thread. */

import { sentenceAbout } from '../../errors/index.js';
import { Random } from '../../random/index.js';
import { type FaceRegion, inputSize, preprocess } from '../../vision/index.js';
import { DataError } from '../types.js';
import { Augmenter, drawMix, mixRows } from './augment/index.js';
import { decodePicture } from './decode.js';
import type { BatchTask, MadeBatch, Replacement, WorkerSettings } from './protocol.js';

/** A source of encoded pictures, such as a `Store`. */
export interface PictureSource {
  image(row: number): Promise<Uint8Array>;
}

/** The purposes of random numbers, numbered so that no two draws share a stream. */
const PURPOSE = { order: 0, look: 1, replacement: 2, mix: 3 } as const;

/** The random stream of an epoch's order. */
export const orderStream = (seed: number, epoch: number): Random => new Random(seed, PURPOSE.order, epoch);

/** The maximum number of replacements tried for a bad row: if all are bad, single pictures are not the problem. */
const MOST_REPLACEMENTS = 16;

/** One attempt to fill a position of the batch. */
interface Attempt {
  readonly member: number;
  readonly repeat: number;
}

export class BatchMaker {
  private readonly augmenters: readonly (Augmenter | undefined)[];

  constructor(
    private readonly source: PictureSource,
    private readonly settings: WorkerSettings,
  ) {
    const { input, augments } = settings;
    this.augmenters = augments.map((augment) => augment && new Augmenter(input, augment));
  }

  /**
   * Writes the batch into the task's memory, as `settings.input` says. A sample's augmentation, and the replacement of
   * a bad picture, depend only on the seed, the epoch, the row, and the row's previous occurrences in the epoch.
   * @throws DataError if too many pictures in a row are bad.
   */
  async make({ epoch, step, members, repeats, memory }: BatchTask): Promise<Omit<MadeBatch, 'memory'>> {
    const { input, seed, augments } = this.settings;
    const size = inputSize(input);
    const out = new Float32Array(memory, 0, members.length * size);
    const replacements: Replacement[] = [];
    // The next picture's bytes are read while one is decoded.
    let coming = this.read(members[0]!);
    for (let position = 0; position < members.length; position++) {
      const bytes = coming;
      if (position + 1 < members.length) coming = this.read(members[position + 1]!);
      const attempt = { member: members[position]!, repeat: repeats[position]! };
      const replaced = await this.fill(bytes, attempt, epoch, out, position * size);
      if (replaced !== undefined) replacements.push({ position, badMember: attempt.member, ...replaced });
    }
    // Faces of all stores are blended alike.
    const alpha = augments[0]?.mixup.alpha ?? 0;
    if (alpha === 0) return { replacements, mix: undefined };
    const mix = drawMix(members.length, alpha, new Random(seed, PURPOSE.mix, epoch, step));
    mixRows(out, size, mix);
    return { replacements, mix };
  }

  /** Returns errors instead of throwing, since nothing awaits the promise yet. */
  private read(member: number): Promise<Uint8Array | Error> {
    return this.source.image(this.settings.rows[member]!).catch((error: Error) => error);
  }

  /** Fills a position, with a replacement if its picture is bad, which is returned. */
  private async fill(
    bytes: Promise<Uint8Array | Error>,
    attempt: Attempt,
    epoch: number,
    out: Float32Array,
    offset: number,
  ): Promise<Pick<Replacement, 'member' | 'message'> | undefined> {
    const first = await this.tryMember(await bytes, attempt, epoch, out, offset);
    if (first === undefined) return undefined;
    const { rows, seed } = this.settings;
    const random = new Random(seed, PURPOSE.replacement, epoch, rows[attempt.member]!, attempt.repeat);
    let last = first;
    for (let i = 0; i < MOST_REPLACEMENTS; i++) {
      const member = random.below(rows.length);
      // A repeat number that no order reaches gives it its own augmentation, even if the same row is also in the batch.
      const other = { member, repeat: rows.length + attempt.repeat };
      const problem = await this.tryMember(await this.read(member), other, epoch, out, offset);
      if (problem === undefined) return { member, message: first };
      last = problem;
    }
    throw new DataError(
      `${first}; none of ${MOST_REPLACEMENTS} others could replace it, the last because of ${last}`,
    );
  }

  /** The problem with the picture, or undefined if the position has been filled. */
  private async tryMember(
    bytes: Uint8Array | Error,
    { member, repeat }: Attempt,
    epoch: number,
    out: Float32Array,
    offset: number,
  ): Promise<string | undefined> {
    const { rows, input, seed, folders, stores } = this.settings;
    const row = rows[member]!;
    const store = stores?.[member] ?? 0;
    const name = `${folders.join(' + ')}, row ${row}`;
    const augmenter = this.augmenters[this.augmenters.length > 1 ? store : 0];
    try {
      if (bytes instanceof Error) throw bytes;
      const image = await decodePicture(bytes, name);
      const region = this.region(member);
      if (augmenter === undefined) {
        preprocess(image, region, input, out, offset);
      } else {
        const look = new Random(seed, PURPOSE.look, epoch, row, repeat).bits();
        await augmenter.augment(image, region, look, out, offset);
      }
      return undefined;
    } catch (error) {
      return sentenceAbout(name, error);
    }
  }

  private region(member: number): FaceRegion | null {
    const { boxes } = this.settings;
    if (boxes === undefined) return null;
    const [x, y, width, height] = boxes.subarray(4 * member, 4 * member + 4);
    return Number.isNaN(x!) ? null : { box: { x: x!, y: y!, width: width!, height: height! } };
  }
}
