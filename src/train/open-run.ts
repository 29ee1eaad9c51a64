/** A run that was trained, as the model that it made. */

import { inferenceGraph } from '../autodiff/index.js';
import { exists } from '../files/index.js';
import { type ModelMetadataDocument, type TrainingOrigin, withDocument } from '../metadata/index.js';
import type { Figures } from '../metrics/index.js';
import type { Model, Tensor } from '../onnx/index.js';
import { CheckpointError } from './checkpoint.js';
import { AGE, type Assembled, GENDER, readAssembled } from './graph/index.js';
import { isRun, LogError, type RunFacts, readRunFacts } from './log/index.js';
import { modelDocument } from './model-document.js';
import { loadBest, loadProgress, memberFolder, runFiles, weightsIn } from './run-folder.js';

export interface OpenRunOptions {
  /** Whether to use the last saved weights instead of the best ones. */
  readonly last?: boolean;
}

export interface OpenedRun {
  readonly facts: RunFacts;
  readonly assembled: Assembled;
  readonly weights: ReadonlyMap<string, Tensor>;
  /** Their figures on the validation part; empty for the last weights. */
  readonly figures: Figures;
}

/**
 * Opens a single run.
 * @throws LogError if the folder holds no run; CheckpointError if it has no weights yet, or those of another network.
 */
export async function openRun(folder: string, { last = false }: OpenRunOptions = {}): Promise<OpenedRun> {
  const facts = await readRunFacts(folder);
  const files = runFiles(folder);
  const assembled = await readAssembled(files.graph);
  if (last) {
    const { state } = await loadProgress(folder);
    return { facts, assembled, weights: weightsIn(assembled, state, files.last), figures: {} };
  }
  if (!(await exists(files.best))) {
    throw new CheckpointError(
      `Run '${folder}' has no weights yet, which it saves at the end of its first epoch ('agewise train --resume' continues it)`,
      { kind: 'missing' },
    );
  }
  const { weights, best } = await loadBest(folder);
  return { facts, assembled, weights: weightsIn(assembled, weights, files.best), figures: best.figures };
}

/**
 * The folders of an ensemble's members; for a single run, its own.
 * @throws LogError if the folder holds no run, or lacks a member.
 */
export async function runFolders(folder: string): Promise<string[]> {
  const { members } = (await readRunFacts(folder)).recipe;
  if (members === 1) return [folder];
  return Promise.all(
    Array.from({ length: members }, async (_, i) => {
      const own = memberFolder(folder, i + 1);
      if (await isRun(own)) return own;
      throw new LogError(`Run '${folder}' has ${members} members, of which '${own}' is missing`);
    }),
  );
}

/** The outputs of a run's model: probabilities `age` `[N, K]` and `gender` `[N, 2]`, if it has them. */
export const runOutputs = ({ classes, gender }: Assembled): string[] => [
  ...(classes ? [AGE] : []),
  ...(gender ? [GENDER] : []),
];

/** The network of a run without metadata, for batches of any size, batch norm folded. */
export const runNetwork = ({ assembled, weights }: OpenedRun): Model =>
  inferenceGraph(assembled.forward, weights, runOutputs(assembled));

/** `runNetwork` as a model with its metadata. */
export function runModel(run: OpenedRun): Model {
  const network = runNetwork(run);
  const { facts, assembled } = run;
  const { input, classes, gender } = assembled;
  const origin = {
    name: facts.recipe.name,
    provenance: runProvenance(run),
    metrics: runMetrics(run),
    trainedOn: runTrainedOn(facts),
  };
  return withDocument(network, modelDocument({ ...origin, input, classes, gender }));
}

/** The metrics of a run's network on its validation part, by the part's name: error in years, and gender accuracy. */
export function runMetrics(run: OpenedRun): ModelMetadataDocument['metrics'] {
  const { mae, gender } = run.figures;
  if (mae === undefined && gender === undefined) return {};
  return {
    [`${runProvenance(run).data}, part ${run.facts.recipe.data.validation}`]: {
      ...(mae !== undefined && { mae: rounded(mae) }),
      ...(gender !== undefined && { gender: rounded(gender) }),
    },
  };
}

/** The provenance of a run's model. */
export function runProvenance({ facts, assembled }: OpenedRun): ModelMetadataDocument['provenance'] {
  const each = (field: 'title' | 'terms') => [...new Set(facts.stores.map((store) => store[field]))];
  return {
    backbone: assembled.description,
    data: each('title').join(', '),
    recipe: facts.recipe.name,
    licence: `as the data: ${each('terms').join(' ')}`,
    source: 'trained with agewise train',
  };
}

/**
 * The parts of stores that a run has learned from, behind what its backbone had learned from before; without their rows for a run
 * that did not record them.
 */
export function runTrainedOn({ recipe, stores, split, backboneTrainedOn = [] }: RunFacts): TrainingOrigin[] {
  const origin = (store: number, part: string, rows: string | null) => {
    const { id: set, title, fingerprint } = stores[store]!;
    const { method = recipe.data.split, seed = recipe.data.splitSeed } = split;
    return { title, fingerprint, split: split.name, part, rows, set, method, seed };
  };
  if (split.learnt !== undefined) {
    return [...backboneTrainedOn, ...split.learnt.map(({ store, part, rows }) => origin(store, part, rows))];
  }
  const [learnt] = Object.keys(split.counts);
  return [
    ...backboneTrainedOn,
    ...stores.flatMap((_, store) => learnt!.split('+').map((part) => origin(store, part, null))),
  ];
}

/** Three digits are all that a thousand faces can support. */
const rounded = (value: number): number => Number(value.toFixed(3));
