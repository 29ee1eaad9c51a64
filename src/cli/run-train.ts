/** Runs `agewise train`: recipe and store → run folder. */
import { exitCode } from '../errors/index.js';
import type { TransferProgress } from '../files/index.js';
import { formatDuration } from '../report/index.js';
import {
  type EpochEntry,
  type Figures,
  type LogEntry,
  loadRecipe,
  type Recipe,
  type RunOutcome,
  type RunStart,
  resume,
  type StepReport,
  smokeForm,
  TrainingError,
  type TrainOptions,
  train,
} from '../train/index.js';
import { Console } from './console.js';
import { untilInterrupted } from './interrupt.js';
import { Progress } from './progress.js';
import { counted } from './table.js';
import { jsonText } from './text.js';
import type { TrainFlags } from './train-flags.js';
import { TransferBars } from './transfer-bars.js';
import { EXIT, UsageError } from './usage.js';

/** @returns the exit code */
export async function runTrain(name: string | undefined, flags: TrainFlags): Promise<number> {
  checkFlags(name, flags);
  const console = new Console();
  return untilInterrupted(async (signal) => {
    const view = new RunView(console, flags.json ?? false);
    // Aborted after --minutes.
    const timeLimit = new AbortController();
    const options: TrainOptions = {
      device: flags.device,
      threads: flags.threads,
      member: flags.member,
      signal: AbortSignal.any([signal, timeLimit.signal]),
      command: process.argv.slice(2),
      onStart: (start) => view.start(start),
      onStep: (report) => view.step(report),
      onEntry: (entry) => view.entry(entry),
      onNotice: (message) => void console.note(message),
      onFetch: (progress) => view.fetch(progress),
    };
    const timer =
      flags.minutes === undefined ? undefined : setTimeout(() => timeLimit.abort(), 60_000 * flags.minutes);
    try {
      const outcomes =
        flags.resume === undefined
          ? await start(name!, flags, options)
          : await resume(flags.resume, { ...options, folders: flags.data, prolong: flags.prolong });
      view.end(outcomes);
      if (signal.aborted) return EXIT.interrupted;
      if (timeLimit.signal.aborted) return EXIT.done;
      return view.learnt() ? EXIT.done : EXIT.inputsFailed;
    } catch (error) {
      const reported = error instanceof TrainingError && error.logged && !flags.json;
      if (reported) return exitCode(error.kind);
      throw error;
    } finally {
      clearTimeout(timer);
      view.close();
    }
  });
}

async function start(name: string, flags: TrainFlags, options: TrainOptions): Promise<RunOutcome[]> {
  // JSON is YAML, as values of --set are.
  const weights = flags.weights === undefined ? [] : [`network.weights=${JSON.stringify(flags.weights)}`];
  const recipe = await loadRecipe(name, { set: [...(flags.set ?? []), ...weights] });
  const chosen: Recipe = flags.smoke ? smokeForm(recipe) : recipe;
  return train(chosen, flags.out ?? `runs/${chosen.name}`, flags.data, options);
}

function checkFlags(name: string | undefined, flags: TrainFlags): void {
  if ((name === undefined) === (flags.resume === undefined)) {
    throw new UsageError(
      `expected a recipe, or --resume and a run, found ${name === undefined ? 'neither' : 'both'}; agewise recipes lists the recipes`,
    );
  }
  if (flags.prolong !== undefined && flags.resume === undefined) {
    throw new UsageError('--prolong is for a finished run; name it with --resume');
  }
  if (flags.resume === undefined) return;
  for (const flag of ['out', 'set', 'weights', 'smoke'] as const) {
    if (flags[flag] !== undefined)
      throw new UsageError(`--${flag} is only for a new run; it cannot be used with --resume`);
  }
}

/** Updates after which the remaining time can be estimated. */
const FORECAST_AFTER = 200;

