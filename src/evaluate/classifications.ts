/** Ages and genders as classes. */
import { type AgeClass, classLabel, GENDERS } from '../age/index.js';
import {
  bootstrapList,
  type ClassScores,
  classAreas,
  classesOfEstimates,
  classFigures,
  classProbabilities,
  confusions,
  type FaceTable,
  type Interval,
  likeliestClasses,
  matrixFigures,
  oneAgainstRest,
  predictedGenders,
  type RocCurve,
  rocCurve,
  type ScoreColumn,
  trueClasses,
} from '../metrics/index.js';
import type { Classification, RocPoint } from './document.js';
import { DECODINGS } from './parts.js';
import { type Draws, figure, identitiesOf, personsAmong, shareFigure } from './sections.js';

/** Figures of age classes by each way to predict them: the most probable class, and those of the decoded ages. */
export function ageClassifications(
  table: FaceTable,
  classes: readonly AgeClass[],
  draws: Draws,
): Classification[] {
  const probabilities = classProbabilities(table, classes);
  const clear = trueClasses(table, classes);
  const ways: readonly { by: Classification['by']; predicted: Int32Array }[] = [
    { by: 'probability', predicted: likeliestClasses(probabilities, classes.length) },
    ...DECODINGS.map((by) => ({ by, predicted: classesOfEstimates(table, by, classes) })),
  ];
  return ways.flatMap(({ by, predicted }) => {
    const truth = trueClasses(table, classes, predicted);
    const labelled = truth.filter((k) => k >= 0).length;
    const ambiguous = truth.filter((k, i) => k >= 0 && clear[i]! < 0).length;
    const scores =
      by === 'probability' ? { scores: probabilities, truth: clear, size: classes.length } : undefined;
    const found = classification(table, truth, predicted, classes.map(classLabel), scores, draws);
    return found === null ? [] : [{ ...found, by, ambiguousShare: ambiguous / labelled }];
  });
}

/** Gender by a threshold of P(female); null if no face has both a label and a prediction. */
export function genderClassification(
  table: FaceTable,
  femaleFrom: number,
  draws: Draws,
): (Classification & { readonly threshold: number }) | null {
  const predicted = predictedGenders(table, femaleFrom);
  const truth = Int32Array.from(table.gender);
  const scores = Float64Array.from({ length: 2 * table.count }, (_, i) =>
    GENDERS[i % 2] === 'female' ? table.female[i >> 1]! : 1 - table.female[i >> 1]!,
  );
  const found = classification(table, truth, predicted, GENDERS, { scores, truth, size: 2 }, draws);
  return found && { ...found, by: 'probability', ambiguousShare: 0, threshold: femaleFrom };
}

function classification(
  table: FaceTable,
  truth: Int32Array,
  predicted: Int32Array,
  labels: readonly string[],
  scores: ClassScores | undefined,
  draws: Draws,
): Omit<Classification, 'by' | 'ambiguousShare'> | null {
  const size = labels.length;
  const confusion = confusions(truth, predicted, size);
  const matrix = confusion();
  const n = matrix.counts.reduce((a, b) => a + b, 0);
  if (n === 0) return null;
  const areas = scores && classAreas(scores);
  const names = [...Object.keys(matrixFigures(matrix)), ...(areas ? ['macroAuc', 'microAuc'] : [])];
  // A list, since the bootstrap calls this a thousand times.
  const found = bootstrapList(
    (weights) => {
      const drawn = confusion(weights);
      const ofClasses = classFigures(drawn);
      const area = areas?.(weights);
      const all = [
        ...Object.values(matrixFigures(drawn, ofClasses)),
        ...(area ? [area.macro, area.micro] : []),
      ];
      for (let k = 0; k < size; k++) {
        const { precision, recall, f1 } = ofClasses[k]!;
        all.push(precision, recall, f1, area?.classes[k] ?? Number.NaN);
      }
      return all;
    },
    table.count,
    { ...draws, identities: identitiesOf(table) },
  );
  const isCounted = (i: number) => truth[i]! >= 0 && predicted[i]! >= 0;
  const shareOf = (share: Interval, isOne: (i: number) => boolean) =>
    shareFigure(
      share,
      personsAmong(table, (i) => isCounted(i) && isOne(i)),
      draws.confidence,
    );
  const shares: readonly string[] = ['accuracy', 'oneOff'];
  const ofAll = (name: string, at: number) =>
    shares.includes(name) ? shareOf(found[at]!, () => true) : figure(found[at]!);
  const ofClass = (k: number, n: number) => {
    const from = names.length + OF_CLASS * k;
    const [precision, recall, f1, auc] = [0, 1, 2, 3].map((n) => found[from + n]!) as Four<Interval>;
    // A class without faces has no recall.
    return {
      precision: shareOf(precision, (i) => predicted[i] === k),
      recall: n === 0 ? figure(recall) : shareOf(recall, (i) => truth[i] === k),
      f1: figure(f1),
      auc: figure(auc),
    };
  };
  const columns = scores && labels.map((_, k) => oneAgainstRest(scores, k));
  return {
    labels,
    figures: { n, figures: Object.fromEntries(names.map((name, at) => [name, ofAll(name, at)])) },
    confusion: labels.map((_, k) => Array.from(matrix.counts.subarray(k * size, (k + 1) * size))),
    classes: classFigures(matrix).map(({ support }, k) => ({
      label: labels[k]!,
      n: support,
      figures: ofClass(k, support),
      ...withRoc(columns?.[k]),
    })),
    ...(columns !== undefined && size > 2 && averageRocs(columns)),
  };
}

