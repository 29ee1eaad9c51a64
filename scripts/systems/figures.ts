/**
 * The figures of the runs that scripts/systems/run.sh made, beside those of the documents, as a table in Markdown:
 *
 *     npx tsx scripts/systems/figures.ts FOLDER
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Comparison, Evaluation, Figure } from '../../src/evaluate/index.js';
import { type EpochEntry, summarizeRuns } from '../../src/train/index.js';

interface System {
  readonly name: string;
  readonly title: string;
  /** What the document reports, in words. */
  readonly reported: string;
  /** The classes whose accuracy it reports; the error in years if left out. */
  readonly groups?: 'groups-14' | 'groups-8';
}

const SYSTEMS: readonly System[] = [
  { name: 'lenet', title: '`deep-age-lenet`', reported: '32.1%', groups: 'groups-14' },
  { name: 'two-stage', title: '`resnet50-two-stage-utkface` over HSE-FaceRes', reported: 'MAE 6.8' },
  {
    name: 'al-backbone-14',
    title: 'HSE-FaceRes trained whole on the groups',
    reported: '40.2%',
    groups: 'groups-14',
  },
  {
    name: 'al-resnet-14',
    title: '`al-resnet-14` over that network',
    reported: '43.17%',
    groups: 'groups-14',
  },
  {
    name: 'al-backbone-8',
    title: 'HSE-FaceRes trained whole on the groups',
    reported: '–',
    groups: 'groups-8',
  },
  { name: 'al-resnet-8', title: '`al-resnet-8` over that network', reported: '59.05%', groups: 'groups-8' },
  { name: 'dex', title: '`dex-vgg19-ensemble` over HSE-FaceRes, three together', reported: '–' },
  ...[1, 2, 3].map((member) => ({ name: `dex-${member}`, title: `– member ${member}`, reported: '–' })),
  { name: '4c2f', title: '`deep-age-4c2f`', reported: '–', groups: 'groups-14' },
  { name: '4c2f-mod', title: '`deep-age-4c2f-mod`', reported: '–', groups: 'groups-14' },
  { name: 'alexnet', title: '`deep-age-alexnet`', reported: '37.3%', groups: 'groups-14' },
  { name: 'softmax', title: '`deep-age-softmax`', reported: '–', groups: 'groups-14' },
  { name: 'dnn', title: '`deep-age-dnn`', reported: '–', groups: 'groups-14' },
  { name: 'cnn', title: '`deep-age-cnn`', reported: '–', groups: 'groups-14' },
];

/** Validation MAE by stage of system 3, as its document reports it. */
const STAGES = { frozen: 9.9, 'fine-tune': 7.4, micro: 6.8 } as const;

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('Expected the folder of scripts/systems/run.sh, found none');

const read = (name: string): string | undefined => {
  const path = join(folder, name);
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
};
/** The first of its documents: an ensemble's own comes before those of its members. */
const json = <T>(name: string): T | undefined => {
  const text = read(name);
  return text === undefined ? undefined : (JSON.parse(text.slice(0, text.indexOf('\n'))) as T);
};

const withRange = ({ value, low, high }: Figure, write: (value: number) => string): string =>
  value === null
    ? '–'
    : `${write(value)} [${[low, high].map((v) => (v === null ? '–' : write(v))).join(', ')}]`;
const percent = (value: number) => `${(100 * value).toFixed(1)}%`;
const years = (value: number) => value.toFixed(2);

/** Such as `43.1% [41.7%, 44.6%], MAE 5.37`. */
function measured({ groups }: System, evaluation: Evaluation): string {
  const mae = evaluation.all.age.mean?.figures.mae;
  const error = mae && `MAE ${withRange(mae, years)}`;
  const way = groups && evaluation.classes[groups]?.find(({ by }) => by === 'probability');
  if (way === undefined) return error ?? '–';
  const { accuracy, oneOff, macroF1, macroAuc } = way.figures.figures;
  const parts = [
    accuracy && withRange(accuracy, percent),
    oneOff?.value != null && `one-off ${percent(oneOff.value)}`,
    macroF1?.value != null && `macro F1 ${macroF1.value.toFixed(3)}`,
    macroAuc?.value != null && `macro AUC ${macroAuc.value.toFixed(3)}`,
    mae?.value != null && `MAE ${years(mae.value)}`,
  ];
  return parts.filter((part) => typeof part === 'string').join(', ');
}

async function effort(name: string): Promise<string> {
  const run = name.replace(/^dex-(\d)$/, 'dex/member-$1');
  if (!existsSync(join(folder!, run, 'run.json'))) return '–';
  const { runs } = await summarizeRuns(join(folder!, run));
  const epochs = runs.map(
    ({ epochs: done, plannedEpochs, best }) => `${done} of ${plannedEpochs} (best ${best?.epoch ?? '–'})`,
  );
  const seconds = runs.reduce((sum, one) => sum + one.seconds, 0);
  return `${[...new Set(epochs)].join('; ')}, ${Math.round(seconds / 60)}`;
}

const rows: string[] = [];
for (const system of SYSTEMS) {
  const evaluation = json<Evaluation>(`${system.name}.json`);
  if (evaluation === undefined) continue;
  const faces = evaluation.all.faces.total;
  const unfinished = !existsSync(join(folder, `${system.name.replace(/^(dex)-\d$/, '$1')}.done`));
  rows.push(
    `| ${system.title}${unfinished ? ' (not done yet)' : ''} | ${system.reported} | ${measured(system, evaluation)} | ${faces} | ${await effort(system.name)} |`,
  );
}
if (rows.length > 0) {
  console.log('| system | its document | here, on the part to test [95%] | faces | epochs, minutes |');
  console.log('|---|---|---|---|---|');
  for (const row of rows) console.log(row);
}

const history = read(join('two-stage', 'history.jsonl'));
if (history !== undefined) {
  const epochs = history
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as EpochEntry)
    .filter(({ kind, validation }) => kind === 'epoch' && validation !== undefined);
  console.log('\n| stage of system 3 | its document, validation MAE | here, validation MAE | epochs |');
  console.log('|---|---|---|---|');
  for (const [stage, reported] of Object.entries(STAGES)) {
    const own = epochs.filter((entry) => entry.stage === stage);
    if (own.length === 0) continue;
    const best = Math.min(...own.map(({ validation }) => validation!.mae!));
    console.log(`| ${stage} | ${reported} | ${years(best)} | ${own.length} |`);
  }
}

const compared = json<Comparison>('dex.compare.json');
if (compared !== undefined) {
  const [whole, ...members] = compared.models;
  const best = members.toSorted((a, b) => a.figures.mae!.value! - b.figures.mae!.value!)[0]!;
  console.log(
    `\nDEX: together ${years(whole!.figures.mae!.value!)}, the best member ${years(best.figures.mae!.value!)}; the member's error is larger by ${withRange(best.differences!.mae!, years)} years (paired bootstrap).`,
  );
}
