/** The curves that TensorBoard draws, by their tags, grouped by the part before the slash. */

import type { Figures } from '../../metrics/index.js';
import type { LogEntry } from './types.js';

/** Undefined for an entry without curve points. */
export function scalarsOf(entry: LogEntry): Record<string, number> | undefined {
  switch (entry.kind) {
    case 'step':
      return {
        ...tagged('train', entry.train),
        rate: entry.rate,
        'images-per-second': entry.imagesPerSecond,
      };
    case 'epoch':
      return {
        ...tagged('epoch', entry.train),
        ...tagged('validation', entry.validation ?? {}),
      };
    case 'separation':
    case 'confusion':
    case 'notice':
      return undefined;
  }
}

const tagged = (group: string, figures: Figures) =>
  Object.fromEntries(Object.entries(figures).map(([name, value]) => [`${group}/${name}`, value]));
