/** Runs `agewise data split`: store → split → file, or table → split → file. */
import { extname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import {
  DataError,
  makeSplit,
  readGivenSplit,
  readSplit,
  type Split,
  type SplitMethod,
  type SplitMethodName,
  Store,
  splitName,
  splitTable,
  writeSplit,
} from '../../data/index.js';
import { exists, reasonOf, writeWholeFile } from '../../files/index.js';
import { formatNumber } from '../../report/index.js';
import { Console } from '../console.js';
import { makeNamedFolder } from '../paths.js';
import { counted } from '../table.js';
import { jsonText, oneLine, padEnd, padStart } from '../text.js';
import { EXIT, UsageError } from '../usage.js';
import type { SplitFlags } from './split-flags.js';

const DEFAULT_METHOD = 'shares';
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

/** Flags that set how a split is made. */
const MAKING = ['method', 'shares', 'folds', 'repetition', 'seed'] as const satisfies (keyof SplitFlags)[];

/** @returns the exit code */
export async function runSplit(folder: string, flags: SplitFlags): Promise<number> {
  checkFlags(flags);
  const name = flags.name ?? (flags.from === undefined ? (flags.method ?? DEFAULT_METHOD) : 'given');
  if (!/^[\w.-]+$/.test(name)) {
    throw new UsageError(`--name: expected letters, digits, dots, hyphens and underscores, found '${name}'`);
  }
  const table = isTable(flags.out) ? flags.out : undefined;
  if (table !== undefined && !flags.overwrite && (await exists(table))) {
    throw new UsageError(`--out ${table}: expected a new name, found a file; --overwrite replaces it`);
  }
  const store = await Store.open(folder);
  try {
    const out = table === undefined ? (flags.out ?? folder) : folder;
    if (out !== folder) await makeNamedFolder('--out', out);
    const console = new Console();
    for (const method of flags.from === undefined ? methodsOf(flags) : [undefined]) {
      const file = join(out, `${method ? splitName(method, name) : name}.split.json`);
      const split = method
        ? await splitBy(store, method, file, flags)
        : await splitFrom(store, name, file, flags, console);
      await console.print(flags.json ? jsonText(record(file, split)) : summary(file, split, store));
      if (table === undefined) continue;
      await writeTable(table, await splitTable(store, split));
      if (!flags.json) await console.print(`${table}\n`);
    }
    return EXIT.done;
  } finally {
    await store.close();
  }
}

const isTable = (out: string | undefined): boolean =>
  out !== undefined && extname(out).toLowerCase() === '.csv';

/** Makes a split; if only a table is requested, an existing split of the store is used. */
async function splitBy(store: Store, method: SplitMethod, file: string, flags: SplitFlags): Promise<Split> {
  const { seed = 0 } = flags;
  const overwrite = flags.overwrite ?? false;
  const isNew = !flags.stratify || MAKING.some((flag) => flags[flag] !== undefined);
  if (isTable(flags.out) && !(overwrite && isNew) && (await exists(file))) {
    const found = await readSplit(file, store);
    if (!isNew || (isDeepStrictEqual(found.method, method) && found.seed === seed)) return found;
    throw new DataError(
      `${file}: expected a split by ${JSON.stringify(method)} with seed ${seed}, found one by ${JSON.stringify(found.method)} with seed ${found.seed}; --overwrite replaces it`,
    );
  }
  await writeSplit(file, await makeSplit(store, method, seed), { overwrite });
  return readSplit(file, store);
}

async function splitFrom(
  store: Store,
  name: string,
  file: string,
  { from, overwrite }: SplitFlags,
  console: Console,
): Promise<Split> {
  const { document, divided } = await readGivenSplit(from!, store, name);
  await writeSplit(file, document, { overwrite: overwrite ?? false });
  if (divided > 0) {
    await console.note(
      `${counted(divided, 'group')} of near-duplicates, or of pictures of one person, lie in several parts`,
    );
  }
  return readSplit(file, store);
}

async function writeTable(table: string, text: string): Promise<void> {
  try {
    await writeWholeFile(table, text);
  } catch (error) {
    const problem = `it cannot be written: ${reasonOf(error)}`;
    throw new UsageError({ subject: `--out ${table}`, problem }, { kind: 'failed', cause: error });
  }
}

function checkFlags(flags: SplitFlags): void {
  const { method = DEFAULT_METHOD } = flags;
  if (flags.from !== undefined) {
    const other =
      MAKING.find((flag) => flags[flag] !== undefined) ?? (flags.stratify ? undefined : 'no-stratify');
    if (other !== undefined) throw new UsageError(`--from reads a split; --${other} is for one that is made`);
    return;
  }
  for (const [flag, methods] of Object.entries(FLAGS_OF) as [
    keyof typeof FLAGS_OF,
    readonly SplitMethodName[],
  ][]) {
    if (flags[flag] !== undefined && !methods.includes(method)) {
      throw new UsageError(`--${flag} is for --method ${methods.join(' or ')}, found --method ${method}`);
    }
  }
  if (!flags.stratify && !STRATIFIED.includes(method)) {
    throw new UsageError(
      `--no-stratify is for --method ${STRATIFIED.join(' or ')}, found --method ${method}`,
    );
  }
  if (isTable(flags.out) && method === 'benchmark' && flags.repetition === undefined) {
    throw new UsageError('--out with a table is for one split: choose one of the five with --repetition');
  }
}

function methodsOf({
  method = DEFAULT_METHOD,
  shares,
  folds,
  repetition,
  stratify,
}: SplitFlags): SplitMethod[] {
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

const partsOf = ({ parts }: Split) => [...parts].map(([name, { length: rows }]) => ({ name, rows }));

function record(file: string, split: Split) {
  const { seed, method, leftOut } = split;
  return { file, seed, method, parts: partsOf(split), leftOut };
}

function summary(file: string, split: Split, store: Store): string {
  const { leftOut } = split;
  const parts = partsOf(split).map(({ name, rows }) => ({ name: oneLine(name), rows }));
  const rows = [...parts, ...(leftOut > 0 ? [{ name: 'left out', rows: leftOut }] : [])];
  const counts = rows.map(({ rows: count }) => formatNumber(count));
  const widest = Math.max(...rows.map(({ name }) => name.length));
  const longest = Math.max(...counts.map((count) => count.length));
  const lines = rows.map(({ name, rows: count }, i) => {
    const share = ((100 * count) / store.length).toFixed(1);
    return `  ${padEnd(name, widest)}  ${padStart(counts[i]!, longest)}  ${padStart(share, 5)}%\n`;
  });
  return `${file}\n${lines.join('')}`;
}
