/** The effects of the queue's settings: a simulation of workers that take shards, some of them slow, and are lost at times. */
import { LOCK_SECONDS, MOST_TAKEOVERS } from '../../src/jobs/index.js';
import { Random } from '../../src/random/index.js';
import { ASSUMED, MEASURED } from './figures.js';

interface Setting {
  /** The number of pictures, and of those in a shard. */
  readonly pictures: number;
  readonly size: number;
  readonly workers: number;
  /** Pictures per second of a worker. */
  readonly rate: number;
  /** Standard deviation of the logarithm of a shard's time. */
  readonly spread: number;
  /** Losses of a worker per hour; it is replaced after `backSeconds`. */
  readonly losses: number;
  readonly backSeconds: number;
  /** The seconds after which a lost worker's shard is taken over. */
  readonly lockSeconds: number;
  /** The queue's time per shard. */
  readonly queueSeconds: number;
  /** The number of takeovers before a shard is set aside. */
  readonly takeovers: number;
}

interface Outcome {
  /** The excess over the time of the work alone, perfectly divided. */
  readonly overhead: number;
  /** The share of work that was wasted. */
  readonly lost: number;
  readonly setAside: number;
}

const USUAL: Setting = {
  pictures: 1e7,
  size: ASSUMED.shardPictures,
  workers: 100,
  rate: MEASURED.portraits,
  spread: 0.25,
  losses: 0.05,
  backSeconds: 120,
  lockSeconds: LOCK_SECONDS,
  queueSeconds: MEASURED.queueSeconds,
  takeovers: MOST_TAKEOVERS,
};
const SEED = 20;
const STREAM = 0x5ca1e;

/** The worker that is free first takes the next shard. */
function simulate(setting: Setting): Outcome {
  const { pictures, size, workers, rate, spread, losses, backSeconds, lockSeconds, queueSeconds } = setting;
  const random = new Random(SEED, STREAM);
  const mean = size / rate;
  const shards = Math.ceil(pictures / size);
  const perSecond = losses / 3600;
  const free = new Heap();
  for (let worker = 0; worker < workers; worker++) free.push(0);
  /** When a shard becomes available again, and how often it was taken over. */
  const again: { at: number; takeovers: number }[] = [];
  let [next, end, useful, wasted, setAside] = [0, 0, 0, 0, 0];
  while (next < shards || again.length > 0) {
    let now = free.pop();
    let takeovers = 0;
    const waiting = again[0];
    if (waiting !== undefined && (waiting.at <= now || next === shards)) {
      again.shift();
      now = Math.max(now, waiting.at);
      takeovers = waiting.takeovers;
    } else next++;
    // The mean of a log-normal time is that of the shard.
    const seconds = mean * Math.exp(spread * random.normal() - spread ** 2 / 2);
    const untilLoss =
      perSecond === 0 ? Number.POSITIVE_INFINITY : -Math.log(1 - random.uniform()) / perSecond;
    if (untilLoss < seconds) {
      wasted += untilLoss;
      free.push(now + untilLoss + backSeconds);
      // Plus half the interval between checks for stalled jobs.
      if (takeovers < setting.takeovers) {
        again.push({ at: now + untilLoss + 1.25 * lockSeconds, takeovers: takeovers + 1 });
        again.sort((a, b) => a.at - b.at);
      } else setAside++;
      continue;
    }
    useful += seconds;
    end = Math.max(end, now + seconds);
    free.push(now + seconds + queueSeconds);
  }
  const ideal = pictures / rate / workers;
  return { overhead: end / ideal - 1, lost: wasted / (useful + wasted), setAside };
}

/** The smallest number comes first. */
class Heap {
  private readonly items: number[] = [];

  push(value: number): void {
    const { items } = this;
    let at = items.push(value) - 1;
    for (let up = (at - 1) >> 1; at > 0 && items[up]! > value; up = (at - 1) >> 1) {
      items[at] = items[up]!;
      at = up;
    }
    items[at] = value;
  }

  pop(): number {
    const { items } = this;
    const [first] = items;
    const last = items.pop()!;
    if (items.length === 0) return first!;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= items.length) break;
      if (below + 1 < items.length && items[below + 1]! < items[below]!) below++;
      if (items[below]! >= last) break;
      items[at] = items[below]!;
      at = below;
    }
    items[at] = last;
    return first!;
  }
}

function table(
  title: string,
  name: keyof Setting,
  values: readonly number[],
  changes: Partial<Setting> = {},
): string {
  const rows = values.map((value) => {
    const { overhead, lost, setAside } = simulate({ ...USUAL, ...changes, [name]: value });
    const cells = [value.toLocaleString('en-US'), percent(overhead, 1), percent(lost, 2), String(setAside)];
    return `| ${cells.join(' | ')} |`;
  });
  return [`| ${title} | over the ideal | work lost | set aside |`, '|---:|---:|---:|---:|', ...rows].join(
    '\n',
  );
}

const percent = (share: number, digits: number) => `${(100 * share).toFixed(digits)}%`;

/** Markdown tables. */
export const simulationTables = (): string[] => [
  table('pictures in a shard', 'size', [32, 128, 512, 2048, 8192, 32768]),
  table("spread of a shard's time", 'spread', [0, 0.25, 0.5, 1]),
  table('losses per worker and hour', 'losses', [0, 0.05, 0.5, 5]),
  table('seconds until a takeover, at 0.5 losses', 'lockSeconds', [5, 30, 120, 600], {
    losses: ASSUMED.spotLosses,
  }),
  table('takeovers before a shard is set aside, at 5 losses', 'takeovers', [0, 1, 2, 3], { losses: 5 }),
];
