/**
 * The training loop: stages one after another, updates, an evaluation after each epoch, checkpoints. A run that was
 * killed goes on from its last checkpoint to the same losses: what an update sees follows from the seed and its number.
 */

import { stateWeights, type TrainingStep } from '../autodiff/index.js';
import type { Batch } from '../data/index.js';
import { type Figures, Meter, Predictions } from '../metrics/index.js';
import { float32Values, type Tensor } from '../onnx/index.js';
import { floatData, type SessionOptions, type Tensors } from '../runtime/index.js';
import { evaluate } from './evaluate.js';
import { feedsOf } from './feed.js';
import { AGE, type Assembled, GENDER, LOSS, weightNames } from './graph/index.js';
import type { LogEntry } from './log/index.js';
import { noiseFor } from './noise.js';
import { MONITORS, type Monitor, type Recipe, type Stage } from './recipe/index.js';
import type { RunLoaders } from './run-data.js';
import { loadBest, type RunProgress, saveBest, saveProgress } from './run-folder.js';
import { learningRate } from './schedule.js';
import { stageStep } from './stage-step.js';
import { StepRunner } from './step-runner.js';
import { chooseTarget } from './target.js';
import { TrainingError } from './training-error.js';

/** Where an update stands, for those who watch. */
export interface StepReport {
  readonly step: number;
  /** In the stage, from 1, and how many of both the stage has at most. */
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

export interface LoopOptions {
  readonly recipe: Recipe;
  readonly assembled: Assembled;
  readonly loaders: RunLoaders;
  readonly folder: string;
  /** What the run goes on with: the state of `progress`, moments of the optimizer among it after a stage's first step. */
  readonly state: ReadonlyMap<string, Tensor>;
  readonly progress: RunProgress;
  readonly session: SessionOptions;
  /** Aborted, it ends the run after the update under way, its state saved. */
  readonly signal?: AbortSignal | undefined;
  readonly log: (entry: LogEntry) => Promise<void>;
  readonly onStep?: ((report: StepReport) => void) | undefined;
}

/** Updates from one entry in the history to the next. */
const STEPS_PER_ENTRY = 20;
/** After an epoch the state is saved unless that would take a larger share of the time than one in so many. */
const SAVING_SHARE = 20;
/** Predictions that lie this much closer together than labels are a collapse. */
const COLLAPSED = 0.2;

/**
 * Trains until the recipe is done or the signal is aborted.
 * @returns where the run stands; done where its stage is the number of stages
 * @throws TrainingError where a loss or a weight is no number any more; CheckpointError where the disk is full. The last
 *   checkpoint is then as it was.
 */
export async function trainingLoop(options: LoopOptions): Promise<RunProgress> {
  const { recipe, loaders, signal } = options;
  const run = new Run(options);
  const done = run.progress.step;
  const { stepsPerEpoch } = loaders.train;
  const batches = loaders.train.batches({
    epoch: Math.floor(done / stepsPerEpoch),
    step: done % stepsPerEpoch,
  });
  try {
    while (run.progress.stage < recipe.stages.length && !signal?.aborted) {
      await run.stage(recipe.stages[run.progress.stage]!, batches);
    }
  } finally {
    await batches.return();
  }
  return run.progress;
}

class Run {
  progress: RunProgress;
  private weights: ReadonlyMap<string, Tensor>;
  /** What the first stage of this process takes up, moments and all. */
  private resumed: ReadonlyMap<string, Tensor> | undefined;
  private readonly stepsPerEpoch: number;
  private readonly clock: () => number;
  /** When the state was saved last, and how long that took, in milliseconds of a clock that nobody sets. */
  private saved = performance.now();
  private saving = 0;
  /** The step of the last checkpoint. */
  private savedStep: number;
  /** Whether the last evaluation found a collapse. */
  private collapsed = false;

  constructor(private readonly options: LoopOptions) {
    const { assembled, loaders, recipe, state, progress } = options;
    this.progress = progress;
    this.savedStep = progress.step;
    this.weights = new Map(weightNames(assembled).map((name) => [name, state.get(name)!]));
    this.resumed = progress.stageStep > 0 ? state : undefined;
    this.stepsPerEpoch = recipe.epochSteps ?? loaders.train.stepsPerEpoch;
    const started = performance.now();
    this.clock = () => progress.seconds + (performance.now() - started) / 1000;
  }

