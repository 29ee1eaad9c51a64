/** Several models on the same faces: figures of each, and differences with the intervals of the paired bootstrap. */
import { GENDERS } from '../age/index.js';
import {
  ageBands,
  ageErrors,
  BOOTSTRAP,
  bootstrap,
  checkAges,
  checkRates,
  classificationFigures,
  distributionFigures,
  errorFigures,
  type FaceTable,
  type Figures,
  type Interval,
  type Measure,
  predictedGenders,
  unitsOf,
} from '../metrics/index.js';
import type { Figure } from './document.js';
import { EvaluationError } from './error.js';
import { type Draws, figure, identitiesOf, personsAmong, shareFigure } from './sections.js';

/** A model or a peer, with its predictions. */
export interface Contestant {
  readonly name: string;
  /** What it was trained on, if known. */
  readonly trainedOn?: string | undefined;
  /** Cautions for readers of its figures, a sentence each. */
  readonly notes?: readonly string[];
  /** The same faces in the same order for every contestant. */
  readonly table: FaceTable;
}

/** The figures of a comparison by name: their titles, whether they are shares, whether larger is better. */
export const COMPARED: Readonly<
  Record<string, { readonly title: string; readonly isShare?: true; readonly largerIsBetter?: true }>
> = {
  mae: { title: 'MAE, years' },
  macroMae: { title: 'MAE over bands' },
  rmse: { title: 'RMSE' },
  bias: { title: 'bias' },
  cs5: { title: 'CS@5', isShare: true, largerIsBetter: true },
  nll: { title: 'NLL, nats' },
  gender: { title: 'gender accuracy', isShare: true, largerIsBetter: true },
  genderBalanced: { title: 'balanced gender accuracy', isShare: true, largerIsBetter: true },
  falseAdults: { title: 'minors estimated 18+', isShare: true },
  minorsPassed: { title: 'minors pass 25', isShare: true },
  adultsReferred: { title: 'adults referred at 25', isShare: true },
};

export interface ComparedModel {
  readonly name: string;
  readonly trainedOn: string | null;
  /** The number of faces that it did not find. */
  readonly notFound: number;
  readonly figures: Readonly<Record<string, Figure>>;
  /** Each figure minus the first model's; null for the first itself. */
  readonly differences: Readonly<Record<string, Figure>> | null;
}

export interface Comparison {
  readonly formatVersion: 1;
  /** The data set. */
  readonly data: { readonly title: string; readonly path: string; readonly part: string | null };
  readonly faces: number;
  /** The number of faces that every model found. Errors, gender and likelihood are over these, age checks over all. */
  readonly common: number;
  readonly bootstrap: Draws & { readonly unit: 'identity' | 'face'; readonly units: number };
  readonly models: readonly ComparedModel[];
  /** What has to be known beside the figures, each in a sentence. */
  readonly notes: readonly string[];
}

const ADULT = 18;
const CHALLENGE = 25;

/**
 * Compares at least two contestants; the same tables and options give the same numbers.
 * @throws EvaluationError if their faces differ, or none was found by all
 */
