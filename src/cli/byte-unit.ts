/** Amounts of bytes in progress bars; in a file of its own, since a bar for pictures needs nothing from report/. */
import { formatBytes } from '../report/index.js';
import type { ProgressUnit } from './progress.js';

export const BYTES: ProgressUnit = { amount: formatBytes, rate: (n) => formatBytes(Math.round(n)) };