  async stage(stage: Stage, batches: AsyncGenerator<Batch>): Promise<void> {
    const { recipe, assembled, folder, session, signal } = this.options;
    const { untilShare } = stage;
    if (stage.fromBest && this.progress.stageStep === 0 && this.progress.best) {
      this.weights = (await loadBest(folder)).weights;
    }
    const step = stageStep(recipe, stage, assembled, this.weights);
    const runner = await StepRunner.create(step, await chooseTarget(session.device), session);
    try {
      if (this.resumed) runner.setState(this.resumed);
      this.resumed = undefined;
      const total = stage.epochs * this.stepsPerEpoch;
      let over = this.progress.stageStep >= total;
      let meter = Meter.from(this.progress.meter);
      let window = Meter.empty();
      let [windowStart, windowFaces] = [performance.now(), 0];
      while (!over && !signal?.aborted) {
        const { value: batch, done } = await batches.next();
        if (done) throw new TrainingError('The data ended before the training did');
        const rate = learningRate(stage, this.progress.stageStep, this.stepsPerEpoch);
        const figures = await this.update(runner, step, batch, rate);
        for (const m of [meter, window]) m.add(figures, batch.rows.length);
        windowFaces += batch.rows.length;
        const stageStep = this.progress.stageStep + 1;
        const epochEnds = stageStep % this.stepsPerEpoch === 0;
        this.progress = {
          ...this.progress,
          stageStep,
          step: this.progress.step + 1,
          epoch: this.progress.epoch + Number(epochEnds),
          firstLoss: this.progress.firstLoss ?? figures[LOSS]!,
          meter: meter.toJSON() as RunProgress['meter'],
          seconds: this.clock(),
        };
        this.report(stage, total, meter);
        if (this.progress.step % STEPS_PER_ENTRY === 0) {
          const seconds = (performance.now() - windowStart) / 1000;
          await this.logStep(stage, rate, window.means(), windowFaces / seconds);
          window = Meter.empty();
          [windowStart, windowFaces] = [performance.now(), 0];
        }
        if (epochEnds) {
          const train = meter.means();
          meter = Meter.empty();
          this.progress = { ...this.progress, meter: {} };
          over =
            stageStep >= total ||
            (untilShare !== undefined && train[LOSS]! < untilShare * this.progress.firstLoss!);
          await this.endEpoch(stage, step, runner, { rate, train, last: over });
          [windowStart, windowFaces] = [performance.now(), 0];
          over ||= stage.patience !== undefined && this.progress.stale >= stage.patience;
        }
        const waited = performance.now() - this.saved;
        const late = waited > recipe.checkpointMinutes * 60_000;
        const due = epochEnds && waited >= SAVING_SHARE * this.saving;
        if (!over && (due || late || signal?.aborted)) await this.save(runner);
      }
      if (over) {
        this.weights = await this.allWeights(step, runner);
        this.progress = {
          ...this.progress,
          stage: this.progress.stage + 1,
          stageStep: 0,
          stale: 0,
          firstLoss: null,
        };
        await this.save(runner);
      }
    } finally {
      await runner.dispose();
    }
  }

  /** One update; its losses, and what the network said of the faces before it. */
  private async update(runner: StepRunner, step: TrainingStep, batch: Batch, rate: number): Promise<Figures> {
    const { recipe, assembled } = this.options;
    const number = this.progress.step + 1;
    const feeds = feedsOf(batch, assembled, recipe.heads.age?.spread ?? 0, recipe.microBatches);
    const parts = feeds.map((part, i) => ({ ...part, ...noiseFor(step.noise, recipe.seed, number, i) }));
    const { outputs, earlier } = await runner.update(parts, rate, this.progress.stageStep + 1);
    const figures = figuresOf([...earlier, outputs], batch, assembled);
    if (!Number.isFinite(figures[LOSS])) {
      const epoch = this.progress.epoch + 1;
      const message = `The loss of step ${number} (epoch ${epoch}, rate ${rate}) is ${figures[LOSS]}: ${this.advice}`;
      await this.options.log({ kind: 'notice', step: number, epoch, message });
      throw new TrainingError(message, { logged: true });
    }
    return figures;
  }

  private report(stage: Stage, stageSteps: number, meter: Meter): void {
    const { step, stageStep, firstLoss } = this.progress;
    this.options.onStep?.({
      step,
      stageStep,
      stageSteps,
      stage: stage.name,
      epoch: Math.ceil(step / this.stepsPerEpoch),
      train: meter.means(),
      firstLoss: firstLoss!,
    });
  }

  /** What to do about numbers that are not finite. */
  private get advice(): string {
    return `a lower rate or clipNorm may help; the checkpoint of step ${this.savedStep} is kept`;
  }

  private logStep(stage: Stage, rate: number, train: Figures, imagesPerSecond: number): Promise<void> {
    const { step } = this.progress;
    const epoch = Math.ceil(step / this.stepsPerEpoch);
    return this.options.log({ kind: 'step', step, epoch, stage: stage.name, rate, train, imagesPerSecond });
  }

