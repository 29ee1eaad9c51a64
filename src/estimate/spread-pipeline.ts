/**
 * A pipeline that spreads many small pictures over threads (Node only). On a small picture a network gains little from
 * several threads; several pictures at once, each on one thread, keep all cores busy. A large picture has all cores for
 * itself: it gains from them, and needs much memory.
 */
import { stat } from 'node:fs/promises';
import { isBytes, isPixels, type Present } from './inputs.js';
import type { Outcome, PictureOptions, Pipeline } from './pipeline.js';
import { Turns } from './turns.js';

/** A small picture has at most so many bytes, encoded, ... */
const SMALL_BYTES = 2 ** 18;
/** ... or pixels, decoded. */
const SMALL_PIXELS = 2 ** 20;

/** Threads start after so many small pictures in a row, which take about as long as starting them, ... */
const START_AFTER = 16;
/** ... and after that many times more once large pictures have ended them: sizes are mixed. */
const PATIENCE = 4;

/** So many small pictures per thread are given to pipelines; further ones wait, since giving one to a thread copies it. */
const MOST_GIVEN = 8;

/** Unused threads end after this time. */
const IDLE_MILLISECONDS = 60_000;

interface Member {
  readonly pipeline: Pipeline;
  /** Its pictures in progress. */
  busy: number;
}

export class SpreadPipeline implements Pipeline {
  /** Small pictures since the last large one, and after how many threads start. */
  private row = 0;
  private startAfter = START_AFTER;
  /** Small pictures in progress. */
  private busy = 0;
  /** The threads that work; none if they have not started, or have ended. */
  private members: readonly Member[] = [];
  /** Threads that are starting or ending. */
  private changing: Promise<void> | undefined;
  private failed = false;
  private idle: NodeJS.Timeout | undefined;
  private readonly giving: Turns;

  /**
   * @param whole the pipeline for everything else, with all cores, and for pictures that a thread refuses or fails at
   * @param count the number of threads
   * @param start starts a thread with a pipeline on one core
   */
  constructor(
    private readonly whole: Pipeline,
    private readonly count: number,
    private readonly start: () => Promise<Pipeline>,
  ) {
    this.giving = new Turns(count * MOST_GIVEN);
  }

  get parallel(): number {
    return Math.max(1, this.members.length);
  }

  async estimate(
    picture: Present,
    name: string,
    options: PictureOptions,
    onSeen: () => void,
  ): Promise<Outcome> {
    // Frames of a video follow one another.
    if (options.frame !== undefined) return this.whole.estimate(picture, name, options, onSeen);
    const size = await sizeOf(picture);
    if (size !== 'small') {
      if (size === 'large') await this.makeRoom();
      return this.whole.estimate(picture, name, options, onSeen);
    }
    this.row++;
    this.busy++;
    clearTimeout(this.idle);
    if (this.busy > 1 && this.row > this.startAfter) this.begin();
    try {
      return await this.giving.take(() => this.estimateSmall(picture, name, options, onSeen));
    } finally {
      this.busy--;
      if (this.busy === 0 && this.members.length > 0) {
        this.idle = setTimeout(() => void this.end(), IDLE_MILLISECONDS).unref();
      }
    }
  }

  async dispose(): Promise<void> {
    clearTimeout(this.idle);
    await this.changing;
    await Promise.all([this.whole.dispose(), this.end()]);
  }

  private async estimateSmall(
    picture: Present,
    name: string,
    options: PictureOptions,
    onSeen: () => void,
  ): Promise<Outcome> {
    const [first, ...others] = this.members;
    if (first === undefined) return this.whole.estimate(picture, name, options, onSeen);
    const member = others.reduce((least, other) => (other.busy < least.busy ? other : least), first);
    let seen = false;
    const onSeenOnce = () => {
      if (!seen) onSeen();
      seen = true;
    };
    member.busy++;
    try {
      const outcome = await member.pipeline.estimate(picture, name, options, onSeenOnce);
      if (!('error' in outcome)) return outcome;
    } catch {
      // The thread was lost, its network failed or the signal was aborted: the pipeline here says what is true.
    } finally {
      member.busy--;
    }
    return this.whole.estimate(picture, name, options, onSeenOnce);
  }

  /** Starts the threads, unless they work already or could not be started before. */
  private begin(): void {
    if (this.members.length > 0 || this.changing !== undefined || this.failed) return;
    this.change(async () => {
      const started = await Promise.allSettled(Array.from({ length: this.count }, () => this.start()));
      const pipelines = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      if (pipelines.length === this.count) {
        this.members = pipelines.map((pipeline) => ({ pipeline, busy: 0 }));
      } else {
        this.failed = true;
        await disposeAll(pipelines);
      }
    });
  }

  /** For a large picture. */
  private async makeRoom(): Promise<void> {
    this.row = 0;
    if (this.busy > 0 || this.members.length === 0) return;
    this.startAfter *= PATIENCE;
    await this.end();
  }

  /** Ends the threads, none of which must be at work. */
  private async end(): Promise<void> {
    const { members } = this;
    this.members = [];
    if (members.length === 0) return;
    this.change(() => disposeAll(members.map(({ pipeline }) => pipeline)));
    await this.changing;
  }

  private change(work: () => Promise<void>): void {
    this.changing = work().finally(() => {
      this.changing = undefined;
    });
  }
}

const disposeAll = async (pipelines: readonly Pipeline[]): Promise<void> => {
  await Promise.all(pipelines.map((pipeline) => pipeline.dispose()));
};

/** Undefined if it cannot be told. */
async function sizeOf(picture: Present): Promise<'small' | 'large' | undefined> {
  const size = (small: boolean) => (small ? 'small' : 'large');
  if (typeof picture === 'string') {
    try {
      return size((await stat(picture)).size <= SMALL_BYTES);
    } catch {
      return undefined;
    }
  }
  if (isPixels(picture)) return size(picture.width * picture.height <= SMALL_PIXELS);
  return isBytes(picture) ? size(picture.byteLength <= SMALL_BYTES) : undefined;
}
