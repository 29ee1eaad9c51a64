/** The training step of a stage. */
import { type TrainingStep, trainingStep, withWeights } from '../autodiff/index.js';
import { fixedBatch, type Tensor } from '../onnx/index.js';
import { type Assembled, LOSS, STANDARDIZED } from './graph/index.js';
import { type Recipe, RecipeError, type Stage } from './recipe/index.js';

/**
 * @param weights what the stage begins with
 * @throws RecipeError where the recipe's batch does not come apart, or the stage trains nothing.
 */
export function stageStep(
  recipe: Recipe,
  stage: Stage,
  assembled: Assembled,
  weights: ReadonlyMap<string, Tensor>,
): TrainingStep {
  const { batch, microBatches } = recipe;
  if (batch % microBatches !== 0) {
    throw new RecipeError(
      `Recipe '${recipe.name}': microBatches: expected a number that divides the batch of ${batch}, found ${microBatches}`,
    );
  }
  const groups = [
    { parameters: trainedBackbone(recipe, stage, assembled), rate: stage.backboneRate },
    { parameters: assembled.heads },
  ].filter(({ parameters }) => parameters.length > 0);
  if (groups.length === 0) {
    throw new RecipeError(
      `Recipe '${recipe.name}': stage '${stage.name}': there is nothing to train: no head has parameters`,
    );
  }
  return trainingStep(fixedBatch(withWeights(assembled.forward, weights), batch / microBatches), {
    loss: LOSS,
    groups,
    optimizer: stage.optimizer,
    // What the heads see is standardised from the first stage on, though nothing before it is trained.
    statistics: assembled.statistics.filter((name) => name.startsWith(`${STANDARDIZED}.`)),
    accumulate: microBatches > 1,
    ...(stage.clipNorm !== undefined && { clipNorm: stage.clipNorm }),
    ...(recipe.average !== undefined && { averageDecay: recipe.average }),
  });
}

function trainedBackbone(
  { name }: Recipe,
  { train, ...stage }: Stage,
  { backbone }: Assembled,
): readonly string[] {
  if (train === 'heads') return [];
  if (train === 'all') return backbone;
  const start = backbone.findIndex((parameter) => parameter.startsWith(train.from));
  if (start >= 0) return backbone.slice(start);
  throw new RecipeError(
    `Recipe '${name}': stage '${stage.name}': train.from: no layer's name begins with '${train.from}'; the first is '${backbone[0]}'`,
  );
}
