/** What each stage reached, as multi-stage fine-tuning is reported. */
import { type Content, formatNumber, table } from '../../report/index.js';
import { MONITORS, type Recipe } from '../recipe/schema.js';
import { figureNames, isCommon, kindOf } from './figures.js';
import type { EpochEntry } from './types.js';

/** The best epoch of each stage that has started, by MAE if known, else by the recipe's monitored figure. */
export function stageTable(epochs: readonly EpochEntry[], { stages, monitor }: Recipe): Content {
  const known = figureNames(epochs.map(({ validation }) => validation ?? {})).filter(isCommon);
  if (known.length === 0) return undefined;
  const by = known.includes('mae') ? 'mae' : monitor;
  const rows = stages.flatMap(({ name }) => {
    const own = epochs.filter(({ stage }) => stage === name);
    return own.length === 0 ? [] : [{ name, own, best: bestBy(own, by) }];
  });
  const number = (title: string) => ({ title, kind: 'number' }) as const;
  return table({
    caption: `The best ${kindOf(by).short} of each stage`,
    description: 'Of the validation part, with the other figures of the same epoch.',
    columns: [
      { title: 'stage', kind: 'word' },
      number('epochs'),
      number('updates'),
      number('best epoch'),
      ...known.map((name) => number(kindOf(name).short)),
    ],
    rows: rows.map(({ name, own, best }, i) => [
      name,
      own.length,
      formatNumber(own.at(-1)!.step - (rows[i - 1]?.own.at(-1)?.step ?? 0)),
      best?.epoch,
      ...known.map((figure) => {
        const value = best?.validation?.[figure];
        return value === undefined ? undefined : kindOf(figure).cell(value);
      }),
    ]),
  });
}

function bestBy(epochs: readonly EpochEntry[], name: string): EpochEntry | undefined {
  const sign = MONITORS[name as keyof typeof MONITORS] === 'most' ? -1 : 1;
  const badness = ({ validation }: EpochEntry) => sign * (validation?.[name] ?? Number.NaN);
  return epochs
    .filter((entry) => Number.isFinite(badness(entry)))
    .reduce<EpochEntry | undefined>(
      (best, entry) => (best === undefined || badness(entry) < badness(best) ? entry : best),
      undefined,
    );
}
