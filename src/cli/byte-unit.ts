/** Amounts of bytes in progress bars; apart from these, as drawing a bar for pictures needs nothing of report/. */
import { formatBytes } from '../report/index.js';
import type { ProgressUnit } from './progress.js';

export const BYTES: ProgressUnit = { amount: formatBytes, rate: (n) => formatBytes(Math.round(n)) };
