/** Figures of all faces and of each group. */
import { BAND_STARTS, GENDERS } from '../age/index.js';
import {
  ageBands,
  ageErrors,
  areaUnderCurve,
  bandNames,
  type Column,
  CUMULATIVE_SCORES,
  classificationFigures,
  type Decoding,
  type DistributionScores,
  epsilonErrors,
  errorFigures,
  type FaceTable,
  insideRange,
  mean,
  means,
  measure,
  predictedGenders,
  scoreColumns,
  selectFaces,
  selectScores,
} from '../metrics/index.js';
import type { FaceCounts, Grouping, Part } from './document.js';
import { EvaluationError } from './error.js';
import { type Draws, drawsAmong, type Subject, sections, sharesOf } from './sections.js';

/** A group of fewer faces is shown with its interval, but not ranked as the worst or the best. */
export const RANKED_FROM = 30;

/** The column of age bands, derived from labels. */
export const AGE_BAND = 'age band';
const GENDER = 'gender';

export const DECODINGS: readonly Decoding[] = ['mean', 'median'];

export interface PartOptions {
  readonly draws: Draws;
  readonly femaleFrom: number;
  /** Of the distributions of the faces. */
  readonly scores: DistributionScores;
}

/** The figures of some faces. */
export function part(name: string, table: FaceTable, { draws, femaleFrom, scores }: PartOptions): Part {
  const errors = { mean: ageErrors(table, 'mean'), median: ageErrors(table, 'median') };
  const apparent = { mean: epsilonErrors(table, 'mean'), median: epsilonErrors(table, 'median') };
  const bands = ageBands(table);
  const { shape, likelihood, knownAge } = scoreColumns(scores);
  const ofErrors = (decoding: Decoding): Subject => {
    const known = (i: number) => !Number.isNaN(errors[decoding][i]!);
    return {
      measure: errorFigures(errors[decoding], bands),
      known,
      shares: sharesOf(CUMULATIVE_SCORES, known),
    };
  };
  const ranges = { mean: insideRange(table, 'mean'), median: insideRange(table, 'median') };
  const ofRanges = (decoding: Decoding): Subject => {
    const known = (i: number) => !Number.isNaN(ranges[decoding][i]!);
    return { measure: measure({ inside: mean(ranges[decoding]) }), known, shares: { inside: known } };
  };
  /** @param shares the names of the columns that are 0 or 1 */
  const ofScores = (columns: Readonly<Record<string, Float64Array>>, shares: readonly string[]): Subject => {
    const [first] = Object.values(columns);
    const known = (i: number) => !Number.isNaN(first![i]!);
    return { measure: means(columns), known, shares: sharesOf(shares, known) };
  };
  const ofApparent = (decoding: Decoding): Subject => ({
    measure: measure({ epsilonError: mean(apparent[decoding]) }),
    known: (i) => !Number.isNaN(apparent[decoding][i]!),
  });
  const found = sections(table, draws, {
    errorsOfMean: ofErrors('mean'),
    errorsOfMedian: ofErrors('median'),
    apparentOfMean: ofApparent('mean'),
    apparentOfMedian: ofApparent('median'),
    rangesOfMean: ofRanges('mean'),
    rangesOfMedian: ofRanges('median'),
    shape: ofScores(shape, ['spiked']),
    likelihood: ofScores(likelihood, []),
    knownAge: ofScores(
      knownAge,
      Object.keys(knownAge).filter((name) => name.startsWith('coverage')),
    ),
    gender: genderFigures(table, femaleFrom),
  });
  return {
    name,
    faces: faceCounts(table),
    age: decoded((decoding) => (decoding === 'mean' ? found.errorsOfMean : found.errorsOfMedian)),
    apparent: decoded((decoding) => (decoding === 'mean' ? found.apparentOfMean : found.apparentOfMedian)),
    ranges: decoded((decoding) => (decoding === 'mean' ? found.rangesOfMean : found.rangesOfMedian)),
    shape: found.shape,
    likelihood: found.likelihood,
    knownAge: found.knownAge,
    gender: found.gender,
  };
}