/** The number of figures of a class. */
const OF_CLASS = 4;
type Four<T> = [T, T, T, T];

/** The number of points that a plot can show apart. */
const ROC_POINTS = 100;
const ROC_DIGITS = 5;

/** A class against the rest; nothing if either has no face. */
function withRoc(column: ScoreColumn | undefined): { roc?: RocPoint[] } {
  const roc = column && rocOf(column);
  return roc ? { roc } : {};
}

function rocOf({ scores, positive }: ScoreColumn): RocPoint[] | undefined {
  const { falsePositiveRate, truePositiveRate } = rocCurve(scores, positive);
  const last = truePositiveRate.length - 1;
  if (!Number.isFinite(falsePositiveRate[last]! + truePositiveRate[last]!)) return undefined;
  const roc: RocPoint[] = [];
  let step = -1;
  for (let i = 0; i <= last; i++) {
    const [f, t] = [falsePositiveRate[i]!, truePositiveRate[i]!];
    const own = Math.floor((ROC_POINTS * (f + t)) / 2);
    if (own !== step || i === last) roc.push([rounded(f), rounded(t)]);
    step = own;
  }
  return roc;
}

const rounded = (share: number) => Number(share.toFixed(ROC_DIGITS));

/** Over the classes that have a curve; nothing if none has. */
function averageRocs(columns: readonly ScoreColumn[]): Pick<Classification, 'averageRocs'> {
  const curves = columns.flatMap((column) => {
    const { falsePositiveRate, truePositiveRate } = rocCurve(column.scores, column.positive);
    const known = Number.isFinite(falsePositiveRate.at(-1)! + truePositiveRate.at(-1)!);
    return known ? [{ falsePositiveRate, truePositiveRate }] : [];
  });
  const micro = rocOf({
    scores: Float64Array.from(columns.flatMap(({ scores }) => Array.from(scores))),
    positive: Int8Array.from(columns.flatMap(({ positive }) => Array.from(positive))),
  });
  if (curves.length === 0 || micro === undefined) return {};
  const macro = Array.from({ length: ROC_POINTS + 1 }, (_, i): RocPoint => {
    const f = i / ROC_POINTS;
    const sum = curves.reduce((total, curve) => total + truePositiveRateAt(curve, f), 0);
    return [f, rounded(sum / curves.length)];
  });
  return { averageRocs: { macro: [[0, 0], ...macro], micro } };
}

/** The highest at that false positive rate, between points on the line that joins them. */
function truePositiveRateAt(
  { falsePositiveRate, truePositiveRate }: Omit<RocCurve, 'thresholds'>,
  rate: number,
): number {
  const after = falsePositiveRate.findIndex((f) => f > rate);
  if (after < 0) return truePositiveRate.at(-1)!;
  const [low, high] = [falsePositiveRate[after - 1]!, falsePositiveRate[after]!];
  const share = (rate - low) / (high - low);
  return truePositiveRate[after - 1]! * (1 - share) + truePositiveRate[after]! * share;
}