export function compareModels(
  contestants: readonly Contestant[],
  data: Comparison['data'],
  options: Partial<Draws> = {},
): Comparison {
  const draws: Draws = { ...BOOTSTRAP, ...options };
  const [first] = contestants;
  const { count } = first!.table;
  for (const { name, table } of contestants) {
    if (table.count === count && table.low.every((age, i) => Object.is(age, first!.table.low[i]))) continue;
    throw new EvaluationError({
      subject: `Model '${name}'`,
      expected: `predictions of the same ${count} faces as those of '${first!.name}'`,
      found: `${table.count === count ? 'other labels' : `${table.count} faces`}`,
    });
  }
  const found = first!.table.found.map((_, i) =>
    Number(contestants.every(({ table }) => table.found[i] === 1)),
  );
  const common = found.reduce((sum, is) => sum + is, 0);
  if (common === 0) {
    throw new EvaluationError({
      subject: data.path,
      expected: 'faces that every model finds',
      found: 'none',
    });
  }
  const measures = contestants.map(({ table }) => comparedFigures(table, found));
  const identities = identitiesOf(first!.table);
  const intervals = bootstrap(
    (weights) => {
      const all = measures.map((measure) => measure(weights));
      return Object.fromEntries(
        all.flatMap((figures, m) =>
          Object.entries(figures).flatMap(([name, value]) => [
            [`${m} ${name}`, value],
            ...(m === 0 ? [] : [[`${m}-0 ${name}`, value - all[0]![name]!]]),
          ]),
        ),
      );
    },
    count,
    { ...draws, identities },
  );
  const named = (prefix: string, of: (name: string, interval: Interval) => Figure) =>
    Object.fromEntries(
      Object.keys(COMPARED).map((name) => [name, of(name, intervals[`${prefix} ${name}`]!)]),
    );
  const shares = contestants.map(({ table }) => comparedShares(table, found));
  return {
    formatVersion: 1,
    data,
    faces: count,
    common,
    bootstrap: {
      ...draws,
      unit: identities === undefined ? 'face' : 'identity',
      units: unitsOf(count, identities).count,
    },
    models: contestants.map(({ name, trainedOn, table }, m) => ({
      name,
      trainedOn: trainedOn ?? null,
      notFound: count - table.found.reduce((sum, is) => sum + is, 0),
      figures: named(`${m}`, (name, interval) => {
        const isOne = shares[m]![name];
        return isOne ? shareFigure(interval, personsAmong(table, isOne), draws.confidence) : figure(interval);
      }),
      differences: m === 0 ? null : named(`${m}-0`, (_, interval) => figure(interval)),
    })),
    notes: contestants.flatMap(({ notes = [] }) => notes),
  };
}

/** Whether a difference is significant: its interval does not contain 0. */
export const isDecided = ({ low, high }: Figure): boolean =>
  low !== null && high !== null && (low > 0 || high < 0);

/** The faces that figures of `COMPARED` are shares of. */
function comparedShares(
  table: FaceTable,
  found: Uint8Array,
): Readonly<Record<string, (i: number) => boolean>> {
  const decoding = decodingOf(table);
  const { reached } = checkAges(table, { threshold: ADULT, decoding });
  const [isMinor, isAdult] = [0, 1].map((kind) => (i: number) => reached[i] === kind) as Two;
  return {
    cs5: (i) => found[i] === 1 && !Number.isNaN(table.low[i]!) && !Number.isNaN(table[decoding][i]!),
    gender: (i) => found[i] === 1 && table.gender[i]! >= 0 && !Number.isNaN(table.female[i]!),
    falseAdults: isMinor,
    minorsPassed: isMinor,
    adultsReferred: isAdult,
  };
}

type Two = [(i: number) => boolean, (i: number) => boolean];

/** A peer may give only a median. */
const decodingOf = (table: FaceTable) => (table.mean.every(Number.isNaN) ? 'median' : 'mean');

/** The figures of `COMPARED`; errors, gender and likelihood over the faces in `found` alone. */
function comparedFigures(table: FaceTable, found: Uint8Array): Measure {
  const of = (values: Float64Array) => values.map((value, i) => (found[i] === 1 ? value : Number.NaN));
  const decoding = decodingOf(table);
  const errors = of(ageErrors(table, decoding));
  const figures = errorFigures(errors, ageBands(table));
  const genders = classificationFigures(
    table.gender,
    predictedGenders({ ...table, female: of(table.female) }),
    GENDERS.length,
  );
  const { likelihood } = distributionFigures({ ...table, found });
  const rates = checkRates(checkAges(table, { threshold: ADULT, decoding }), [ADULT, CHALLENGE]);
  return (weights): Figures => {
    const { mae, macroMae, rmse, bias, cs5 } = figures(weights);
    const { accuracy, balancedAccuracy } = genders(weights);
    const { falsePositive, falseNegative } = rates(weights);
    return {
      mae: mae!,
      macroMae: macroMae!,
      rmse: rmse!,
      bias: bias!,
      cs5: cs5!,
      nll: likelihood(weights).nll!,
      gender: accuracy!,
      genderBalanced: balancedAccuracy!,
      falseAdults: falsePositive[0]!,
      minorsPassed: falsePositive[1]!,
      adultsReferred: falseNegative[1]!,
    };
  };
}
