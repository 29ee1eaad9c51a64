/** The figures of an ensemble on the validation part, by the averages of its members' distributions. */
import { type AgeLabel, ageStatistics } from '../age/index.js';
import { inferenceGraph } from '../autodiff/index.js';
import { type Gender, Loader } from '../data/index.js';
import { Predictions } from '../metrics/index.js';
import { writeModel } from '../onnx/index.js';
import { floatData, type SessionOptions } from '../runtime/index.js';
import { createSession } from '../runtime/node.js';
import { recordedBoxes } from './crop.js';
import { feedsOf } from './feed.js';
import { AGE, GENDER } from './graph/index.js';
import {
  bestOf,
  type EnsembleFigures,
  type EpochEntry,
  readEnsembleFigures,
  readHistory,
  writeEnsembleFigures,
} from './log/index.js';
import { openRun, runOutputs } from './open-run.js';
import type { RunData } from './run-data.js';

/** As in evaluations. */
const BATCH = 32;
/** The number of faces whose estimates the page shows, evenly over the validation part. */
const SHOWN = 12;

/**
 * Evaluates the ensemble and writes the result into its folder, unless the folder has that of the same weights. The members
 * run one after another, so that the largest networks need no more memory than one. Does nothing before all have weights.
 * @param members the folders of all of them
 */
export async function recordEnsembleFigures(
  folder: string,
  members: readonly string[],
  { stores, validation }: Pick<RunData, 'stores' | 'validation'>,
  options: SessionOptions,
): Promise<void> {
  const steps = await Promise.all(members.map(bestStep));
  if (steps.includes(undefined)) return;
  const known = await readEnsembleFigures(folder);
  if (known !== undefined && known.steps.join() === steps.join()) return;
  let ages: readonly (AgeLabel | undefined)[] = [];
  let genders: readonly (Gender | undefined)[] = [];
  const ofAge: Float32Array[] = [];
  const ofGender: Float32Array[] = [];
  let classes: ConstructorParameters<typeof Predictions>[0];
  for (const member of members) {
    const { assembled, weights, facts } = await openRun(member);
    classes = assembled.classes;
    const outputs = runOutputs(assembled);
    const graph = inferenceGraph(assembled.forward, weights, outputs);
    const session = await createSession(writeModel(graph), member, options);
    const boxes = recordedBoxes(facts.recipe);
    const loader = await Loader.create(stores, {
      input: assembled.input,
      batch: BATCH,
      rows: validation,
      boxes,
      sampling: 'stored',
    });
    const probabilities = { [AGE]: [] as number[], [GENDER]: [] as number[] };
    const [years, sexes]: [(AgeLabel | undefined)[], (Gender | undefined)[]] = [[], []];
    try {
      for await (const batch of loader.batches({ epochs: 1 })) {
        const [feeds] = feedsOf(batch, assembled, 0);
        const found = await session.run({ [assembled.images]: feeds![assembled.images]! }, outputs);
        for (const name of [AGE, GENDER] as const) {
          if (found[name]) for (const value of floatData(found[name])) probabilities[name].push(value);
        }
        years.push(...batch.ages);
        sexes.push(...batch.genders);
      }
    } finally {
      await loader.close();
      await session.dispose();
    }
    [ages, genders] = [years, sexes];
    if (assembled.classes) ofAge.push(Float32Array.from(probabilities[AGE]));
    if (assembled.gender) ofGender.push(Float32Array.from(probabilities[GENDER]));
  }
  const predictions = new Predictions(classes);
  const age = averaged(ofAge);
  const gender = averaged(ofGender);
  if (age) predictions.addAges(age, ages);
  if (gender) predictions.addGenders(gender, genders);
  await writeEnsembleFigures(folder, {
    steps: steps as number[],
    figures: predictions.figures(),
    faces: age ? facesOf(ages, age, ofAge, classes!) : [],
  });
}

/** The update after which a run's weights were the best. */
async function bestStep(folder: string): Promise<number | undefined> {
  const epochs = (await readHistory(folder)).filter((entry): entry is EpochEntry => entry.kind === 'epoch');
  return bestOf(epochs)?.step;
}

function averaged(all: readonly Float32Array[]): Float32Array | undefined {
  const [first] = all;
  return first?.map((_, i) => all.reduce((sum, values) => sum + values[i]!, 0) / all.length);
}

/** Estimates of some faces of a known age. */
function facesOf(
  labels: readonly (AgeLabel | undefined)[],
  average: Float32Array,
  members: readonly Float32Array[],
  classes: NonNullable<ConstructorParameters<typeof Predictions>[0]>,
): EnsembleFigures['faces'] {
  const known = labels.flatMap((label, i) => (label && 'age' in label ? [{ age: label.age, i }] : []));
  const count = Math.min(SHOWN, known.length);
  const meanOf = (values: Float32Array, i: number) =>
    ageStatistics({ classes, probabilities: values.subarray(i * classes.length, (i + 1) * classes.length) })
      .mean;
  return Array.from({ length: count }, (_, n) => {
    const { age, i } = known[Math.floor((n * known.length) / count)]!;
    return { age, estimate: meanOf(average, i), members: members.map((values) => meanOf(values, i)) };
  });
}
