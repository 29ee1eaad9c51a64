/** `agewise train`, at work: recipe and store → run folder. */
import { DataError, StoreError, type TransferProgress } from '../data/index.js';
import {
  type EpochEntry,
  type Figures,
  type LogEntry,
  loadRecipe,
  type Recipe,
  RecipeError,
  type RunOutcome,
  type RunStart,
  resume,
  type StepReport,
  smokeForm,
  type TrainOptions,
  train,
  WeightsError,
} from '../train/index.js';
import { Console } from './console.js';
import { untilInterrupted } from './interrupt.js';
import { Progress } from './progress.js';
import { counted } from './table.js';
import type { TrainFlags } from './train-flags.js';
import { TransferBars } from './transfer-bars.js';
import { EXIT, UsageError } from './usage.js';

/** The share of its first loss below which a stage of a smoke run has learnt. */
const LEARNT = 0.3;

/** @returns the exit code */
export async function runTrain(name: string | undefined, flags: TrainFlags): Promise<number> {
  checkFlags(name, flags);
  const console = new Console();
  return untilInterrupted(async (signal) => {
    const view = new RunView(console, flags.json ?? false);
    const options: TrainOptions = {
      device: flags.device,
      threads: flags.threads,
      member: flags.member,
      signal,
      untilShare: flags.smoke && LEARNT,
      command: process.argv.slice(2),
      onStart: (start) => view.start(start),
      onStep: (report) => view.step(report),
      onEntry: (entry) => view.entry(entry),
      onNotice: (message) => void console.note(message),
      onFetch: (progress) => view.fetch(progress),
    };
    try {
      const outcomes =
        flags.resume === undefined ? await begin(name!, flags, options) : await resume(flags.resume, options);
      view.end(outcomes);
      if (signal.aborted) return EXIT.interrupted;
      return flags.smoke && !view.learnt() ? EXIT.inputsFailed : EXIT.done;
    } catch (error) {
      if (isUsage(error)) throw new UsageError((error as Error).message, { cause: error });
      throw error;
    } finally {
      view.close();
    }
  });
}

async function begin(name: string, flags: TrainFlags, options: TrainOptions): Promise<RunOutcome[]> {
  const recipe = await loadRecipe(name, { set: flags.set ?? [] });
  const chosen: Recipe = flags.smoke ? smokeForm(recipe) : recipe;
  return train(chosen, flags.out ?? `runs/${chosen.name}`, flags.data, options);
}

function checkFlags(name: string | undefined, flags: TrainFlags): void {
  if ((name === undefined) === (flags.resume === undefined)) {
    throw new UsageError(
      `expected a recipe, or --resume and a run, found ${name === undefined ? 'neither' : 'both'}; agewise recipes lists recipes`,
    );
  }
  if (flags.resume === undefined) return;
  for (const flag of ['data', 'out', 'set', 'smoke'] as const) {
    if (flags[flag] !== undefined)
      throw new UsageError(`--${flag} is for a run that begins, not for --resume`);
  }
}

const isUsage = (error: unknown): boolean =>
  error instanceof RecipeError ||
  error instanceof WeightsError ||
  (error instanceof DataError && !(error instanceof StoreError));

/** What a run shows of itself: a line for each epoch, a bar for the stage under way. */
class RunView {
  private progress: Progress | undefined;
  private readonly transfers: TransferBars;
  private stage = '';
  /** `member 2 of 3: ` or nothing. */
  private which = '';
  /** First and last loss of each member's stages. */
  private readonly losses = new Map<string, { first: number; last: number }>();

  constructor(
    private readonly console: Console,
    private readonly json: boolean,
  ) {
    this.transfers = new TransferBars(console);
  }

  fetch(progress: TransferProgress): void {
    this.transfers.update('weights', progress);
  }

  start({ folder, description, member, members, faces, parameters, step }: RunStart): void {
    this.transfers.stop();
    this.which = members > 1 ? `member ${member} of ${members}: ` : '';
    const going = step > 0 ? `, going on after step ${step}` : '';
    this.say(
      `${this.which}${description}: ${(parameters / 1e6).toFixed(1)} million parameters, ` +
        `${counted(faces.train, 'face')} to learn from, ${faces.validation} to validate, into ${folder}${going}`,
    );
    this.stage = '';
  }

  step({ stage, stageStep, stageSteps, train }: StepReport): void {
    if (this.stage !== stage) {
      this.progress?.stop();
      this.progress = new Progress(process.stderr, stageSteps);
      this.console.progress = this.progress;
      this.stage = stage;
    }
    this.progress!.update(stageStep, figuresText(train));
    const key = this.which + stage;
    if (!this.losses.has(key)) this.losses.set(key, { first: train.loss!, last: train.loss! });
  }

  entry(entry: LogEntry): void {
    if (entry.kind === 'epoch') this.losses.get(this.which + entry.stage)!.last = entry.train.loss!;
    if (this.json) void this.console.print(`${JSON.stringify(entry)}\n`);
    else if (entry.kind === 'epoch') void this.console.print(`${epochLine(entry)}\n`);
    else if (entry.kind === 'notice') this.say(entry.message);
  }

  end(outcomes: readonly RunOutcome[]): void {
    for (const { folder, progress, done } of outcomes) {
      const best = progress.best;
      const figures = best ? `, best ${figuresText(best.figures)} in epoch ${best.epoch}` : '';
      this.say(done ? `${folder}: done${figures}` : `${folder}: saved after step ${progress.step}${figures}`);
      if (!done) this.say(`agewise train --resume ${folder} goes on`);
    }
  }

  /** Whether each stage's last epoch is below the share of its first loss; says how far each came. */
  learnt(): boolean {
    let all = true;
    for (const [stage, { first, last }] of this.losses) {
      const learnt = last < LEARNT * first;
      all &&= learnt;
      this.say(
        `${stage}: loss ${first.toFixed(3)} → ${last.toFixed(3)}, ${((100 * last) / first).toFixed(0)}% of the first${learnt ? '' : `, expected less than ${100 * LEARNT}%`}`,
      );
    }
    return all;
  }

  close(): void {
    this.progress?.stop();
  }

  private say(line: string): void {
    void this.console.note(line);
  }
}

function epochLine({ epoch, stage, train, validation, best, seconds }: EpochEntry): string {
  const validated = validation ? `  |  validation ${figuresText(validation)}${best ? '  best' : ''}` : '';
  return `epoch ${epoch}  ${stage}  ${figuresText(train)}${validated}  ${(seconds / 60).toFixed(1)} min`;
}

/** Such as `loss 3.012  MAE 5.43  gender 92.1%`. */
function figuresText({ loss, mae, accuracy, gender }: Figures): string {
  const share = (name: string, value: number | undefined) =>
    value === undefined ? [] : [`${name} ${(100 * value).toFixed(1)}%`];
  return [
    `loss ${loss!.toFixed(3)}`,
    ...(mae === undefined ? [] : [`MAE ${mae.toFixed(2)}`]),
    ...share('accuracy', accuracy),
    ...share('gender', gender),
  ].join('  ');
}
