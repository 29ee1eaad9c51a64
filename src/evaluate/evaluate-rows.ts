/** All figures of a table of faces. */
import { type AgeClass, CLASS_SETS } from '../age/index.js';
import {
  BINS,
  BOOTSTRAP,
  distributionScores,
  type FaceTable,
  FEMALE_FROM,
  selectFaces,
  TEENAGERS,
  THRESHOLDS,
  unitsOf,
} from '../metrics/index.js';
import { checksOf, olderReferred, teenagerShares } from './checks.js';
import { ageClassifications, genderClassification } from './classifications.js';
import { type Check, EVALUATION_VERSION, type Evaluation } from './document.js';
import { EvaluationError } from './error.js';
import { AGE_BAND, columnNames, columnOf, DECODINGS, grouping, part } from './parts.js';
import { plotData } from './plots.js';
import { thresholdReliability } from './reliabilities.js';
import { type Draws, drawsAmong, identitiesOf } from './sections.js';

export interface EvaluateRowsOptions {
  /** Of the bootstrap; defaults 0, 1000 draws and 95% intervals. */
  readonly seed?: number;
  readonly draws?: number;
  readonly confidence?: number;
  /** The columns to group faces by; default all, `age band` and `gender` included. */
  readonly columns?: readonly string[];
  readonly classSets?: Readonly<Record<string, readonly AgeClass[]>>;
  /** In years. */
  readonly thresholds?: readonly number[];
  /** The number of bins for the calibration error. */
  readonly bins?: number;
  /** The threshold of P(female). */
  readonly femaleFrom?: number;
}

const { adience, 'groups-14': groups14, 'groups-8': groups8 } = CLASS_SETS;
const GROUP_SETS = { adience, 'groups-14': groups14, 'groups-8': groups8 };

/** NIST also reports the four years below a threshold by themselves: 14 to 17 for 18. */
const NEAREST_YEARS = 4;

/** Below this threshold all teenagers are reported apart too. */
const ADULT = 18;

/**
 * The evaluation of faces. The same table and options give the same document to the last digit.
 * @throws EvaluationError if there are no faces, or a requested column does not exist
 */
export function evaluateRows(table: FaceTable, options: EvaluateRowsOptions = {}): Evaluation {
  if (table.count === 0) {
    throw new EvaluationError({ subject: 'An evaluation', expected: 'some faces', found: 'none' });
  }
  const { seed, draws, confidence } = { ...BOOTSTRAP, ...options };
  const drawn: Draws = { seed, draws, confidence };
  const {
    columns = columnNames(table),
    classSets = GROUP_SETS,
    thresholds = THRESHOLDS,
    bins = BINS,
    femaleFrom = FEMALE_FROM,
  } = options;
  const identities = identitiesOf(table);
  const partOptions = { draws: drawn, femaleFrom, scores: distributionScores(table) };
  return {
    formatVersion: EVALUATION_VERSION,
    bootstrap: {
      ...drawn,
      unit: identities === undefined ? 'face' : 'identity',
      units: unitsOf(table.count, identities).count,
    },
    all: part('all', table, partOptions),
    groups: columns.map((column) => grouping(column, table, partOptions)),
    classes: Object.fromEntries(
      Object.entries(classSets).map(([name, classes]) => [name, ageClassifications(table, classes, drawn)]),
    ),
    gender: genderClassification(table, femaleFrom, drawn),
    reliability: thresholds.flatMap((t) => thresholdReliability(table, t, bins, drawn) ?? []),
    checks: checks(table, thresholds, columns, drawn),
    teenagers: teenagerShares(table, drawn),
    ...plotData(table, drawn),
  };
}

/** Checks by every threshold and decoding, of all minors and of those just below the threshold, over all faces and each group. */
function checks(
  table: FaceTable,
  thresholds: readonly number[],
  columns: readonly string[],
  draws: Draws,
): Check[] {
  const groups: { column: string | null; name: string; table: FaceTable; draws: Draws }[] = [
    { column: null, name: 'all', table, draws },
  ];
  for (const column of columns) {
    // An age band has only minors or only adults.
    if (column === AGE_BAND) continue;
    const { values, codes } = columnOf(table, column);
    values.forEach((name, code) => {
      const places = [...codes.keys()].filter((i) => codes[i] === code);
      if (places.length === 0) return;
      groups.push({
        column,
        name,
        // Checks are of ages alone.
        table: selectFaces({ ...table, years: undefined }, places),
        draws: drawsAmong(table, places, draws),
      });
    });
  }
  const wanted = (column: string | null) =>
    thresholds.flatMap((threshold) =>
      [
        0,
        threshold - NEAREST_YEARS,
        ...(column === null && threshold === ADULT ? [TEENAGERS.from] : []),
      ].flatMap((youngest) => DECODINGS.map((decoding) => ({ threshold, decoding, youngest }))),
    );
  return groups.flatMap(({ column, name, table: faces, draws: own }) => {
    const found = checksOf(faces, wanted(column), own);
    const whole = column === null ? found.filter(({ youngest }) => youngest === 0) : [];
    const older = new Map(olderReferred(faces, whole, own).map((of, c) => [whole[c], of]));
    return found.map((check) => ({ column, name, ...check, older: older.get(check) ?? null }));
  });
}
