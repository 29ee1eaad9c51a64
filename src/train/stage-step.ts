/** The training step of a stage. */
import { type ParameterGroup, type TrainingStep, trainingStep, withWeights } from '../autodiff/index.js';
import { fixedBatch, type Tensor } from '../onnx/index.js';
import { type Assembled, LOSS, STANDARDIZED } from './graph/index.js';
import { type Recipe, RecipeError, type Stage } from './recipe/index.js';

/**
 * @param weights the weights at the stage's start
 * @throws RecipeError if the recipe's batch cannot be split evenly, or the stage trains nothing.
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
    ...backboneGroups(trainedBackbone(recipe, stage, assembled), stage, assembled),
    { parameters: assembled.heads },
  ].filter(({ parameters }) => parameters.length > 0);
  if (groups.length === 0) {
    throw new RecipeError(
      `Recipe '${recipe.name}': stage '${stage.name}': nothing to train, since no head has parameters`,
    );
  }
  return trainingStep(fixedBatch(withWeights(assembled.forward, weights), batch / microBatches), {
    loss: LOSS,
    groups,
    optimizer: stage.optimizer,
    statistics: followedStatistics(assembled),
    accumulate: microBatches > 1,
    ...(stage.clipNorm !== undefined && { clipNorm: stage.clipNorm }),
    ...(recipe.average !== undefined && { averageDecay: recipe.average }),
  });
}

/** One group, or one for each layer if their rates differ. */
function backboneGroups(
  trained: readonly string[],
  { backboneRate, layerDecay }: Stage,
  assembled: Assembled,
): ParameterGroup[] {
  if (layerDecay === 1) return [{ parameters: trained, rate: backboneRate }];
  const depths = layersFromHeads(assembled);
  const groups = new Map<number, string[]>();
  for (const name of trained) {
    const depth = depths.get(name)!;
    groups.set(depth, [...(groups.get(depth) ?? []), name]);
  }
  return [...groups].map(([depth, parameters]) => ({ parameters, rate: backboneRate * layerDecay ** depth }));
}

/**
 * The distance in layers of each backbone parameter from the heads: the last layer 1, the first as many as there are.
 * The rate of a layer is that of the heads times the decay to this power (Clark et al., "ELECTRA", ICLR 2020, table 7).
 */
export function layersFromHeads({
  forward,
  backbone,
}: Pick<Assembled, 'forward' | 'backbone'>): ReadonlyMap<string, number> {
  let count = 0;
  const layers = backbone.map((name) => {
    if (forward.graph.initializers.get(name)!.dims.length >= 2) count++;
    // Parameters before the first layer's weights belong to it.
    return [name, Math.max(1, count)] as const;
  });
  return new Map(layers.map(([name, layer]) => [name, count - layer + 1]));
}

/** The names of all constants that a stage changes. */
export function changedNames(recipe: Recipe, stage: Stage, assembled: Assembled): string[] {
  return [...trainedBackbone(recipe, stage, assembled), ...assembled.heads, ...followedStatistics(assembled)];
}

/** The heads' inputs are standardised from the first stage on, even if nothing before them is trained. */
const followedStatistics = ({ statistics }: Assembled): string[] =>
  statistics.filter((name) => name.startsWith(`${STANDARDIZED}.`));

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
    `Recipe '${name}': stage '${stage.name}': train.from: no layer's name starts with '${train.from}'; the first is '${backbone[0]}'`,
  );
}
