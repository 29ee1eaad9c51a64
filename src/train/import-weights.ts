/** Weights that somebody published, as a model of ours, without training. */

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { evaluationGraph, inferenceGraph } from '../autodiff/index.js';
import { maskAddress } from '../errors/index.js';
import { NETWORK_INPUT_KEY, type NetworkInput, withDocument } from '../metadata/index.js';
import { Layers, NETWORKS, type Network, networkOf, type WeightSource } from '../networks/index.js';
import { float32, GraphBuilder, type Model, withMetadata } from '../onnx/index.js';
import { type LocateOptions, locate } from '../registry/node.js';
import { type Assembled, assemble, weightNames } from './graph/index.js';
import { type ImportedFacts, importCard } from './import-card.js';
import { modelDocument } from './model-document.js';
import { runOutputs } from './open-run.js';
import { type Recipe, RecipeError } from './recipe/index.js';
import {
  joinRanges,
  listed,
  type MatchedWeights,
  matchWeights,
  openWeights,
  parameterShapes,
  type Shapes,
  type WeightFile,
  WeightsError,
  wantedLayers,
} from './weights/index.js';

export interface ImportWeightsOptions extends LocateOptions {
  /** Under what terms the weights are given; those that are known of the published ones if left out. */
  readonly terms?: string | undefined;
}

export interface ImportedWeights extends ImportedFacts {
  readonly model: Model;
  /** The model's card, in Markdown. */
  readonly card: string;
}

/**
 * The model that a file of published weights is: the network and heads of a recipe with all of its values from the file.
 * A file of the network alone, as Keras Applications gives them for ImageNet, is made a backbone: a network that ends with
 * features, for `network.backbone` of a recipe.
 * @param source a path or an address, see `locate`
 * @throws RecipeError for a recipe whose network has no published weights; WeightsError, in one sentence, where the file is
 *   of another network or layout: it names every layer that is missing, unexpected or of another size, each once.
 * @example
 * const { model, card } = await importWeights('weights.18-4.06.hdf5', await loadRecipe('wrn-16-8-imdb-wiki'));
 */
export async function importWeights(
  source: string,
  recipe: Recipe,
  options: ImportWeightsOptions = {},
): Promise<ImportedWeights> {
  const network = publishedNetwork(recipe);
  const path = await locate(source, options);
  const shapes = new Map<string, readonly number[]>();
  const assembled = assemble(recipe, noting(shapes));
  const file = await openWeights(path, network, '');
  try {
    const sha256 = await hashOf(path);
    const matched = matchWeights(file, network, shapes);
    const kind = kindOfFile(file, network, shapes, matched);
    if (kind === undefined) {
      throw new WeightsError(`${maskAddress(source)}: ${await misfit(file, path, network, recipe, shapes)}`);
    }
    const values: WeightSource = (name) => matched.read.get(name)!();
    const facts: ImportedFacts = {
      kind,
      recipe: recipe.name,
      network: network.title,
      source: basename(maskAddress(source)),
      sha256,
      terms: options.terms ?? network.keras?.terms ?? 'as their authors say',
      input: assembled.input,
      classes: kind === 'model' ? assembled.classes : undefined,
      gender: kind === 'model' && assembled.gender,
    };
    const model = kind === 'model' ? modelOf(assembled, facts, values) : backboneOf(network, facts, values);
    return { ...facts, model, card: importCard(facts) };
  } finally {
    file.close();
  }
}

/** @throws RecipeError where it is not known what layers published weights have. */
function publishedNetwork({ name, network }: Recipe): Network {
  const found = network.name === undefined ? undefined : networkOf(network.name);
  if (found?.keras !== undefined && found.backbone === undefined) return found;
  const what = found === undefined ? 'a backbone from a file' : found.title;
  // Its backbone alone is published.
  const way = found?.keras && `; its backbone's are for training: agewise train ${name} --weights FILE`;
  throw new RecipeError(
    `Recipe '${name}': network: expected one with published weights, found ${what}${way ?? ''}`,
  );
}

/** Gives zeros and notes what was asked for. */
const noting =
  (shapes: Map<string, readonly number[]>): WeightSource =>
  (name, dims) => {
    shapes.set(name, dims);
    return new Float32Array(dims.reduce((a, b) => a * b, 1));
  };

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path)) hash.update(piece as Uint8Array);
  return hash.digest('hex');
}

