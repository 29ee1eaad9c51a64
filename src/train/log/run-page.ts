/** `report.html`: the results of a run so far, as a self-contained page. */
import { join } from 'node:path';
import { stringify } from 'yaml';
import {
  type Content,
  formatBytes,
  formatDuration,
  formatNumber,
  html,
  join as joined,
  renderPage,
  type Section,
  table,
} from '../../report/index.js';
import { classTables } from './class-tables.js';
import { epochCurves, rateText, updateCurves } from './curves.js';
import { figureNames, isCommon, kindOf } from './figures.js';
import { readHistory } from './history.js';
import { type RunFacts, readRunFacts } from './run-facts.js';
import { separationPlots } from './separation.js';
import { stageTable } from './stage-table.js';
import type { EpochEntry, LogEntry, NoticeEntry } from './types.js';
import { writeWhole } from './whole-file.js';

export const PAGE = 'report.html';

/**
 * Writes the page of a run's folder from its facts and its history.
 * @throws LogError if these are missing or damaged, or the page cannot be written.
 */
export async function writeRunPage(folder: string): Promise<void> {
  const [history, facts] = await Promise.all([readHistory(folder), readRunFacts(folder)]);
  await writeWhole(join(folder, PAGE), runPage(history, facts));
}

/** The page of a run. */
export function runPage(history: readonly LogEntry[], facts: RunFacts): string {
  const of = <K extends LogEntry['kind']>(kind: K) =>
    history.filter((entry): entry is Extract<LogEntry, { kind: K }> => entry.kind === kind);
  const [epochs, steps, separations, notices] = [of('epoch'), of('step'), of('separation'), of('notice')];
  const best = bestOf(epochs);
  const confusion = of('confusion').at(-1);
  const sections: (Section | false)[] = [
    notices.length > 0 && { title: 'Notices', body: noticeList(notices) },
    epochs.length > 0 && { title: 'Curves', body: [bestSentence(best), epochCurves(epochs)] },
    confusion !== undefined && { title: 'Classes', body: classTables(confusion) },
    separations.length > 0 && { title: 'Separation of ages', body: separationPlots(separations) },
    steps.length > 0 && { title: 'Updates', body: updateCurves(steps) },
    epochs.length > 0 && {
      title: 'Epochs',
      body: [stageTable(epochs, facts.recipe), epochTable(epochs, best)],
    },
    { title: 'Run', body: factTables(facts) },
  ];
  const { recipe } = facts;
  return renderPage({
    title: recipe.name,
    lead: joined([recipe.title, progressOf(history, epochs, facts)], '. '),
    facts: headFigures(epochs, best),
    sections: sections.filter((section) => section !== false),
    footer: `Written by Agewise ${facts.starts.at(-1)!.versions.agewise}.`,
  });
}

/** The best epoch. */
export const bestOf = (epochs: readonly EpochEntry[]): EpochEntry | undefined =>
  epochs.findLast(({ best }) => best);

function progressOf(
  history: readonly LogEntry[],
  epochs: readonly EpochEntry[],
  { recipe, seed }: RunFacts,
): string {
  const last = epochs.at(-1);
  const planned = recipe.stages.reduce((sum, stage) => sum + stage.epochs, 0);
  const updates = history.findLast(({ kind }) => kind === 'step' || kind === 'epoch')?.step ?? 0;
  const so =
    last === undefined
      ? 'No epoch has finished yet'
      : `After ${last.epoch} of at most ${planned} epochs, stage ${last.stage}`;
  return `${so}, ${formatNumber(updates)} updates, seed ${seed}.`;
}

function headFigures(
  epochs: readonly EpochEntry[],
  best: EpochEntry | undefined,
): (readonly [string, string | number])[] {
  const validation = best?.validation ?? {};
  const seconds = epochs.at(-1)?.seconds;
  return [
    ...figureNames([validation])
      .filter((name) => HEADLINES[name] !== undefined)
      .map((name) => [HEADLINES[name]!, kindOf(name).cell(validation[name]!)] as const),
    ...(best ? [['best epoch', best.epoch] as const] : []),
    ...(seconds === undefined ? [] : [['training time', formatDuration(seconds)] as const]),
  ];
}

