/** Groups of faces on the page: a table for each column, with the worst group named. */
import { type Content, formatNumber, table } from '../../report/index.js';
import type { Evaluation, Grouping } from '../document.js';
import { ageOf, valueText, worstText, writeShare, writeYears } from '../figure-text.js';
import { figureCells, type MaybeSection, number } from './texts.js';

/** Longer tables show only the largest groups. */
const MOST_PARTS = 40;

export function groupsSection({ groups }: Evaluation): MaybeSection {
  const shown = groups.filter(({ parts }) => parts.length > 0);
  return shown.length === 0 ? undefined : { title: 'Groups', body: shown.map(groupTable) };
}

function groupTable(grouping: Grouping): Content {
  const { column, parts, unknown, worst } = grouping;
  const largest = new Set(parts.toSorted((a, b) => b.faces.total - a.faces.total).slice(0, MOST_PARTS));
  const left = parts.length - largest.size;
  const gender = parts.some((part) => part.gender !== null);
  const description = [
    worstText(grouping),
    left > 0 ? `The ${MOST_PARTS} largest groups; ${formatNumber(left)} more are in the JSON.` : undefined,
    unknown > 0 ? `Unknown for ${formatNumber(unknown)} faces.` : undefined,
  ].filter((sentence) => sentence !== undefined);
  return table({
    caption: `By ${column}`,
    ...(description.length > 0 && { description: description.join(' ') }),
    columns: [
      { title: column, kind: 'word' },
      number('faces'),
      number('not found'),
      number('MAE'),
      number('interval'),
      number('bias'),
      number('within 5 years'),
      ...(gender ? [number('gender accuracy')] : []),
    ],
    rows: parts
      .filter((part) => largest.has(part))
      .map((part) => {
        const figures = ageOf(part)?.figures;
        return [
          part.name === worst ? `${part.name} (worst)` : part.name,
          formatNumber(part.faces.total),
          writeShare(part.faces.notFoundShare),
          ...figureCells(figures?.mae, writeYears),
          valueText(figures?.bias, writeYears),
          valueText(figures?.cs5, writeShare),
          ...(gender ? [valueText(part.gender?.figures.accuracy, writeShare)] : []),
        ];
      }),
  });
}
