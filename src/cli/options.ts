/** Options that several commands take. */
import { Option } from 'commander';
import { DEVICES } from '../runtime/index.js';
import { wholeNumber } from './arguments.js';

const MOST_THREADS = 1024;

/** @param purpose the help text, such as `where to train` */
export const deviceOption = (purpose: string): Option =>
  new Option('--device <device>', purpose).choices(DEVICES).default('cpu');

export const maxPixelsOption = (): Option =>
  new Option(
    '--max-pixels <n>',
    'refuse pictures of more pixels (default: 100 million, 20,000 a side)',
  ).argParser(wholeNumber(1, Number.MAX_SAFE_INTEGER));

export const threadsOption = (): Option =>
  new Option('--threads <n>', 'CPU threads (default: one per core)').argParser(wholeNumber(1, MOST_THREADS));