/** The best weights' figures shown at the top. */
const HEADLINES: Readonly<Record<string, string>> = {
  mae: 'MAE in years',
  accuracy: 'age classes right',
  gender: 'genders right',
};

const noticeList = (notices: readonly NoticeEntry[]): Content =>
  html`<ul>${notices.map(({ epoch, step, message }) => html`<li>Epoch ${epoch}, update ${formatNumber(step)}: ${message}</li>`)}</ul>`;

const bestSentence = (best: EpochEntry | undefined): Content =>
  best && html`<p>The best weights on the validation part are those after epoch ${best.epoch}.</p>`;

function epochTable(epochs: readonly EpochEntry[], best: EpochEntry | undefined): Content {
  // The spread of predictions within one batch says little.
  const trained = figureNames(epochs.map(({ train }) => train)).filter(
    (name) => isCommon(name) && name !== 'spread',
  );
  const validated = figureNames(epochs.map(({ validation }) => validation ?? {})).filter(isCommon);
  const number = (title: string) => ({ title, kind: 'number' }) as const;
  const group = (names: readonly string[], group: string) =>
    names.map((name) => ({ ...number(kindOf(name).short), group }));
  const cell = (name: string, value: number | undefined) =>
    value === undefined ? '' : kindOf(name).cell(value);
  return table({
    caption: 'Metrics of each epoch',
    description: 'On the validation part after the epoch, and on the training part averaged over it.',
    columns: [
      number('epoch'),
      { title: '', kind: 'word' },
      { title: 'stage', kind: 'word' },
      number('rate'),
      ...group(validated, 'validation'),
      ...group(trained, 'training'),
      number('time'),
    ],
    rows: epochs.map((entry) => [
      entry.epoch,
      entry === best ? 'best' : '',
      entry.stage,
      rateText(entry.rate),
      ...validated.map((name) => cell(name, entry.validation?.[name])),
      ...trained.map((name) => cell(name, entry.train[name])),
      formatDuration(entry.seconds),
    ]),
  });
}

function factTables({ recipe, seed, stores, split, starts }: RunFacts): Content {
  const plain = [{ title: '' }, { title: '' }];
  const code = (text: string) => html`<code>${text}</code>`;
  const parts = Object.entries(split.counts).map(([name, rows]) => `${name} ${formatNumber(rows)}`);
  const about = table({
    caption: 'Model and data',
    columns: plain,
    rows: [
      ['recipe', recipe.name],
      ['source', recipe.source],
      ['reported by its source', recipe.reports],
      ['network', recipe.network.name ?? recipe.network.backbone],
      [
        'weights',
        recipe.network.name === undefined ? 'the backbone’s' : (recipe.network.weights ?? 'random'),
      ],
      ...stores.flatMap((store) => [
        ['data', `${store.id}, ${formatNumber(store.rows)} rows`],
        ['store', code(store.folder)],
        ['fingerprint', code(store.fingerprint)],
      ]),
      ['split', `${split.name}: ${parts.join(', ')}`],
      ['seed', String(seed)],
    ],
  });
  const when = table({
    caption: 'Started and resumed',
    columns: [
      { title: 'date (UTC)', kind: 'word' },
      ...['command', 'device', 'step for', 'machine', 'versions'].map((title) => ({ title })),
    ],
    rows: starts.map(({ date, command, device, target, versions, machine }) => [
      date.slice(0, 16).replace('T', ' '),
      code(command.join(' ')),
      device,
      typeof target === 'string' ? target : `blocks of ${target.block}`,
      `${machine.cpu}, ${machine.cores} cores, ${formatBytes(machine.memory)}, ${machine.platform}`,
      `Agewise ${versions.agewise}, ONNX Runtime ${versions.onnxruntime}, Node ${versions.node}`,
    ]),
  });
  return [
    about,
    when,
    html`<details><summary>The recipe with every default</summary><pre>${code(stringify(recipe))}</pre></details>`,
  ];
}