/** Prints a run's progress: a line for each epoch, a bar for the current stage. */
class RunView {
  private progress: Progress | undefined;
  private readonly transfers: TransferBars;
  private stage = '';
  /** `member 2 of 3: ` or nothing. */
  private which = '';
  /** The run's recipe, once it is started or resumed. */
  private recipe: Recipe | undefined;
  /** First and last loss, and the target share, of each member's stages that have one. */
  private readonly losses = new Map<string, { first: number; last: number; share: number }>();
  /** Updates since this command started, and when the first one finished, in milliseconds. */
  private updates = 0;
  private firstUpdate = 0;

  constructor(
    private readonly console: Console,
    private readonly json: boolean,
  ) {
    this.transfers = new TransferBars(console);
  }

  fetch(progress: TransferProgress): void {
    this.transfers.update('weights', progress);
  }

  start({ folder, description, recipe, member, members, faces, parameters, step }: RunStart): void {
    this.recipe = recipe;
    this.transfers.stop();
    this.which = members > 1 ? `member ${member} of ${members}: ` : '';
    const resumed = step > 0 ? `, resumed after step ${step}` : '';
    this.say(
      `${this.which}${description}: ${(parameters / 1e6).toFixed(1)} million parameters, ` +
        `${counted(faces.train, 'face')} to learn from, ${faces.validation} to validate, in ${folder}${resumed}`,
    );
    this.stage = '';
  }

  step({ stage, stageStep, stageSteps, train, firstLoss }: StepReport): void {
    if (this.stage !== stage) {
      this.progress?.stop();
      this.progress = new Progress(process.stderr, stageSteps);
      this.progress.continueFrom(stageStep);
      this.console.progress = this.progress;
      this.stage = stage;
      const share = this.recipe!.stages.find(({ name }) => name === stage)!.untilShare;
      if (share !== undefined)
        this.losses.set(this.which + stage, { first: firstLoss, last: firstLoss, share });
    }
    this.progress!.update(stageStep, figuresText(train));
    this.forecast(stage, stageSteps - stageStep);
  }

  entry(entry: LogEntry): void {
    if (entry.kind === 'epoch') {
      const losses = this.losses.get(this.which + entry.stage);
      if (losses) losses.last = entry.train.loss!;
    }
    if (this.json) void this.console.print(jsonText(entry));
    else if (entry.kind === 'epoch') void this.console.print(`${epochLine(entry)}\n`);
    else if (entry.kind === 'notice') this.say(entry.message);
  }

  end(outcomes: readonly RunOutcome[]): void {
    for (const { folder, progress, done } of outcomes) {
      const best = progress.best;
      const figures = best ? `, best ${figuresText(best.figures)} in epoch ${best.epoch}` : '';
      this.say(done ? `${folder}: done${figures}` : `${folder}: saved after step ${progress.step}${figures}`);
      if (!done) this.say(`agewise train --resume ${folder} continues`);
    }
  }

  /** Prints how far the loss fell in each stage with a target, and returns whether all targets were reached. */
  learnt(): boolean {
    let all = true;
    for (const [stage, { first, last, share }] of this.losses) {
      const learnt = last < share * first;
      all &&= learnt;
      this.say(
        `${stage}: loss ${first.toFixed(3)} → ${last.toFixed(3)}, ${((100 * last) / first).toFixed(0)}% of the first${learnt ? '' : `, expected less than ${100 * share}%`}`,
      );
    }
    return all;
  }

  close(): void {
    this.progress?.stop();
  }

  /** Prints once how long the rest of the stage will take, if it takes long. */
  private forecast(stage: string, left: number): void {
    const now = performance.now();
    if (this.updates === 0) this.firstUpdate = now;
    if (this.updates++ !== FORECAST_AFTER) return;
    const each = (now - this.firstUpdate) / FORECAST_AFTER;
    const { batch } = this.recipe!;
    this.say(
      `${this.which}${stage}: ${((1000 * batch) / each).toFixed(0)} faces a second; the remaining ${counted(left, 'update')} take about ${formatDuration((left * each) / 1000)}`,
    );
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
