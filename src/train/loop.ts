/**
 * The training loop: stages one after another, updates, an evaluation after each epoch, checkpoints. A killed run
 * resumes from its last checkpoint to the same losses, since all randomness of an update depends only on the seed and
 * its number.
 */

import { stateWeights, type TrainingStep } from '../autodiff/index.js';
import type { Batch } from '../data/index.js';
import { type Figures, Meter } from '../metrics/index.js';
import type { Tensor } from '../onnx/index.js';
import type { SessionOptions } from '../runtime/index.js';
import { Checkpoints } from './checkpoints.js';
import { evaluate } from './evaluate.js';
import { frozenPart, weightsOf } from './frozen-part.js';
import { type Assembled, LOSS, weightNames } from './graph/index.js';
import { KeptFeatures, removeKept } from './kept-features.js';
import type { LogEntry } from './log/index.js';
import type { Recipe, Stage } from './recipe/index.js';
import { loadBest, type RunProgress } from './run-folder.js';
import type { RunLoaders } from './run-loaders.js';
import { learningRate } from './schedule.js';
import { withBranches } from './stage-branches.js';
import { changedNames, stageStep } from './stage-step.js';
import { StepRunner } from './step-runner.js';
import { chooseTarget } from './target.js';
import { TrainingError } from './training-error.js';
import { update } from './update.js';
import { CollapseWatch, isBest, keepBest } from './validation.js';

/** Updates from one entry in the history to the next. */
const STEPS_PER_ENTRY = 20;

export interface LoopOptions {
  readonly recipe: Recipe;
  readonly assembled: Assembled;
  readonly loaders: RunLoaders;
  readonly folder: string;
  /**
   * The state to continue from, matching `progress`; it includes the optimizer's moments after a stage's first step.
   */
  readonly state: ReadonlyMap<string, Tensor>;
  readonly progress: RunProgress;
  readonly session: SessionOptions;
  /** Aborting it ends the run after the current update, with its state saved. */
  readonly signal?: AbortSignal | undefined;
  readonly log: (entry: LogEntry) => Promise<void>;
  readonly onStep?: ((report: StepReport) => void) | undefined;
}

/** A report about an update, for observers. */
export interface StepReport {
  readonly step: number;
  /** In the stage, from 1, and the stage's maximum number of updates and epochs. */
  readonly stageStep: number;
  readonly stageSteps: number;
  readonly stage: string;
  /** Over all stages, from 1. */
  readonly epoch: number;
  /** Means over the epoch so far. */
  readonly train: Figures;
  /** The loss of the stage's first update. */
  readonly firstLoss: number;
}

/**
 * Trains until the recipe is finished or the signal is aborted.
 * @returns the run's progress; it is finished if its stage is the number of stages
 * @throws TrainingError if a loss or a weight becomes non-finite; CheckpointError if the disk is full. The last checkpoint is then unchanged.
 */
export async function trainingLoop(options: LoopOptions): Promise<RunProgress> {
  const { recipe, loaders, folder, signal } = options;
  const run = new Run(options);
  const batches = new Batches(loaders.train);
  try {
    while (run.progress.stage < recipe.stages.length && !signal?.aborted) {
      await run.stage(recipe.stages[run.progress.stage]!, batches);
    }
  } finally {
    await batches.end();
  }
  if (recipe.keepFrozen && run.progress.stage === recipe.stages.length) await removeKept(folder);
  return run.progress;
}

/** The batches of a run in order, with or without their pictures. */
class Batches {
  private source: { readonly batches: AsyncGenerator<Batch>; readonly pictures: boolean } | undefined;

  constructor(private readonly loader: RunLoaders['train']) {}

  /**
   * @param done updates so far
   * @throws TrainingError if there is none
   */
  async after(done: number, pictures: boolean): Promise<Batch> {
    if (this.source?.pictures !== pictures) {
      await this.end();
      const { stepsPerEpoch } = this.loader;
      const start = { epoch: Math.floor(done / stepsPerEpoch), step: done % stepsPerEpoch };
      this.source = { batches: this.loader.batches({ ...start, pictures }), pictures };
    }
    const next = await this.source!.batches.next();
    if (next.done) throw new TrainingError('The data ended before training did');
    return next.value;
  }

  async end(): Promise<void> {
    await this.source?.batches.return(undefined);
    this.source = undefined;
  }
}

/** A stage, its training step and the session that runs it. */
interface RunningStage {
  readonly stage: Stage;
  /** What it trains: the run's graph, or what is left of it without what is kept. */
  readonly assembled: Assembled;
  readonly kept: KeptFeatures | undefined;
  readonly step: TrainingStep;
  readonly runner: StepRunner;
}

