/** Runs `agewise data inspect`: store → figures → page. */
import { type Inspection, inspectionPage, inspectStore, Store, thumbnails } from '../../data/index.js';
import { reasonOf, writeWholeFile } from '../../files/index.js';
import { formatNumber } from '../../report/index.js';
import { Console } from '../console.js';
import { untilInterrupted } from '../interrupt.js';
import { Progress } from '../progress.js';
import { jsonText } from '../text.js';
import { EXIT, UsageError } from '../usage.js';
import type { InspectFlags } from './flags.js';

/** @returns the exit code */
export async function runInspect(folder: string, flags: InspectFlags): Promise<number> {
  const store = await Store.open(folder);
  try {
    return await untilInterrupted((signal) => inspect(store, flags, signal));
  } finally {
    await store.close();
  }
}

async function inspect(
  store: Store,
  { out, json, sample, seed }: InspectFlags,
  signal: AbortSignal,
): Promise<number> {
  const console = new Console();
  const progress = new Progress(process.stderr, store.length);
  console.progress = progress;
  try {
    const inspection = await inspectStore(store, {
      seed,
      sample,
      signal,
      onPicture: (done) => progress.update(done),
    });
    const page = out ?? (json ? undefined : `${store.folder.replace(/[/\\]+$/, '')}.html`);
    if (page !== undefined)
      await write(page, inspectionPage(inspection, await thumbnails(store, inspection)));
    if (json) await console.print(jsonText(inspection));
    else await console.print(summary(inspection, page!));
    return EXIT.done;
  } finally {
    progress.stop();
  }
}

async function write(page: string, text: string): Promise<void> {
  try {
    await writeWholeFile(page, text);
  } catch (error) {
    const problem = `cannot write the page: ${reasonOf(error)}`;
    throw new UsageError({ subject: `--out ${page}`, problem }, { kind: 'failed', cause: error });
  }
}

function summary(
  { rows, duplicates, suspicious, irregularities, rejects }: Inspection,
  page: string,
): string {
  const { heaps, gaps, missing, whipple } = irregularities;
  const years = (found: readonly { year: number }[]) => found.map(({ year }) => year).join(', ') || 'none';
  const rejected = rejects.reduce((sum, { count }) => sum + count, 0);
  const reasons = rejects.map(({ reason, count }) => `${reason} ${formatNumber(count)}`).join(', ');
  const lines: [string, string][] = [
    ['pictures', formatNumber(rows)],
    ['rejected', rejected === 0 ? 'none' : `${formatNumber(rejected)} (${reasons})`],
    [
      'near-duplicates',
      `${formatNumber(duplicates.rows)} in ${formatNumber(duplicates.groups)} ${duplicates.groups === 1 ? 'group' : 'groups'}, ${formatNumber(suspicious.conflicts.count)} with contradictory labels`,
    ],
    ['heaps at ages', years(heaps)],
    ['gaps at ages', years(gaps)],
    [
      'missing ages',
      missing.map(([from, to]) => (from === to ? from : `${from}–${to}`)).join(', ') || 'none',
    ],
    ...(whipple === null ? [] : [['Whipple’s index', formatNumber(whipple, 0)] as [string, string]]),
    ['page', page],
  ];
  const widest = Math.max(...lines.map(([name]) => name.length));
  return lines.map(([name, text]) => `${name.padEnd(widest)}  ${text}\n`).join('');
}