/** A whole model, or a backbone if only heads are missing, without names of their own; undefined for neither. */
function kindOfFile(
  file: WeightFile,
  network: Network,
  shapes: Shapes,
  { unfit }: MatchedWeights,
): ImportedFacts['kind'] | undefined {
  const [outputs] = network.published?.heads ?? [];
  const heads = wantedLayers(network, shapes).filter(({ head }) => head);
  const bare = unfit.length === heads.length && unfit.every(({ wanted }) => wanted.head);
  const named = heads.some(({ scope }) => network.keras?.layers[scope] !== undefined);
  if (unfit.length > 0 && (!bare || named || outputs === undefined)) return undefined;
  // The classifier of the published network has no place in a backbone, and is known.
  const classifier =
    unfit.length === 0 ? undefined : file.layer(classifierOf(network, heads[0]!.shapes, outputs!));
  if (classifier?.kind === 'misfit' || file.unused().length > 0) return undefined;
  return unfit.length === 0 ? 'model' : 'backbone';
}

function classifierOf(network: Network, head: Shapes, outputs: number) {
  const shapes = new Map([...head].map(([role, dims]) => [role, [...dims.slice(0, -1), outputs]]));
  return { scope: network.classifier, shapes, head: true };
}

/** What is wrong with a file, in words. */
async function misfit(
  file: WeightFile,
  path: string,
  network: Network,
  recipe: Recipe,
  shapes: Shapes,
): Promise<string> {
  const outputs = [...(recipe.heads.age ? ['age'] : []), ...(recipe.heads.gender ? ['gender'] : [])];
  const expected = `expected the weights of ${network.title} for ${listed(outputs)} (recipe '${recipe.name}')`;
  if (file.hint) return `${expected}; ${file.hint}`;
  const other = await otherNetwork(path, network);
  if (other !== undefined) return `${expected}, found those of ${other}`;
  const wanted = wantedLayers(network, shapes);
  const found = file.difference(wanted);
  const parts = [
    found.missing.length > 0 && `missing ${joinRanges(found.missing)}`,
    found.extra.length > 0 && `unexpected ${joinRanges(found.extra)}`,
    ...found.other,
  ].filter((part) => part !== false);
  if (parts.length === 0) {
    const problems = matchWeights(file, network, shapes).unfit.flatMap((one) =>
      one.found.kind === 'missing' ? [one.found.what] : one.found.problems,
    );
    return `${expected}: ${listed(problems)}`;
  }
  return `${expected}, found layers that differ: ${parts.join('; ')}`;
}

/** The network whose layers a file has, all of them; undefined where none is known. */
async function otherNetwork(path: string, network: Network): Promise<string | undefined> {
  for (const other of NETWORKS) {
    if (other.keras === undefined || other.backbone !== undefined || other.name === network.name) continue;
    const file = await openWeights(path, other, '');
    try {
      if (matchWeights(file, other, parameterShapes(other)).unfit.length === 0) return other.title;
    } finally {
      file.close();
    }
  }
  return undefined;
}

/** All of the network and its heads in the form that estimates, with its facts. */
function modelOf(assembled: Assembled, facts: ImportedFacts, values: WeightSource): Model {
  const { initializers } = assembled.forward.graph;
  const weights = new Map(
    weightNames(assembled).map((name) => {
      const { dims } = initializers.get(name)!;
      return [name, float32(name, dims, values(name, dims, { kind: 'constant', value: 0 }))];
    }),
  );
  const { classes, gender, input } = assembled;
  const provenance = {
    backbone: `${facts.network}, as published`,
    data: 'that of its authors',
    recipe: facts.recipe,
    licence: facts.terms,
    source: `weights of ${facts.source}, SHA-256 ${facts.sha256}`,
  };
  const name = `${facts.recipe}-published`;
  return withDocument(
    inferenceGraph(assembled.forward, weights, runOutputs(assembled)),
    modelDocument({ name, provenance, metrics: {}, input, classes, gender }),
  );
}

/** The network up to its features, with the facts of its input. */
function backboneOf(network: Network, { input }: ImportedFacts, values: WeightSource): Model {
  const { width, height, color, mean, scale } = input;
  const g = new GraphBuilder({ name: network.name });
  const images = g.input('images', 'float32', ['N', 3, height, width]);
  const end = network.build(new Layers(g, values), images);
  // Networks with branches or an age at their end have no published weights.
  if (!('dtype' in end)) throw new RangeError(`${network.title} does not end with features`);
  g.output(end, 'features');
  const facts: NetworkInput = { width, height, color, mean, scale };
  return withMetadata(evaluationGraph(g.build()), NETWORK_INPUT_KEY, JSON.stringify(facts));
}