class Run {
  progress: RunProgress;
  /** The weights at the stage's start, which its frozen parts still have. */
  private weights: ReadonlyMap<string, Tensor>;
  /** The state resumed by this process's first stage, including moments. */
  private resumed: ReadonlyMap<string, Tensor> | undefined;
  private readonly stepsPerEpoch: number;
  private readonly checkpoints: Checkpoints;
  private readonly collapse = new CollapseWatch();
  private readonly started = performance.now();

  constructor(private readonly options: LoopOptions) {
    const { assembled, loaders, folder, recipe, state, progress } = options;
    this.progress = progress;
    this.weights = new Map(weightNames(assembled).map((name) => [name, state.get(name)!]));
    this.resumed = progress.stageStep > 0 ? state : undefined;
    this.stepsPerEpoch = recipe.epochSteps ?? loaders.train.stepsPerEpoch;
    this.checkpoints = new Checkpoints(folder, recipe.checkpointMinutes, progress.step);
  }

  async stage(stage: Stage, batches: Batches): Promise<void> {
    const { recipe, folder, loaders, session, signal } = this.options;
    if (stage.fromBest && this.progress.stageStep === 0 && this.progress.best) {
      this.weights = (await loadBest(folder)).weights;
    }
    this.weights = withBranches(this.weights, recipe, stage, this.options.assembled);
    const kept = await this.keptOf(stage);
    const assembled = kept?.assembled ?? this.options.assembled;
    const step = stageStep(recipe, stage, assembled, weightsOf(assembled, this.weights));
    const runner = await StepRunner.create(step, await chooseTarget(session.device), session);
    const running = { stage, assembled, kept, step, runner };
    try {
      if (this.resumed) runner.setState(this.resumed);
      this.resumed = undefined;
      let over = this.progress.stageStep >= stage.epochs * this.stepsPerEpoch;
      let epoch = Meter.from(this.progress.meter);
      let sinceEntry = new Throughput();
      while (!over && !signal?.aborted) {
        const batch = await batches.after(this.progress.step, !kept?.has(loaders.rows.train));
        const rate = learningRate(stage, this.progress.stageStep, this.stepsPerEpoch);
        const figures = await this.update(running, batch, rate);
        epoch.add(figures, batch.rows.length);
        sinceEntry.add(figures, batch.rows.length);
        this.countUpdate(figures, epoch);
        this.report(stage, epoch.means());
        if (this.progress.step % STEPS_PER_ENTRY === 0) {
          await this.logStep(stage, rate, sinceEntry);
          sinceEntry = new Throughput();
        }
        const epochEnds = this.progress.stageStep % this.stepsPerEpoch === 0;
        if (epochEnds) {
          over = await this.endEpoch(running, rate, epoch.means());
          epoch = Meter.empty();
          // Evaluation time does not count for the speed of updates.
          sinceEntry.restartClock();
        }
        if (!over && (signal?.aborted || this.checkpoints.isDue({ epochEnds }))) await this.save(runner);
      }
      if (over) await this.endStage(running);
    } finally {
      await runner.dispose();
      await kept?.close();
    }
  }

  /** The kept outputs of the stage's frozen part; undefined if the recipe keeps none or nothing is frozen. */
  private async keptOf(stage: Stage): Promise<KeptFeatures | undefined> {
    const { recipe, assembled, folder, loaders, session } = this.options;
    if (!recipe.keepFrozen) return undefined;
    const part = frozenPart(assembled, this.weights, changedNames(recipe, stage, assembled));
    if (part === undefined) return undefined;
    const rows = [...loaders.rows.train, ...loaders.rows.validation];
    return KeptFeatures.open(folder, part, assembled.images, rows, session);
  }

  /** @throws TrainingError, also recorded in the history, if the loss is not finite. */
  private async update(
    { step, runner, assembled, kept }: RunningStage,
    batch: Batch,
    rate: number,
  ): Promise<Figures> {
    const { recipe, loaders, log } = this.options;
    const numbers = { step: this.progress.step + 1, stageStep: this.progress.stageStep + 1, rate };
    const values = await kept?.of(batch);
    const figures = await update(recipe, assembled, step, runner, batch, numbers, loaders, values);
    if (!Number.isFinite(figures[LOSS])) {
      const epoch = this.progress.epoch + 1;
      const message = `The loss of step ${numbers.step} (epoch ${epoch}, rate ${rate}) is ${figures[LOSS]}: ${this.checkpoints.advice}`;
      await log({ kind: 'notice', step: numbers.step, epoch, message });
      throw new TrainingError(message, { logged: true });
    }
    return figures;
  }

  private countUpdate(figures: Figures, epoch: Meter): void {
    const { progress } = this;
    const stageStep = progress.stageStep + 1;
    const epochEnds = stageStep % this.stepsPerEpoch === 0;
    this.progress = {
      ...progress,
      stageStep,
      step: progress.step + 1,
      epoch: progress.epoch + Number(epochEnds),
      firstLoss: progress.firstLoss ?? figures[LOSS]!,
      meter: epochEnds ? {} : (epoch.toJSON() as RunProgress['meter']),
      seconds: this.seconds(),
    };
  }

