/** The graph of a recipe, and the weights that a run begins with. */
import { dirname, extname } from 'node:path';
import { METADATA_KEY, readMetadata, type TrainingOrigin } from '../metadata/index.js';
import { type Initial, networkOf, randomWeights, zeroWeights } from '../networks/index.js';
import { readModelFile } from '../onnx/file.js';
import { float32, type Model, type Tensor } from '../onnx/index.js';
import { locate } from '../registry/node.js';
import { type Assembled, assemble, statedInput, weightNames } from './graph/index.js';
import { isRun, readRunFacts } from './log/index.js';
import { openRun, runFolders, runModel, runTrainedOn } from './open-run.js';
import type { Recipe } from './recipe/index.js';
import type { TrainOptions } from './train-options.js';
import { loadBackbone, loadedFirst, loadWeights, WeightsError } from './weights/index.js';

export interface FirstGraph {
  readonly assembled: Assembled;
  readonly weights: ReadonlyMap<string, Tensor>;
  /** What the recipe's backbone or weights were trained on; undefined if they do not say. */
  readonly learntBefore: readonly TrainingOrigin[] | undefined;
}

/**
 * Builds the graph once, with weights from the recipe's file, else from its seed.
 * @throws RecipeError if the recipe's parts do not match; WeightsError if a file cannot be used.
 */
export async function firstGraph(
  recipe: Recipe,
  { onNotice, onFetch, signal }: TrainOptions,
): Promise<FirstGraph> {
  const { network, seed, stages } = recipe;
  const fetching = {
    ...(network.sha256 !== undefined && { sha256: network.sha256 }),
    ...(onNotice && { onNotice }),
    ...(onFetch && { onProgress: onFetch }),
    ...(signal && { signal }),
  };
  const backbone =
    network.backbone === undefined
      ? undefined
      : await loadBackbone({
          file: network.backbone,
          maps: network.name !== undefined,
          model: await ofRun(network.backbone),
          ...(network.features !== undefined && { features: network.features }),
          input: statedInput(recipe),
          ...fetching,
        });
  const requested = new Map<string, readonly [dims: readonly number[], initial: Initial]>();
  const assembled = assemble(
    recipe,
    (name, dims, initial) => {
      requested.set(name, [dims, initial]);
      return zeroWeights(name, dims, initial);
    },
    backbone,
  );
  if (backbone === undefined && network.weights === undefined && stages[0]!.train !== 'all') {
    onNotice?.(`Stage '${stages[0]!.name}' freezes untrained weights; give trained ones in network.weights`);
  }
  const shapes = new Map([...requested].map(([name, [dims]]) => [name, dims]));
  const { weights: file } = network;
  const loaded =
    file === undefined
      ? new Map()
      : await loadWeights(file, networkOf(network.name!), { shapes, ...fetching });
  const valuesOf = loadedFirst(loaded, randomWeights(seed));
  const { initializers } = assembled.forward.graph;
  const weights = weightNames(assembled).map((name): [string, Tensor] => {
    const request = requested.get(name);
    // Weights that were not requested come from the backbone's file.
    if (request === undefined) return [name, initializers.get(name)!];
    const [dims, initial] = request;
    return [name, float32(name, dims, valuesOf(name, dims, initial))];
  });
  const learntBefore =
    file === undefined ? backbone?.trainedOn : await weightsTrainedOn(await locate(file, fetching));
  return { assembled, weights: new Map(weights), learntBefore };
}

/** What a model of ours, or a checkpoint in the folder of its run, has learned from; undefined for another file. */
async function weightsTrainedOn(path: string): Promise<readonly TrainingOrigin[] | undefined> {
  if (extname(path).toLowerCase() === '.onnx') {
    const model = await readModelFile(path);
    return model.metadata.has(METADATA_KEY) ? readMetadata(model, path).trainedOn : undefined;
  }
  const folder = dirname(path);
  return (await isRun(folder)) ? runTrainedOn(await readRunFacts(folder)) : undefined;
}

const RUN = 'run:';

/** The model of the run that a backbone names by its folder, `run:PATH`; undefined for another. */
async function ofRun(backbone: string): Promise<Model | undefined> {
  if (!backbone.startsWith(RUN)) return undefined;
  const [first, ...others] = await runFolders(backbone.slice(RUN.length));
  if (others.length > 0) {
    const found = `an ensemble of ${others.length + 1}`;
    throw new WeightsError({
      subject: backbone,
      expected: `a run of one network, such as ${RUN}${first}`,
      found,
    });
  }
  return runModel(await openRun(first!));
}