  private async endEpoch(
    stage: Stage,
    step: TrainingStep,
    runner: StepRunner,
    { rate, train, last }: { readonly rate: number; readonly train: Figures; readonly last: boolean },
  ): Promise<void> {
    const { recipe, assembled, loaders, folder, session, log } = this.options;
    const { step: number, epoch } = this.progress;
    const entry = { kind: 'epoch', step: number, epoch, stage: stage.name, rate, train } as const;
    if (epoch % recipe.evaluateEvery !== 0 && !last) {
      await log({ ...entry, best: false, seconds: this.clock() });
      return;
    }
    const weights = await this.allWeights(step, runner, recipe.average !== undefined);
    const spread = recipe.heads.age?.spread ?? 0;
    const { figures, predictions } = await evaluate(assembled, weights, loaders.validation, {
      spread,
      session: { ...session, spinning: false },
    });
    const value = figures[recipe.monitor]!;
    const best =
      this.progress.best === null ||
      isBetter(recipe.monitor, value, this.progress.best.figures[recipe.monitor]!);
    if (best) {
      const found = { format: 1, epoch, step: number, figures } as const;
      this.checkFinite(weights);
      await saveBest(folder, weights, found);
      this.progress = { ...this.progress, best: found, stale: 0 };
    } else this.progress = { ...this.progress, stale: this.progress.stale + 1 };
    this.progress = { ...this.progress, seconds: this.clock() };
    await log({ ...entry, validation: figures, best, seconds: this.progress.seconds });
    if (recipe.separation.includes(epoch)) {
      await log({ kind: 'separation', epoch, step: number, ...predictions.separation() });
    }
    const collapsed = figures.spread !== undefined && figures.spread < COLLAPSED;
    if (collapsed && !this.collapsed) {
      const message =
        `The network says nearly the same of every face: its ages lie about ${predictions.meanAge.toFixed(0)}, ` +
        `${(100 * figures.spread!).toFixed(0)}% as far apart as the labels; a lower rate, balanced sampling or more epochs may help`;
      await log({ kind: 'notice', epoch, step: number, message });
    }
    this.collapsed = collapsed;
  }

  /** All weights as they are now, those of frozen parts too; their moving average where `averaged`. */
  private async allWeights(step: TrainingStep, runner: StepRunner, averaged = false) {
    return new Map([...this.weights, ...stateWeights(step.state, await runner.getState(), averaged)]);
  }

  private async save(runner: StepRunner): Promise<void> {
    const started = performance.now();
    const state = new Map([...this.weights, ...(await runner.getState())]);
    this.checkFinite(state);
    await saveProgress(this.options.folder, state, this.progress);
    this.saved = performance.now();
    this.saving = this.saved - started;
    this.savedStep = this.progress.step;
  }

  /** @throws TrainingError where a tensor holds what is no number. */
  private checkFinite(tensors: ReadonlyMap<string, Tensor>): void {
    for (const [name, t] of tensors) {
      if (allFinite(float32Values(t))) continue;
      throw new TrainingError(
        `After step ${this.progress.step} '${name}' holds numbers that are not finite: ${this.advice}`,
      );
    }
  }
}

/** The losses of an update's micro-batches, and what the network said of their faces. */
function figuresOf(parts: readonly Tensors[], batch: Batch, { classes, gender, losses }: Assembled): Figures {
  const predictions = new Predictions(classes);
  const rows = batch.rows.length / parts.length;
  parts.forEach((outputs, i) => {
    const own = <T>(labels: readonly T[]) => labels.slice(i * rows, (i + 1) * rows);
    if (classes) predictions.addAges(floatData(outputs[AGE]!), own(batch.ages));
    if (gender) predictions.addGenders(floatData(outputs[GENDER]!), own(batch.genders));
  });
  const { spread: _, ...figures } = predictions.figures();
  const mean = (name: string) =>
    parts.reduce((sum, outputs) => sum + floatData(outputs[name]!)[0]!, 0) / parts.length;
  const names = losses.length > 1 ? losses.map((name) => `${LOSS}.${name}`) : [];
  return { ...Object.fromEntries([LOSS, ...names].map((name) => [name, mean(name)])), ...figures };
}

const isBetter = (monitor: Monitor, value: number, before: number): boolean =>
  MONITORS[monitor] === 'least' ? value < before : value > before;

/** Much faster than by element: times 0 what is not finite is no number, and so is a sum with it. */
function allFinite(values: Float32Array): boolean {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += 0 * values[i]!;
  return sum === 0;
}
