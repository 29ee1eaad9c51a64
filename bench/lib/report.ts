/** Output and exit codes of benchmarks. */
import { writeFileSync } from 'node:fs';
import { AbsentError } from './paths.js';
import { pauseTraining } from './pause.js';

/** Wrong usage of a benchmark, in one sentence. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The value of a flag. @throws UsageError if it is no positive whole number. */
export function positiveNumber(flag: string, text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new UsageError(`${flag}: expected a positive whole number, found '${text}'`);
}

/** Rows as aligned columns under a header: the first column to the left, the others to the right. */
export function formatTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
  const format = (line: readonly string[]) =>
    widths
      .map((width, column) => {
        const cell = line[column] ?? '';
        return column === 0 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  ')
      .trimEnd();
  return [format(header), widths.map((width) => '─'.repeat(width)).join('  '), ...rows.map(format)].join(
    '\n',
  );
}

const BAR_CELLS = 20;

/** A bar of 20 cells for a share in 0..1; shares beyond that are cut off. */
export function bar(share: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * BAR_CELLS);
  return '█'.repeat(filled) + '░'.repeat(BAR_CELLS - filled);
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(1)}%`;
}

/** A requirement and the measured value. */
export interface Requirement {
  readonly name: string;
  readonly measured: number;
  readonly bound: number;
  /** Whether the measured value has to reach the bound or to stay below it; equality passes. */
  readonly kind: 'at least' | 'at most';
  readonly format: (value: number) => string;
}

export function passes({ measured, bound, kind }: Requirement): boolean {
  return kind === 'at least' ? measured >= bound : measured <= bound;
}

/** One line per requirement: name, measured, required, PASS or MISS. */
export function formatRequirements(requirements: readonly Requirement[]): string {
  return formatTable(
    ['requirement', 'measured', 'asked for', ''],
    requirements.map((one) => [
      one.name,
      one.format(one.measured),
      `${one.kind === 'at least' ? '≥' : '≤'} ${one.format(one.bound)}`,
      passes(one) ? 'PASS' : 'MISS',
    ]),
  );
}

/** A requirement with its figures in words, as `bench/all.ts` collects them. */
export interface Result extends Omit<Requirement, 'format'> {
  readonly measuredText: string;
  readonly boundText: string;
}

/** The environment variable with the file to which a benchmark also writes its results, as JSON. */
export const RESULTS = 'AGEWISE_BENCH_RESULTS';

function writeResults(requirements: readonly Requirement[]): void {
  const file = process.env[RESULTS];
  if (!file) return;
  const results: Result[] = requirements.map(({ format, ...one }) => ({
    ...one,
    measuredText: format(one.measured),
    boundText: format(one.bound),
  }));
  writeFileSync(file, `${JSON.stringify(results, null, 1)}\n`);
}

/**
 * Runs a benchmark that returns requirements, and sets the process's exit code: 0 if all passed or the material is absent,
 * 1 if a requirement was missed or the benchmark failed, 2 for wrong usage.
 */
export async function runBenchmark(benchmark: () => Promise<readonly Requirement[]>): Promise<void> {
  try {
    pauseTraining();
    const requirements = await benchmark();
    if (requirements.length > 0) console.log(`\n${formatRequirements(requirements)}`);
    writeResults(requirements);
    process.exitCode = requirements.every(passes) ? 0 : 1;
  } catch (error) {
    if (error instanceof AbsentError) {
      console.log(`Skipped: ${error.message}.`);
      return;
    }
    const sentence = usageProblem(error);
    console.error(sentence ?? error);
    process.exitCode = sentence === undefined ? 1 : 2;
  }
}

/** The message of an error about the command line; undefined for others. */
function usageProblem(error: unknown): string | undefined {
  if (error instanceof UsageError) return error.message;
  const { code, message } = error as { readonly code?: unknown; readonly message: string };
  return String(code).startsWith('ERR_PARSE_ARGS') ? message : undefined;
}
