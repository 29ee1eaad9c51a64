/** The page of an ensemble: its members' figures and curves, with links to their own pages. */
import { basename, join, relative, sep } from 'node:path';
import {
  type Content,
  formatDuration,
  formatNumber,
  html,
  linePlot,
  renderPage,
  table,
} from '../../report/index.js';
import { HALF } from './curves.js';
import { type EnsembleFigures, readEnsembleFigures } from './ensemble-figures.js';
import { figureNames, isCommon, kindOf } from './figures.js';
import { readHistory } from './history.js';
import { type RunFacts, readRunFacts } from './run-facts.js';
import { bestOf, PAGE } from './run-page.js';
import type { EpochEntry } from './types.js';
import { writeWhole } from './whole-file.js';

interface Member {
  readonly name: string;
  /** The relative URL of its page. */
  readonly page: string;
  readonly facts: RunFacts;
  readonly epochs: readonly EpochEntry[];
}

/**
 * Writes the page of an ensemble's folder.
 * @param memberFolders of the started members, at least one
 * @throws LogError if one of these is not a run's folder or is damaged, or the page cannot be written.
 */
export async function writeEnsemblePage(folder: string, memberFolders: readonly string[]): Promise<void> {
  const { recipe } = await readRunFacts(folder);
  const members = await Promise.all(memberFolders.map((member) => readMember(folder, member)));
  await writeWhole(join(folder, PAGE), ensemblePage(recipe, members, await readEnsembleFigures(folder)));
}

async function readMember(folder: string, member: string): Promise<Member> {
  const [facts, history] = await Promise.all([readRunFacts(member), readHistory(member)]);
  const parts = [...relative(folder, member).split(sep), PAGE];
  return {
    name: basename(member),
    page: parts.map(encodeURIComponent).join('/'),
    facts,
    epochs: history.filter((entry): entry is EpochEntry => entry.kind === 'epoch'),
  };
}

/** @param recipe of the ensemble; a member's own recipe does not mention the others */
function ensemblePage(
  recipe: RunFacts['recipe'],
  members: readonly Member[],
  together: EnsembleFigures | undefined,
): string {
  const { starts } = members[0]!.facts;
  const planned = recipe.stages.reduce((sum, stage) => sum + stage.epochs, 0);
  const evaluated = members.filter(({ epochs }) => epochs.length > 0);
  return renderPage({
    title: recipe.name,
    lead: `${recipe.title}. ${members.length} of ${recipe.members} networks have started, each of at most ${planned} epochs.`,
    sections: [
      { title: 'Members', body: memberTable(members, together) },
      ...(together && together.faces.length > 0
        ? [{ title: 'Faces', body: faceTable(members, together) }]
        : []),
      ...(evaluated.length > 0 ? [{ title: 'Curves', body: memberCurves(evaluated) }] : []),
    ],
    footer: `Written by Agewise ${starts.at(-1)!.versions.agewise}.`,
  });
}

function memberTable(members: readonly Member[], together: EnsembleFigures | undefined): Content {
  const best = members.map(({ epochs }) => bestOf(epochs));
  const names = figureNames(best.map((entry) => entry?.validation ?? {})).filter(isCommon);
  const number = (title: string) => ({ title, kind: 'number' }) as const;
  return table({
    caption: 'The best weights of each member',
    description:
      'Figures on the validation part, of each member and of the ensemble, which averages their distributions.',
    columns: [
      { title: 'member', kind: 'word' },
      ...['seed', 'epochs', 'best epoch', ...names.map((name) => kindOf(name).short), 'time'].map(number),
    ],
    rows: [
      ...members.map(({ name, page, facts, epochs }, i) => [
        html`<a href="${page}">${name}</a>`,
        String(facts.seed),
        epochs.at(-1)?.epoch ?? 0,
        best[i]?.epoch,
        ...names.map((figure) => {
          const value = best[i]?.validation?.[figure];
          return value === undefined ? undefined : kindOf(figure).cell(value);
        }),
        formatDuration(epochs.at(-1)?.seconds ?? 0),
      ]),
      ...(together
        ? [
            [
              'ensemble',
              '',
              '',
              '',
              ...names.map((figure) => {
                const value = together.figures[figure];
                return value === undefined ? undefined : kindOf(figure).cell(value);
              }),
              '',
            ],
          ]
        : []),
    ],
  });
}

const ONE_DECIMAL = 1;

/** The estimates of some faces by the ensemble and by each member. */
function faceTable(members: readonly Member[], { faces }: EnsembleFigures): Content {
  const number = (title: string, group?: string) =>
    ({ title, kind: 'number', ...(group && { group }) }) as const;
  const years = (value: number) => value.toFixed(ONE_DECIMAL);
  return table({
    caption: 'Estimates of some faces',
    description: 'Ages in years of some faces of the validation part, by the best weights.',
    columns: [number('known age'), number('ensemble'), ...members.map(({ name }) => number(name, 'member'))],
    rows: faces.map(({ age, estimate, members: each }) => [
      formatNumber(age),
      years(estimate),
      ...each.map(years),
    ]),
  });
}

/** Each member's validation figures, and its training loss. */
function memberCurves(members: readonly Member[]): Content {
  const curve = (part: 'train' | 'validation', name: string) => {
    const { title, label, axis } = kindOf(name);
    return linePlot({
      ...HALF,
      caption: `${title}, ${part === 'train' ? 'training' : 'validation'}`,
      xLabel: 'epoch',
      yLabel: label,
      ...(axis && { yFormat: axis }),
      xWhole: true,
      series: members.map((member) => ({
        name: member.name,
        points: member.epochs.flatMap((entry): [number, number][] => {
          const value = entry[part]?.[name];
          return value === undefined ? [] : [[entry.epoch, value]];
        }),
      })),
    });
  };
  const validated = figureNames(
    members.flatMap(({ epochs }) => epochs.map(({ validation }) => validation ?? {})),
  ).filter(isCommon);
  const plots = [...validated.map((name) => curve('validation', name)), curve('train', 'loss')];
  return html`<div class="pair">${plots}</div>`;
}
