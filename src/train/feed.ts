/** From a loader's batch to the inputs of the graph. */
import { type AgeLabel, ageRange, ageTarget, GENDERS } from '../age/index.js';
import { type Batch, type Gender, type Mix, mixRows, mixTargets } from '../data/index.js';
import { floatTensor, type Tensors } from '../runtime/index.js';
import {
  AGE_HIGH,
  AGE_KNOWN,
  AGE_LOW,
  AGE_TARGET,
  type Assembled,
  GENDER_KNOWN,
  GENDER_TARGET,
} from './graph/index.js';
import type { Teacher } from './teacher.js';
import { smoothed, type TrainingLabels } from './training-labels.js';

/** See `heads.age.spread` of recipes. */
export type Spread = number | readonly (readonly [number, number])[];

type Faces = Pick<Batch, 'images' | 'ages' | 'genders' | 'mix'>;

/** Values by name, each `[N, …]`, that a graph has as inputs in the place of pictures. */
export type Kept = ReadonlyMap<string, Float32Array>;

/** Unchanged labels. */
const PLAIN: TrainingLabels = {
  smoothing: { age: 0, gender: 0 },
  ageWeight: () => 1,
  genderWeight: () => 1,
};

/** The teacher, and the store rows of the batch's faces. */
export interface Teaching {
  readonly teacher: Teacher;
  readonly rows: Uint32Array;
}

/**
 * The inputs for a batch, split into `parts` micro-batches of equal size.
 * @param spread the standard deviation, in years, of an exact age that does not state its own; 0 for none; pairs of age
 *   and deviation are interpolated
 * @param labelling smoothing and weights; unchanged labels if left out
 * @param kept in the place of pictures, if the graph reads these
 * @throws RangeError if the batch cannot be split evenly.
 */
export function feedsOf(
  faces: Faces,
  assembled: Assembled,
  spread: Spread,
  parts = 1,
  teaching?: Teaching,
  labelling: TrainingLabels = PLAIN,
  kept?: Kept,
): Tensors[] {
  const { forward, images, classes, gender } = assembled;
  const count = faces.ages.length;
  if (count % parts !== 0)
    throw new RangeError(`A batch of ${count} faces cannot be cut into ${parts} parts`);
  const shapeOf = (input: string) =>
    forward.graph.inputs.find(({ name }) => name === input)!.type!.shape!.slice(1) as number[];
  const columns: Record<string, { readonly values: Float32Array; readonly shape: readonly number[] }> =
    Object.fromEntries(
      [...(kept ?? [[images, faces.images] as const])].map(([name, values]) => [
        name,
        { values, shape: shapeOf(name) },
      ]),
    );
  const list = (name: string, values: Float32Array) => {
    columns[name] = { values, shape: [] };
  };
  if (classes) {
    const { targets, low, high, known } = ageColumns(faces, classes, spread, teaching, labelling);
    columns[AGE_TARGET] = { values: targets, shape: [classes.length] };
    list(AGE_LOW, low);
    list(AGE_HIGH, high);
    list(AGE_KNOWN, known);
  }
  if (gender) {
    const { male, known } = genderColumns(faces.genders, faces.mix, teaching, labelling);
    list(GENDER_TARGET, male);
    list(GENDER_KNOWN, known);
  }
  const rows = count / parts;
  return Array.from({ length: parts }, (_, part) =>
    Object.fromEntries(
      Object.entries(columns).map(([name, { values, shape }]) => {
        const size = shape.reduce((a, b) => a * b, 1) * rows;
        return [name, floatTensor(values.subarray(part * size, (part + 1) * size), [rows, ...shape])];
      }),
    ),
  );
}

function ageColumns(
  { ages, mix }: Faces,
  classes: NonNullable<Assembled['classes']>,
  spread: Spread,
  teaching: Teaching | undefined,
  { smoothing, ageWeight }: TrainingLabels,
) {
  const targets = new Float32Array(ages.length * classes.length);
  const [low, high, known] = [0, 0, 0].map(() => new Float32Array(ages.length)) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  ages.forEach((age, i) => {
    if (age === undefined) return;
    const label = withSpread(age, spread);
    const own = smoothed(ageTarget(classes, label), smoothing.age);
    targets.set(
      teaching ? teaching.teacher.ageTarget(teaching.rows[i]!, label, own) : own,
      i * classes.length,
    );
    [low[i], high[i]] = ageRange(classes, label) as [number, number];
    known[i] = ageWeight(age);
  });
  if (mix) {
    mixTargets(targets, classes.length, mix);
    mixColumns([low, high], known, mix);
  }
  return { targets, low, high, known };
}

function withSpread(label: AgeLabel, spread: Spread): AgeLabel {
  if ('from' in label || label.std !== undefined) return label;
  const std = typeof spread === 'number' ? spread : interpolated(spread, label.age);
  return std === 0 ? label : { ...label, std };
}

/** Linear interpolation between ascending pairs, constant outside them. */
function interpolated(pairs: readonly (readonly [number, number])[], age: number): number {
  const after = pairs.findIndex(([at]) => at >= age);
  if (after < 0) return pairs.at(-1)![1];
  const [high, atHigh] = pairs[after]!;
  const [low, atLow] = pairs[Math.max(0, after - 1)]!;
  return high === low ? atHigh : atLow + ((atHigh - atLow) * (age - low)) / (high - low);
}

function genderColumns(
  genders: readonly (Gender | undefined)[],
  mix: Mix | undefined,
  teaching: Teaching | undefined,
  { smoothing, genderWeight }: TrainingLabels,
) {
  const male = Float32Array.from(genders, (gender, i) => {
    const label = (1 - smoothing.gender) * Number(gender === GENDERS[1]) + smoothing.gender / GENDERS.length;
    return gender && teaching ? teaching.teacher.male(teaching.rows[i]!, gender, label) : label;
  });
  const known = Float32Array.from(genders, (gender) => (gender === undefined ? 0 : genderWeight(gender)));
  if (mix) mixColumns([male], known, mix);
  return { male, known };
}

/**
 * A blend has a label only if both of its faces have one, and its weight is their weighted mean; placeholders of
 * unknown labels do not matter then.
 */
function mixColumns(values: readonly Float32Array[], known: Float32Array, mix: Mix): void {
  for (const column of values) mixRows(column, 1, mix);
  const before = Float32Array.from(known);
  mixRows(known, 1, mix);
  mix.partner.forEach((partner, i) => {
    const [own, other] = [before[i]!, before[partner]!];
    if (own === 0 || other === 0) known[i] = 0;
    // Rounding would make a blend of equal values differ from them.
    else if (own === other) known[i] = own;
  });
}
