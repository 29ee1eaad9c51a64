/** Runs `agewise data split`: store → split → file. */
import { join } from 'node:path';
import {
  makeSplit,
  type SplitDocument,
  type SplitMethod,
  type SplitMethodName,
  Store,
  splitName,
  writeSplit,
} from '../../data/index.js';
import { formatNumber } from '../../report/index.js';
import { Console } from '../console.js';
import { makeFolder } from '../paths.js';
import { padEnd, padStart } from '../text.js';
import { EXIT, UsageError } from '../usage.js';
import type { SplitFlags } from './split-flags.js';

const DEFAULT_SHARES = { train: 0.8, validation: 0.1, test: 0.1 };
const DEFAULT_FOLDS = 5;
const REPETITIONS = [0, 1, 2, 3, 4];

/** The methods that each flag applies to. */
const FLAGS_OF = {
  shares: ['shares'],
  folds: ['folds'],
  repetition: ['benchmark'],
} as const satisfies Partial<Record<keyof SplitFlags, readonly SplitMethodName[]>>;

const STRATIFIED: readonly SplitMethodName[] = ['shares', 'folds'];

/** @returns the exit code */
export async function runSplit(folder: string, flags: SplitFlags): Promise<number> {
  checkFlags(flags);
  const name = flags.name ?? flags.method;
  if (!/^[\w.-]+$/.test(name)) {
    throw new UsageError(`--name: expected letters, digits, dots, hyphens and underscores, found '${name}'`);
  }
  const store = await Store.open(folder);
  try {
    const out = flags.out ?? folder;
    if (flags.out !== undefined) await makeOutFolder(flags.out);
    const console = new Console();
    const methods = methodsOf(flags);
    for (const method of methods) {
      const file = join(out, `${splitName(method, name)}.split.json`);
      await console.print(await splitOne(store, method, file, flags));
    }
    return EXIT.done;
  } finally {
    await store.close();
  }
}

async function splitOne(store: Store, method: SplitMethod, file: string, flags: SplitFlags): Promise<string> {
  const split = await makeSplit(store, method, flags.seed);
  await writeSplit(file, split, { overwrite: flags.overwrite ?? false });
  return flags.json ? `${JSON.stringify(record(file, split))}\n` : summary(file, split);
}

function checkFlags(flags: SplitFlags): void {
  for (const [flag, methods] of Object.entries(FLAGS_OF) as [
    keyof typeof FLAGS_OF,
    readonly SplitMethodName[],
  ][]) {
    if (flags[flag] !== undefined && !methods.includes(flags.method)) {
      throw new UsageError(
        `--${flag} is for --method ${methods.join(' or ')}, found --method ${flags.method}`,
      );
    }
  }
  if (!flags.stratify && !STRATIFIED.includes(flags.method)) {
    throw new UsageError(
      `--no-stratify is for --method ${STRATIFIED.join(' or ')}, found --method ${flags.method}`,
    );
  }
}

function methodsOf({ method, shares, folds, repetition, stratify }: SplitFlags): SplitMethod[] {
  switch (method) {
    case 'shares':
      return [{ name: method, shares: shares ?? DEFAULT_SHARES, stratify }];
    case 'folds':
      return [{ name: method, folds: folds ?? DEFAULT_FOLDS, stratify }];
    case 'people':
    case 'authors':
    case 'al-resnet':
    case 'hash':
      return [{ name: method }];
    case 'benchmark':
      return (repetition === undefined ? REPETITIONS : [repetition]).map((n) => ({
        name: method,
        repetition: n,
      }));
  }
}

async function makeOutFolder(folder: string): Promise<void> {
  try {
    await makeFolder(folder);
  } catch (error) {
    throw new UsageError(`--out: expected a folder '${folder}', ${(error as Error).message}`);
  }
}

/** The split without the fields that only programs read. */
function record(file: string, { seed, method, parts, leftOut }: SplitDocument) {
  return { file, seed, method, parts, leftOut };
}

function summary(file: string, { store, parts, leftOut }: SplitDocument): string {
  const rows = [...parts, ...(leftOut > 0 ? [{ name: 'left out', rows: leftOut }] : [])];
  const counts = rows.map(({ rows: count }) => formatNumber(count));
  const widest = Math.max(...rows.map(({ name }) => name.length));
  const longest = Math.max(...counts.map((count) => count.length));
  const lines = rows.map(({ name, rows: count }, i) => {
    const share = ((100 * count) / store.rows).toFixed(1);
    return `  ${padEnd(name, widest)}  ${padStart(counts[i]!, longest)}  ${padStart(share, 5)}%\n`;
  });
  return `${file}\n${lines.join('')}`;
}
