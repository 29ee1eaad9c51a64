/** The progress bar: on a terminal's last line, shown once a task takes long. */
import { padEnd } from './text.js';

/** A task shorter than this needs no bar. */
const PATIENCE_MS = 1000;
const REDRAW_MS = 250;
const BAR_CELLS = 24;
const USUAL_COLUMNS = 80;
const CLEAR_LINE = '\r\x1b[K';

/** How amounts and rates are written. */
export interface ProgressUnit {
  amount(n: number): string;
  rate(n: number): string;
}

const PIECES: ProgressUnit = { amount: String, rate: (n) => (n < 10 ? n.toFixed(1) : n.toFixed(0)) };

export class Progress {
  private done = 0;
  private before = 0;
  private note = '';
  private shown = false;
  private started = performance.now();
  private readonly timer: NodeJS.Timeout | undefined;

  /** Draws nothing if `stream` is not a terminal. */
  constructor(
    private readonly stream: NodeJS.WriteStream,
    private readonly total: number,
    private readonly unit: ProgressUnit = PIECES,
  ) {
    if (stream.isTTY) this.timer = setInterval(() => this.draw(), REDRAW_MS).unref();
  }

  /** Counts speed and remaining time from here on: `done` were done before, at another speed. */
  continueFrom(done: number): void {
    this.started = performance.now();
    this.before = done;
    this.done = done;
  }

  /** @param note text after the bar, such as the current loss */
  update(done: number, note = ''): void {
    this.done = done;
    this.note = note;
  }

  /** Clears the bar so that something else can be written; the next redraw shows it again. */
  clear(): void {
    if (this.shown) this.stream.write(CLEAR_LINE);
    this.shown = false;
  }

  stop(): void {
    clearInterval(this.timer);
    this.clear();
  }

  private draw(): void {
    const elapsed = performance.now() - this.started;
    if (elapsed < PATIENCE_MS || this.done === this.total) return;
    const { done, total, before, unit } = this;
    const line = progressLine({ done, total, before, elapsed, unit }) + (this.note && `  ${this.note}`);
    // A line that wraps could not be cleared; a terminal that does not know its width says 0.
    const room = (this.stream.columns || USUAL_COLUMNS) - 1;
    this.stream.write(`${CLEAR_LINE}${line.slice(0, room)}`);
    this.shown = true;
  }
}

export interface ProgressState {
  readonly done: number;
  readonly total: number;
  /** How many were done before the start; default 0. */
  readonly before?: number;
  /** Milliseconds since the start. */
  readonly elapsed: number;
  readonly unit?: ProgressUnit;
}

export function progressLine({ done, total, before = 0, elapsed, unit = PIECES }: ProgressState): string {
  const filled = Math.floor((BAR_CELLS * done) / total);
  const bar = '█'.repeat(filled) + '░'.repeat(BAR_CELLS - filled);
  const whole = unit.amount(total);
  const count = `${unit.amount(done)}/${whole}`;
  const since = done - before;
  if (since <= 0) return `${bar}  ${count}`;
  const left = (elapsed / since) * (total - done);
  const perSecond = unit.rate((1000 * since) / elapsed);
  return `${bar}  ${padEnd(count, 2 * whole.length + 1)}  ${perSecond}/s  ${duration(left)} left`;
}

/** Such as `0:05`, `12:30`, `1:02:03`. */
function duration(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1000);
  const pad = (n: number) => String(n).padStart(2, '0');
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h > 0 ? `${h}:${pad(m)}:${pad(s)}` : `${m}:${pad(s)}`;
}
