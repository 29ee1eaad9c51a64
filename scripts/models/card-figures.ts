/**
 * The figures of a shipped model's card: evaluates it on the test parts of stores, by the command that the card names, and
 * rewrites the card's section "Measured". The stores are those of train-shipped.sh. It needs `npm run build`.
 *
 *   npx tsx scripts/models/card-figures.ts models/agewise-base.onnx ../runs/stores/{utkface,all-age-faces,fairface}
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import {
  bootstrapText,
  countTable,
  type Evaluation,
  evaluatePredictions,
  type Figure,
  figureText,
  type Grouping,
  markdownTable,
  type Predictions,
  readPredictions,
  type Write,
  writeShare,
  writeYears,
} from '../../src/evaluate/index.js';
import { binomialInterval } from '../../src/metrics/index.js';
import { formatNumber } from '../../src/report/index.js';

const OPTIONS = ['--split', 'hash', '--part', 'test', '--cropped'];

const [model, ...stores] = process.argv.slice(2);
if (model === undefined || stores.length === 0)
  throw new Error("expected a model's file and one store or more");

const sets: Evaluation[] = [];
const predictions = new Map<Evaluation, Predictions>();
const folder = await mkdtemp(join(tmpdir(), 'agewise-card-'));
for (const store of stores) {
  const file = join(folder, `${sets.length}.parquet`);
  const what = ['--model', model, '--data', store, ...OPTIONS, '--json', '--predictions', file];
  const { stdout } = await promisify(execFile)(process.execPath, ['dist/cli/main.js', 'evaluate', ...what], {
    maxBuffer: 1 << 28,
  });
  const set = JSON.parse(stdout) as Evaluation;
  sets.push(set);
  predictions.set(set, await readPredictions(file));
}
await rm(folder, { recursive: true });
const isExact = ({ all }: Evaluation): boolean => all.knownAge !== null;
const exactSets = sets.filter(isExact);
const exactly = (figureOf: (set: Evaluation) => Figure | undefined) => (set: Evaluation) =>
  isExact(set) ? figureOf(set) : undefined;
const titleOf = (set: Evaluation): string => set.origin!.data.title;

const card = model.replace(/\.onnx$/, '.md');
const text = await readFile(card, 'utf8');
const section = /(?<=^## Measured\n).*?(?=^## )/ms;
if (!section.test(text)) throw new Error(`${card}: expected a section "Measured" before another`);
await writeFile(
  card,
  text.replace(section, () => `${blocks(basename(model, '.onnx')).join('\n\n')}\n\n`),
);

function blocks(name: string): string[] {
  return [
    `\`agewise evaluate --model ${name} --data STORE ${OPTIONS.join(' ')}\`: the test parts, which were not used for any choice; faces as stored, expected age, no test-time augmentation. Bias is the mean of estimate minus label. ${bootstrapText(sets[0]!)}`,
    headline(),
    '### Age checks',
    `${exactSets.map(titleOf).join(' and ')}, whose exact ages are known; intervals of all together are those of Clopper and Pearson.`,
    ageChecks(),
    ...sets.flatMap((set) => set.groups.flatMap((group) => groupTable(set, group))),
    '### Faces measured on',
    ...sets.flatMap((set) => [`${titleOf(set)}:`, countTable(set.counts)]),
  ];
}

function headline(): string {
  const rows: [string, (set: Evaluation) => Figure | undefined, Write][] = [
    ['MAE, years', exactly(({ all }) => all.age.mean?.figures.mae), writeYears],
    ['MAE, years, under 10 years of age', exactly((set) => errorOf(set, (age) => age < 10)), writeYears],
    ['MAE, years, over 60', exactly((set) => errorOf(set, (age) => age > 60)), writeYears],
    ['bias, years', exactly(({ all }) => all.age.mean?.figures.bias), writeYears],
    ['within 5 years', exactly(({ all }) => all.age.mean?.figures.cs5), writeShare],
    ['expected age in the labelled group', ({ all }) => all.ranges.mean?.figures.inside, writeShare],
    ['gender right', ({ all }) => all.gender?.figures.accuracy, writeShare],
    [
      'age in the 90% interval',
      exactly((set) => set.interval?.figures.figures.coverage ?? set.all.knownAge?.figures.coverage90),
      writeShare,
    ],
    ['over 25% of the probability in one year', ({ all }) => all.shape?.figures.spiked, writeShare],
  ];
  return markdownTable(
    ['', ...sets.map(titleOf)],
    [
      ['faces', ...sets.map(({ all }) => formatNumber(all.faces.total))],
      ...rows.map(([name, figureOf, write]) => [
        name,
        ...sets.map((set) => figureText(figureOf(set), write)),
      ]),
    ],
  );
}

/** The MAE over the faces of some ages. */
function errorOf(set: Evaluation, isOf: (age: number) => boolean): Figure | undefined {
  const { faces, ...others } = predictions.get(set)!;
  const those = faces.filter(({ label }) => label !== undefined && 'age' in label && isOf(label.age));
  return evaluatePredictions({ ...others, faces: those })[0]!.all.age.mean?.figures.mae;
}

function ageChecks(): string {
  const checkOf = (set: Evaluation, youngest: number) =>
    set.checks.find(
      (check) =>
        check.column === null &&
        check.decoding === 'mean' &&
        check.threshold === 18 &&
        check.youngest === youngest,
    )!;
  const rows: [string, (set: Evaluation) => { of: number; share: Figure }][] = [
    [
      '13 to 17, estimated as 18 or older',
      (set) => {
        const { minors, falseAdultRate } = checkOf(set, 13);
        return { of: minors, share: falseAdultRate };
      },
    ],
    [
      '14 to 17, estimated as 25 or older',
      (set) => {
        const { minors, challenges, falsePositive } = checkOf(set, 14);
        return { of: minors, share: falsePositive[challenges.indexOf(25)]! };
      },
    ],
    [
      '25 and older, estimated as younger',
      (set) => {
        const { faces, referred } = checkOf(set, 0).older!;
        return { of: faces, share: referred };
      },
    ],
  ];
  return markdownTable(
    ['share of the faces', ...exactSets.map(titleOf), 'together'],
    rows.map(([name, shareOf]) => {
      const shares = exactSets.map(shareOf);
      const of = shares.reduce((sum, one) => sum + one.of, 0);
      const found = shares.reduce((sum, one) => sum + Math.round(one.of * one.share.value!), 0);
      const [low, high] = binomialInterval(found, of);
      return [
        name,
        ...[...shares, { of, share: { value: found / of, low, high } }].map(
          (one) => `${figureText(one.share, writeShare)} of ${formatNumber(one.of)}`,
        ),
      ];
    }),
  );
}

function groupTable(set: Evaluation, { column, parts }: Grouping): string[] {
  if (parts.length === 0) return [];
  const exact = isExact(set);
  return [
    `### ${titleOf(set)} by ${column}`,
    markdownTable(
      [
        column,
        'faces',
        ...(exact ? ['MAE, years', 'bias, years'] : ['expected age in the labelled group']),
        'gender right',
      ],
      parts.map((part) => [
        part.name,
        formatNumber(part.faces.total),
        ...(exact
          ? [
              figureText(part.age.mean?.figures.mae, writeYears),
              figureText(part.age.mean?.figures.bias, writeYears),
            ]
          : [figureText(part.ranges.mean?.figures.inside, writeShare)]),
        figureText(part.gender?.figures.accuracy, writeShare),
      ]),
    ),
  ];
}
