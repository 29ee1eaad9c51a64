/** All faces and groups of them, and what is said of each. */
import { BAND_STARTS, GENDERS } from '../age/index.js';
import {
  ageBands,
  ageErrors,
  areaUnderCurve,
  bandNames,
  type Column,
  classificationFigures,
  type Decoding,
  distributionFigures,
  epsilonErrors,
  errorFigures,
  type FaceTable,
  type Figures,
  type Measure,
  macroError,
  mean,
  measure,
  selectFaces,
  toldGenders,
  yearsOf,
} from '../metrics/index.js';
import type { FaceCounts, Grouping, Part, Section } from './document.js';
import { type Draws, section } from './sections.js';

/** A group of fewer faces is shown with its interval, and is called neither the worst nor the best. */
export const RANKED_FROM = 30;

/** The column of the bands of age, which follows from labels. */
export const AGE_BAND = 'age band';
const GENDER = 'gender';

export const DECODINGS: readonly Decoding[] = ['mean', 'median'];

export interface PartOptions {
  readonly draws: Draws;
  readonly femaleFrom: number;
}

/** What is said of some faces. */
export function part(name: string, table: FaceTable, { draws, femaleFrom }: PartOptions): Part {
  const of = (figures: Measure, known: (face: number) => boolean) => section(figures, table, draws, known);
  const labelled = (i: number) => !Number.isNaN(table.low[i]!);
  const withYears = Uint8Array.from({ length: table.count }, (_, i) =>
    Number(yearsOf(table, i) !== undefined),
  );
  const distribution = withYears.includes(1) ? distributionFigures(table) : undefined;
  const some = (is: (name: string) => boolean): Measure => {
    return (weights) => only(distribution!(weights), is);
  };
  const shape = (figure: string) => /^(peak|spiked|width)/.test(figure);
  return {
    name,
    faces: faceCounts(table),
    age: decoded((decoding) => {
      const errors = ageErrors(table, decoding);
      const macro = macroError(errors, ageBands(table));
      const figures = errorFigures(errors);
      return of(
        (weights) => ({ ...figures(weights), macroMae: macro(weights) }),
        (i) => !Number.isNaN(errors[i]!),
      );
    }),
    apparent: decoded((decoding) => {
      const errors = epsilonErrors(table, decoding);
      return of(measure({ epsilonError: mean(errors) }), (i) => !Number.isNaN(errors[i]!));
    }),
    ...(distribution === undefined
      ? { shape: null, likelihood: null, knownAge: null }
      : {
          shape: of(some(shape), (i) => withYears[i] === 1),
          likelihood: of(
            some((figure) => figure === 'nll'),
            (i) => withYears[i] === 1 && labelled(i),
          ),
          knownAge: of(
            some((figure) => figure !== 'nll' && !shape(figure)),
            (i) => withYears[i] === 1 && table.low[i] === table.high[i],
          ),
        }),
    gender: genderSection(table, draws, femaleFrom),
  };
}

/** The faces of each value of a column, in its values' order, and what is said of them. */
export function grouping(column: string, table: FaceTable, options: PartOptions): Grouping {
  const { values, codes } = columnOf(table, column);
  const places = values.map((): number[] => []);
  let unknown = 0;
  codes.forEach((code, i) => {
    if (code < 0) unknown++;
    else places[code]!.push(i);
  });
  const parts = values.flatMap((value, k) =>
    places[k]!.length === 0 ? [] : [part(value, selectFaces(table, places[k]!), options)],
  );
  const errorOf = ({ age }: Part) => (age.mean ?? age.median)?.figures.mae?.value ?? Number.NaN;
  const ranked = parts
    .filter(({ age }) => ((age.mean ?? age.median)?.n ?? 0) >= RANKED_FROM)
    .sort((a, b) => errorOf(a) - errorOf(b));
  const [best, worst] = ranked.length < 2 ? [] : [ranked[0], ranked.at(-1)];
  return { column, parts, unknown, worst: worst?.name ?? null, best: best?.name ?? null };
}

/** The columns that faces can be told apart by: bands of age, gender, and those they have themselves, persons left out. */
export function columnNames(table: FaceTable): string[] {
  return [
    ...(table.low.some((age) => !Number.isNaN(age)) ? [AGE_BAND] : []),
    ...(table.gender.some((gender) => gender >= 0) ? [GENDER] : []),
    ...[...table.columns.keys()].filter((name) => name !== 'identity'),
  ];
}

/**
 * A column by its name, those that follow from labels among them.
 * @throws RangeError where there is none of that name
 */
export function columnOf(table: FaceTable, name: string): Column {
  if (name === AGE_BAND) return { values: bandNames(BAND_STARTS), codes: ageBands(table, BAND_STARTS) };
  if (name === GENDER) return { values: GENDERS, codes: Int32Array.from(table.gender) };
  const column = table.columns.get(name);
  if (column !== undefined) return column;
  throw new RangeError(
    `Column '${name}': expected one of ${columnNames(table).join(', ')}, found none of that name`,
  );
}

/** How many faces, and how many of them without an answer. */
export function faceCounts({ count, found }: FaceTable): FaceCounts {
  const notFound = found.reduce((sum, is) => sum + (1 - is), 0);
  return { total: count, notFound, notFoundShare: notFound / count };
}

/** What is had by each decoding, where it is had. */
export function decoded<T>(of: (decoding: Decoding) => T | null): Partial<Record<Decoding, T>> {
  return Object.fromEntries(
    DECODINGS.flatMap((decoding) => {
      const found = of(decoding);
      return found === null ? [] : [[decoding, found]];
    }),
  );
}

function genderSection(table: FaceTable, draws: Draws, femaleFrom: number): Section | null {
  const told = toldGenders(table, femaleFrom);
  const area = areaUnderCurve(table.female, femaleOf(table));
  const figures = classificationFigures(table.gender, told, GENDERS.length);
  return section(
    (weights) => ({
      ...only(figures(weights), (name) => name === 'accuracy' || name === 'balancedAccuracy'),
      auc: area(weights),
    }),
    table,
    draws,
    (i) => table.gender[i]! >= 0 && told[i]! >= 0,
  );
}

/** Whether each face is female: 1, 0, or −1 where nobody knows. */
export function femaleOf(table: FaceTable): Int8Array {
  const female = GENDERS.indexOf('female');
  return table.gender.map((gender) => (gender < 0 ? -1 : Number(gender === female)));
}

const only = (figures: Figures, is: (name: string) => boolean): Figures =>
  Object.fromEntries(Object.entries(figures).filter(([name]) => is(name)));