  /** Evaluates if due, and reports. @returns whether the stage is over */
  private async endEpoch(running: RunningStage, rate: number, train: Figures): Promise<boolean> {
    const { recipe, log } = this.options;
    const { stage } = running;
    const { step, epoch, stageStep, firstLoss } = this.progress;
    const learnt = stage.untilShare !== undefined && train[LOSS]! < stage.untilShare * firstLoss!;
    const over = stageStep >= stage.epochs * this.stepsPerEpoch || learnt;
    const entry = { kind: 'epoch', step, epoch, stage: stage.name, rate, train } as const;
    if (epoch % recipe.evaluateEvery !== 0 && !over) {
      await log({ ...entry, best: false, seconds: this.seconds() });
    } else await this.validate(running, entry);
    return over || (stage.patience !== undefined && this.progress.stale >= stage.patience);
  }

  private async validate(
    { step, runner, assembled, kept }: RunningStage,
    entry: Omit<Extract<LogEntry, { kind: 'epoch' }>, 'validation' | 'best' | 'seconds'>,
  ): Promise<void> {
    const { recipe, loaders, folder, session, log } = this.options;
    const averaged = recipe.average !== undefined;
    // Only weights: the optimizer's moments would take twice as much again.
    const state = await runner.getState(averaged ? ['average'] : ['weight', 'statistic']);
    const weights = new Map([...this.weights, ...stateWeights(step.state, state, averaged)]);
    const { figures, predictions } = await evaluate(
      assembled,
      weightsOf(assembled, weights),
      loaders.validation,
      {
        kept,
        rows: loaders.rows.validation,
        spread: recipe.heads.age?.spread ?? 0,
        session: { ...session, spinning: false },
      },
    );
    const best = isBest(recipe, this.progress, figures);
    if (best) {
      this.checkpoints.mustBeFinite(weights, entry.step);
      this.progress = await keepBest(folder, this.progress, weights, figures);
    } else this.progress = { ...this.progress, stale: this.progress.stale + 1 };
    this.progress = { ...this.progress, seconds: this.seconds() };
    await log({ ...entry, validation: figures, best, seconds: this.progress.seconds });
    const at = { epoch: entry.epoch, step: entry.step };
    if (best) await log({ kind: 'confusion', ...at, ...predictions.confusions() });
    if (recipe.separation.includes(entry.epoch)) {
      await log({ kind: 'separation', ...at, ...predictions.separation() });
    }
    const notice = this.collapse.notice(figures, predictions, at);
    if (notice) await log(notice);
  }

  private async endStage({ step, runner }: RunningStage): Promise<void> {
    const { progress } = this;
    this.progress = { ...progress, stage: progress.stage + 1, stageStep: 0, stale: 0, firstLoss: null };
    const state = await this.save(runner);
    this.weights = new Map([...this.weights, ...stateWeights(step.state, state)]);
  }

  /** Saves the step's state together with the weights that the stage does not change. */
  private async save(runner: StepRunner): Promise<ReadonlyMap<string, Tensor>> {
    const state = await runner.getState();
    await this.checkpoints.save(new Map([...this.weights, ...state]), this.progress);
    return state;
  }

  private report(stage: Stage, train: Figures): void {
    const { step, stageStep, firstLoss } = this.progress;
    this.options.onStep?.({
      step,
      stageStep,
      stageSteps: stage.epochs * this.stepsPerEpoch,
      stage: stage.name,
      epoch: Math.ceil(step / this.stepsPerEpoch),
      train,
      firstLoss: firstLoss!,
    });
  }

  private logStep(stage: Stage, rate: number, { train, imagesPerSecond }: Throughput): Promise<void> {
    const { step } = this.progress;
    const epoch = Math.ceil(step / this.stepsPerEpoch);
    return this.options.log({ kind: 'step', step, epoch, stage: stage.name, rate, train, imagesPerSecond });
  }

  /** Training time in seconds, of this and earlier processes. */
  private seconds(): number {
    return this.options.progress.seconds + (performance.now() - this.started) / 1000;
  }
}

/** Figures and faces since the history's last entry. */
class Throughput {
  private readonly meter = Meter.empty();
  private faces = 0;
  private start = performance.now();

  add(figures: Figures, faces: number): void {
    this.meter.add(figures, faces);
    this.faces += faces;
  }

  restartClock(): void {
    this.faces = 0;
    this.start = performance.now();
  }

  get train(): Figures {
    return this.meter.means();
  }

  get imagesPerSecond(): number {
    return this.faces / ((performance.now() - this.start) / 1000);
  }
}
