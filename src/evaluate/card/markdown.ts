/** A model card as Markdown. */
import { formatNumber } from '../../report/index.js';
import type { FaceCount, Figure, Robustness } from '../document.js';
import { figureText, writeShare, writeYears } from '../figure-text.js';
import { CHANGE_KINDS, levelText } from '../robustness/index.js';
import type { CardGroups, CardModel, ModelCard } from './model-card.js';

/** The whole text, in GitHub Flavored Markdown. */
export function modelCardText(card: ModelCard): string {
  const blocks = [
    `# ${escaped(card.name)}`,
    ...card.models.map(modelBlock),
    '## Figures',
    `${escaped(card.measuredOn)} ${escaped(card.intervals)}`,
    markdownTable(
      ['figure', 'value and interval', 'faces', 'not found'],
      card.figures.map(({ name, text, faces, notFoundShare }) => [
        name,
        text,
        formatNumber(faces),
        writeShare(notFoundShare),
      ]),
    ),
    ...card.groups.filter(({ parts }) => parts.length > 0).flatMap(groupBlocks),
    ...(card.robustness === null ? [] : robustnessBlocks(card.robustness)),
    '## Faces it was measured on',
    countTable(card.counts),
    '## Limits',
    card.limits.map((limit) => `- ${escaped(limit)}`).join('\n'),
    ...(card.terms.length > 0 ? ['## Terms', ...card.terms.map(escaped)] : []),
  ];
  return `${blocks.join('\n\n')}\n`;
}

function modelBlock({ name, sha256, facts }: CardModel): string {
  const rows: string[][] = [
    ['model', name],
    ...(sha256 === null ? [] : [['SHA-256 of its file', sha256]]),
    ...(facts === null
      ? []
      : [
          ['output', outputText(facts)],
          [
            'input',
            `${facts.input.width}×${facts.input.height} ${facts.input.color}, margin ${facts.input.margin}`,
          ],
          ...(['backbone', 'data', 'recipe', 'source'] as const).map((field) => [
            field === 'data' ? 'trained on' : field,
            facts.provenance[field],
          ]),
        ]),
  ];
  return markdownTable(['', ''], rows, 1);
}

function outputText({ ageClasses, youngest, oldest, gender }: NonNullable<CardModel['facts']>): string {
  const ages = ageClasses > 0 && `ages ${youngest} to ${oldest} in ${ageClasses} classes`;
  return [ages, gender && 'gender'].filter((part) => part !== false).join(', ');
}

function groupBlocks({ column, worst, parts }: CardGroups): string[] {
  const gender = parts.some((part) => part.gender !== null);
  return [
    `### By ${escaped(column)}`,
    ...(worst === null ? [] : [escaped(worst)]),
    markdownTable(
      [column, 'faces', 'not found', 'MAE, years', 'bias, years', ...(gender ? ['gender accuracy'] : [])],
      parts.map((part) => [
        part.name,
        formatNumber(part.faces),
        writeShare(part.notFoundShare),
        figureText(part.mae, writeYears),
        figureText(part.bias, writeYears),
        ...(gender ? [figureText(part.gender, writeShare)] : []),
      ]),
    ),
  ];
}

/** A row for each kind of change, from its mildest level to its strongest. */
function robustnessBlocks({ faces, plain, curves, views }: Robustness): string[] {
  const text = (figure: Figure) => figureText(figure, writeYears);
  return [
    '## Robustness',
    `MAE in years of ${formatNumber(faces)} of the faces: ${text(plain)} without a change. Ages predicted for ${views.count} views of a face, shifted and mirrored, have a standard deviation of ${text(views.deviation)} years; its mirror image is off by ${text(views.flip)}.`,
    markdownTable(
      ['change', 'level', 'MAE, years'],
      curves.flatMap(({ kind, levels }) => {
        const { title } = CHANGE_KINDS[kind]!;
        return levels.map(({ level, mae }) => [title, levelText(kind, level), text(mae)]);
      }),
      1,
    ),
  ];
}

/** A table of more columns would be too wide to read. */
const MOST_COLUMNS = 16;

/** Ages by gender and race; by gender alone where races are many. */
export function countTable(counts: readonly FaceCount[]): string {
  const unknown = (text: string | null) => text ?? 'unknown';
  const races = new Set(counts.map(({ race }) => race));
  const genders = new Set(counts.map(({ gender }) => gender));
  const byRace = (races.size > 1 || !races.has(null)) && races.size * genders.size <= MOST_COLUMNS;
  const columnOf = ({ gender, race }: FaceCount) =>
    byRace ? `${unknown(race)}, ${unknown(gender)}` : unknown(gender);
  const columns = [...new Set(counts.map(columnOf))].sort();
  const bands = [...new Set(counts.map(({ ageBand }) => ageBand))];
  const sum = (faces: readonly FaceCount[]) =>
    formatNumber(faces.reduce((total, { faces: count }) => total + count, 0));
  const cells = (of: readonly FaceCount[]) => [
    ...columns.map((column) => sum(of.filter((count) => columnOf(count) === column))),
    sum(of),
  ];
  return markdownTable(
    ['age', ...columns, 'all'],
    [
      ...bands.map((band) => [unknown(band), ...cells(counts.filter(({ ageBand }) => ageBand === band))]),
      ['all', ...cells(counts)],
    ],
  );
}

/** The first columns are text, the others numbers. */
export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  texts = 0,
): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, i) => (i <= texts ? '---' : '---:'));
  return [line(head.map(escaped)), line(rule), ...rows.map((row) => line(row.map(escaped)))].join('\n');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: a control character would end a line or a cell
const CONTROL = /[\u0000-\u001f\u007f\u2028\u2029]+/g;

/** Text without Markdown's markup. */
const escaped = (text: string): string =>
  text.replace(CONTROL, ' ').replace(/[\\`*_{}[\]<>|#&~]/g, (mark) => `\\${mark}`);
