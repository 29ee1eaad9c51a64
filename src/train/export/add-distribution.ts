/**
 * Gives a network that predicts a single age a distribution: the true ages of faces for which it predicted that age.
 * Otherwise its interval would be empty, and it would always be certain about age limits.
 */
import { type AgeLabel, classAges } from '../../age/index.js';
import { DataError, Loader } from '../../data/index.js';
import { Predictions } from '../../metrics/index.js';
import { GraphBuilder, type Model, opsetOf, writeModel } from '../../onnx/index.js';
import { floatData, floatTensor, type SessionOptions } from '../../runtime/index.js';
import { createSession } from '../../runtime/node.js';
import { recordedBoxes } from '../crop.js';
import { AGE, GENDER } from '../graph/index.js';
import type { OpenedRun } from '../open-run.js';
import { reopenRunData } from '../run-data.js';
import { ExportError } from './export-error.js';
import type { Part } from './join.js';
import { type EstimatedFace, residualDistributions } from './residuals.js';

/** Faces at once. */
const BATCH = 4;

export interface AddDistributionOptions {
  /** The present folders of the run's stores; default: the recorded ones. */
  readonly folders?: readonly string[] | undefined;
  readonly session?: SessionOptions | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Whether a run's network predicts a single number. */
export const predictsNumber = ({ facts }: OpenedRun): boolean =>
  facts.recipe.heads.age?.kind === 'regression';

/**
 * The part with a distribution from its residuals on the run's validation part.
 * @throws ExportError if the run's data no longer exists, or has no ages.
 */
export async function addDistribution(
  part: Part,
  { facts }: OpenedRun,
  { folders, session, signal }: AddDistributionOptions,
): Promise<Part> {
  const classes = part.classes!;
  const years = classAges(classes);
  const data = await reopenRunData(facts, { folders }).catch((error: unknown) => {
    if (!(error instanceof DataError)) throw error;
    const why = 'a network that says one number gets its distribution from the validation faces';
    throw new ExportError(`${error.message}; ${why} ('agewise export --data' says where they are)`, {
      cause: error,
    });
  });
  const batches: { readonly age: Float32Array; readonly labels: readonly (AgeLabel | undefined)[] }[] = [];
  try {
    const network = await createSession(writeModel(part.model), part.name, session);
    const { input } = part;
    try {
      const boxes = recordedBoxes(facts.recipe);
      const options = { input, batch: BATCH, rows: data.validation, boxes, sampling: 'stored' } as const;
      const loader = await Loader.create(data.stores, options);
      try {
        for await (const batch of loader.batches({ epochs: 1, ...(signal && { signal }) })) {
          const shape = [batch.ages.length, 3, input.height, input.width];
          const found = await network.run({ [part.images]: floatTensor(batch.images, shape) }, [AGE]);
          batches.push({ age: floatData(found[AGE]!).slice(), labels: batch.ages });
        }
      } finally {
        await loader.close();
      }
    } finally {
      await network.dispose();
    }
  } finally {
    await data.stores.close();
  }
  const faces = batches.flatMap(({ age, labels }) =>
    labels.flatMap((label, i): EstimatedFace[] => {
      if (label === undefined) return [];
      const row = age.subarray(i * years.length, (i + 1) * years.length);
      const estimate = row.reduce((sum, p, k) => sum + p * years[k]!, 0);
      const [low, high] = 'from' in label ? [label.from, label.to] : [label.age, label.age];
      return [{ estimate, low, high }];
    }),
  );
  if (faces.length === 0) {
    throw new ExportError(
      `Run '${part.name}': expected ages in part '${facts.recipe.data.validation}', from which to make a distribution, found none`,
    );
  }
  const rows = residualDistributions(faces, years);
  const predictions = new Predictions(classes);
  for (const { age, labels } of batches) predictions.addAges(spreadBy(rows, age, years.length), labels);
  // The error of the distributions' expectations.
  const mae = predictions.figures().mae!;
  const metrics = Object.fromEntries(
    Object.entries(part.metrics).map(([measuredOn, figures]) => [measuredOn, { ...figures, mae }]),
  );
  return { ...part, model: spreadModel(part, rows), metrics };
}

/** Rows `[N, K]` times the matrix `[K, K]`. */
function spreadBy(matrix: Float32Array, rows: Float32Array, width: number): Float32Array {
  const found = new Float32Array(rows.length);
  rows.forEach((p, i) => {
    if (p === 0) return;
    const [row, k] = [Math.floor(i / width), i % width];
    for (let j = 0; j < width; j++) found[row * width + j]! += p * matrix[k * width + j]!;
  });
  return found;
}

function spreadModel(part: Part, rows: Float32Array): Model {
  const { model, input, images: name, classes, gender } = part;
  const g = new GraphBuilder({ name: model.graph.name, opset: opsetOf(model) });
  const images = g.input(name, 'float32', ['N', 3, input.height, input.width]);
  const outputs = g.scope('network', () => g.inline(model, { [name]: images }));
  const count = classes!.length;
  // As a sum instead of a matrix product, which 8 bits would round too coarsely for probabilities.
  const columns = g.op('Unsqueeze', [outputs[AGE]!, g.ints([2])]);
  const shares = g.op('Mul', [columns, g.parameter('residuals', 'float32', [count, count], rows)]);
  g.output(g.op('ReduceSum', [shares, g.ints([1])], { keepdims: 0 }), AGE);
  if (gender) g.output(g.op('Identity', [outputs[GENDER]!]), GENDER);
  return g.build();
}
