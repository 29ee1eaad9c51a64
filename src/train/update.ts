/** One update: runs the step on a batch; returns its losses and the predictions before the update. */
import type { TrainingStep } from '../autodiff/index.js';
import type { Batch } from '../data/index.js';
import { type Figures, Predictions } from '../metrics/index.js';
import { floatData, type Tensors } from '../runtime/index.js';
import { feedsOf, type Kept } from './feed.js';
import { AGE, type Assembled, GENDER, lossNames } from './graph/index.js';
import { noiseFor } from './noise.js';
import type { Recipe } from './recipe/index.js';
import type { RunLoaders } from './run-loaders.js';
import type { StepRunner } from './step-runner.js';

export interface UpdateNumbers {
  /** Over all stages, from 1: seeds dropout. */
  readonly step: number;
  /** In the stage, from 1: the optimizer's own. */
  readonly stageStep: number;
  readonly rate: number;
}

export async function update(
  recipe: Recipe,
  assembled: Assembled,
  step: TrainingStep,
  runner: StepRunner,
  batch: Batch,
  { step: number, stageStep, rate }: UpdateNumbers,
  { teacher, labelling }: Pick<RunLoaders, 'teacher' | 'labelling'>,
  kept?: Kept,
): Promise<Figures> {
  const teaching = teacher && { teacher, rows: batch.rows };
  const spread = recipe.heads.age?.spread ?? 0;
  const feeds = feedsOf(batch, assembled, spread, recipe.microBatches, teaching, labelling, kept);
  const parts = feeds.map((part, i) => ({ ...part, ...noiseFor(step.noise, recipe.seed, number, i) }));
  const { outputs, earlier } = await runner.update(parts, rate, stageStep);
  return figuresOf([...earlier, outputs], batch, assembled);
}

/** @param parts the step's outputs for each micro-batch */
function figuresOf(parts: readonly Tensors[], batch: Batch, assembled: Assembled): Figures {
  const { classes, gender } = assembled;
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
  return { ...Object.fromEntries(lossNames(assembled).map((name) => [name, mean(name)])), ...figures };
}
