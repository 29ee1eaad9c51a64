/**
 * Models as commands that measure them take them: a shipped model, an .onnx file, with `--facts` if it lacks metadata, a
 * run, which becomes a model, or weights that a system's authors published, with `--as`.
 */
import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { type NamedModel, namedModel, readNamedModel } from '../bulk/node.js';
import { METADATA_KEY, type ModelMetadataDocument } from '../metadata/index.js';
import { OnnxFormatError, readModel, writeModel } from '../onnx/index.js';
import { exportRuns, importWeights, loadRecipe, runFolders } from '../train/index.js';
import { readModelFacts } from './model-facts.js';
import { UsageError } from './usage.js';

export interface MeasuredModel extends NamedModel {
  /** The facts that were given for a model that has none of its own. */
  readonly metadata?: ModelMetadataDocument;
}

export interface ModelFlags {
  /** Files of facts, for the models without metadata in their order; one stands for all. */
  readonly facts?: readonly string[] | undefined;
  /** Recipes, for the files of published weights in their order; one stands for all. */
  readonly as?: readonly string[] | undefined;
}

/** Files of weights that are no models. */
const WEIGHTS = new Set(['.h5', '.hdf5', '.keras', '.safetensors']);

/** A model as networks are loaded from it. */
export const asNetwork = ({ name, bytes, metadata }: MeasuredModel) => ({
  name,
  model: bytes,
  ...(metadata && { metadata }),
});

/** Each model by its name; an ensemble's folder gives one for each member. */
export async function readModels(
  given: readonly string[],
  { facts = [], as = [] }: ModelFlags = {},
): Promise<MeasuredModel[]> {
  const nextFacts = inTurn('--facts', facts, 'model without metadata');
  const nextRecipe = inTurn('--as', as, 'file of weights');
  const models: MeasuredModel[] = [];
  for (const name of given) {
    if ((await stat(name).catch(() => undefined))?.isDirectory()) {
      for (const folder of await runFolders(name)) {
        const { model } = await exportRuns([folder]);
        models.push(namedModel(folder, writeModel(model)));
      }
    } else if (WEIGHTS.has(extname(name).toLowerCase())) {
      models.push(await modelOfWeights(name, nextRecipe.take()));
    } else {
      const model = await readNamedModel(name);
      const file = facts.length > 0 && lacksMetadata(model) ? nextFacts.take() : undefined;
      models.push(file === undefined ? model : { ...model, metadata: await readModelFacts(file) });
    }
  }
  nextFacts.check();
  nextRecipe.check();
  return models;
}

/** False for what is no model at all, which loading it reports. */
function lacksMetadata({ bytes }: NamedModel): boolean {
  try {
    return !readModel(bytes).metadata.has(METADATA_KEY);
  } catch (error) {
    if (error instanceof OnnxFormatError) return false;
    throw error;
  }
}

async function modelOfWeights(file: string, recipe: string | undefined): Promise<NamedModel> {
  if (recipe === undefined) {
    throw new UsageError(
      `${file}: expected --as with the recipe of the system that the weights are of, found none`,
    );
  }
  const { kind, model, sha256 } = await importWeights(file, await loadRecipe(recipe));
  if (kind === 'backbone') {
    throw new UsageError(`${file}: expected weights with heads for age or gender, found a network without`);
  }
  return { name: file, bytes: writeModel(model), sha256 };
}

/** Values of an option for some of the models, one after another; a single one for all of them. */
function inTurn(option: string, values: readonly string[], what: string) {
  let taken = 0;
  return {
    take(): string | undefined {
      taken++;
      return values.length === 1 ? values[0] : values[taken - 1];
    },
    check(): void {
      if (values.length === taken || (values.length === 1 && taken > 0)) return;
      throw new UsageError(`${option}: expected one for each ${what}, found ${values.length} for ${taken}`);
    },
  };
}