/** The figures of each group of a column, in the order of its values. */
export function grouping(column: string, table: FaceTable, options: PartOptions): Grouping {
  const { values, codes } = columnOf(table, column);
  const places = values.map((): number[] => []);
  let unknown = 0;
  codes.forEach((code, i) => {
    if (code < 0) unknown++;
    else places[code]!.push(i);
  });
  // Their figures are made of ages and scores.
  const faces = { ...table, years: undefined };
  const parts = values.flatMap((value, k) =>
    places[k]!.length === 0
      ? []
      : [
          part(value, selectFaces(faces, places[k]!), {
            ...options,
            draws: drawsAmong(table, places[k]!, options.draws),
            scores: selectScores(options.scores, places[k]!),
          }),
        ],
  );
  const errorOf = ({ age }: Part) => (age.mean ?? age.median)?.figures.mae?.value ?? Number.NaN;
  const ranked = parts
    .filter(({ age }) => ((age.mean ?? age.median)?.n ?? 0) >= RANKED_FROM)
    .sort((a, b) => errorOf(a) - errorOf(b));
  const [best, worst] = ranked.length < 2 ? [] : [ranked[0], ranked.at(-1)];
  return { column, parts, unknown, worst: worst?.name ?? null, best: best?.name ?? null };
}

/** The columns to group faces by: age bands, gender, and the table's own columns except persons. */
export function columnNames(table: FaceTable): string[] {
  return [
    ...(table.low.some((age) => !Number.isNaN(age)) ? [AGE_BAND] : []),
    ...(table.gender.some((gender) => gender >= 0) ? [GENDER] : []),
    ...[...table.columns.keys()].filter((name) => name !== 'identity'),
  ];
}

/**
 * A column by its name, including those derived from labels.
 * @throws EvaluationError if there is no such column
 */
export function columnOf(table: FaceTable, name: string): Column {
  if (name === AGE_BAND) return { values: bandNames(BAND_STARTS), codes: ageBands(table, BAND_STARTS) };
  if (name === GENDER) return { values: GENDERS, codes: Int32Array.from(table.gender) };
  const column = table.columns.get(name);
  if (column !== undefined) return column;
  const expected = `one of ${columnNames(table).join(', ')}`;
  throw new EvaluationError({ subject: `Column '${name}'`, expected, found: 'no such column' });
}

/** The number of faces, and of those that were not found. */
function faceCounts({ count, found }: FaceTable): FaceCounts {
  const notFound = found.reduce((sum, is) => sum + (1 - is), 0);
  return { total: count, notFound, notFoundShare: notFound / count };
}

/** The results of each decoding that has any. */
export function decoded<T>(of: (decoding: Decoding) => T | null): Partial<Record<Decoding, T>> {
  return Object.fromEntries(
    DECODINGS.flatMap((decoding) => {
      const found = of(decoding);
      return found === null ? [] : [[decoding, found]];
    }),
  );
}

function genderFigures(table: FaceTable, femaleFrom: number): Subject {
  const predicted = predictedGenders(table, femaleFrom);
  const area = areaUnderCurve(table.female, femaleOf(table));
  const figures = classificationFigures(table.gender, predicted, GENDERS.length);
  const known = (i: number) => table.gender[i]! >= 0 && predicted[i]! >= 0;
  return {
    measure: (weights) => {
      const { accuracy, balancedAccuracy } = figures(weights);
      return { accuracy: accuracy!, balancedAccuracy: balancedAccuracy!, auc: area(weights) };
    },
    known,
    shares: { accuracy: known },
  };
}

/** Whether each face is female: 1, 0, or −1 if unknown. */
function femaleOf(table: FaceTable): Int8Array {
  const female = GENDERS.indexOf('female');
  return table.gender.map((gender) => (gender < 0 ? -1 : Number(gender === female)));
}
