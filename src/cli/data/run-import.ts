/** Runs `agewise data import`: source → store → what was kept and what was not. */
import {
  CLEANING_PRESETS,
  type CleaningRules,
  type DatasetReader,
  type ImportOptions,
  importDataset,
  type PictureChanges,
  readCorrections,
  readerOf,
  Store,
  type StoreInfo,
} from '../../data/index.js';
import { loadFaceDetector } from '../../estimate/node.js';
import { formatNumber } from '../../report/index.js';
import { Console } from '../console.js';
import { untilInterrupted } from '../interrupt.js';
import { Progress } from '../progress.js';
import { counted } from '../table.js';
import { jsonText, lookOf, padEnd, padStart, paint } from '../text.js';
import { EXIT, UsageError } from '../usage.js';
import type { ImportFlags } from './import-flags.js';

/** The margin that DEX adds on each side of a face: room to shift and scale in training. */
const MARGIN = 0.4;

/** @returns the exit code */
export async function runImport(
  set: string,
  source: string,
  out: string,
  flags: ImportFlags,
): Promise<number> {
  const console = new Console();
  const pictures = picturesOf(flags);
  return untilInterrupted(async (signal) => {
    try {
      const reader = readerOf(set);
      const info = await importSet(reader, source, out, flags, { pictures, signal, console });
      await console.print(flags.json ? await jsonLine(out, info) : await summary(out, info, flags));
      return EXIT.done;
    } catch (error) {
      if (signal.aborted) await console.note(`Interrupted: nothing was written to ${out}.`);
      throw error;
    }
  });
}

interface ImportContext {
  readonly pictures: PictureChanges;
  readonly signal: AbortSignal;
  readonly console: Console;
}

async function importSet(
  reader: DatasetReader,
  source: string,
  out: string,
  flags: ImportFlags,
  { pictures, signal, console }: ImportContext,
): Promise<StoreInfo> {
  const corrections = flags.corrections === undefined ? undefined : await readCorrections(flags.corrections);
  const detector = await loadFaceDetector();
  const readerOptions = flags.option ?? {};
  const progress = new Progress(process.stderr, flags.limit ?? (await total(reader, source, readerOptions)));
  console.progress = progress;
  try {
    return await importDataset(source, out, {
      reader,
      readerOptions,
      rules: rulesOf(flags),
      pictures,
      duplicates: flags.duplicates,
      overwrite: flags.overwrite ?? false,
      signal,
      detector,
      ...(flags.limit !== undefined && { limit: flags.limit }),
      ...(corrections && { corrections }),
      onNotice: (sentence) => void console.note(sentence),
      ...(flags.maxPixels !== undefined && { maxPixels: flags.maxPixels }),
      onCleanStart: (removed) => {
        const what = removed.join(', ');
        void console.note(
          `An earlier import was interrupted; its leftovers (${what}) are removed, and this one starts from scratch.`,
        );
      },
      onProgress: (done) => progress.update(done),
    });
  } finally {
    progress.stop();
    await detector.dispose();
  }
}

/** The number of readings, counted in a separate pass; 0 if there is no progress bar. */
async function total(
  reader: DatasetReader,
  source: string,
  options: ImportOptions['readerOptions'],
): Promise<number> {
  if (!process.stderr.isTTY) return 0;
  let count = 0;
  for await (const _ of reader.read(source, options)) count++;
  return count;
}

function picturesOf({ size, quality, crop, detect, margin, align, rotations }: ImportFlags): PictureChanges {
  if (align && !detect) throw new UsageError('--align needs --detect, which finds the eyes');
  if (rotations && !detect) throw new UsageError('--rotations needs --detect, whose detector is asked');
  if (margin !== undefined && !crop && !detect) {
    throw new UsageError('--margin needs --crop or --detect');
  }
  return {
    ...(size !== undefined && { size }),
    ...(quality !== undefined && { quality }),
    ...((crop || detect) && {
      crop: {
        by: detect ? 'detector' : 'label',
        margin: margin ?? MARGIN,
        alignment: rotations ? 'rotations' : align ? 'roll' : 'none',
      },
    }),
  };
}

/** The named rules with those that flags override. */
function rulesOf({
  clean,
  minAge,
  maxAge,
  needGender,
  minFaceScore,
  singleFace,
  minSize,
}: ImportFlags): CleaningRules {
  const rules: CleaningRules = {
    ...CLEANING_PRESETS[clean],
    ...(minAge !== undefined && { minAge }),
    ...(maxAge !== undefined && { maxAge }),
    ...(needGender && { needGender }),
    ...(minFaceScore !== undefined && { minFaceScore }),
    ...(singleFace && { singleFace }),
    ...(minSize !== undefined && { minSize }),
  };
  const { minAge: youngest = 0, maxAge: oldest = Number.POSITIVE_INFINITY } = rules;
  if (youngest > oldest) throw new UsageError(`--min-age ${youngest} is above --max-age ${oldest}`);
  return rules;
}

/** The counts of near-duplicates in a new store. */
async function duplicatesOf(out: string): Promise<{ readonly groups: number; readonly rows: number }> {
  const store = await Store.open(out);
  try {
    const groups = await store.duplicates();
    return { groups: groups.length, rows: groups.reduce((sum, group) => sum + group.length, 0) };
  } finally {
    await store.close();
  }
}

async function jsonLine(out: string, info: StoreInfo): Promise<string> {
  return jsonText({ store: out, ...info, duplicates: await duplicatesOf(out) });
}

async function summary(out: string, info: StoreInfo, flags: ImportFlags): Promise<string> {
  const { bold, dim } = paint(lookOf(process.stdout));
  const reasons = Object.entries(info.rejects).sort(([, a], [, b]) => b - a);
  const rejected = reasons.reduce((sum, [, count]) => sum + count, 0);
  const lines: [string, number, string?][] = [
    ['stored', info.rows],
    ['rejected', rejected],
    ...reasons.map(([reason, count]): [string, number] => [`  ${reason}`, count]),
  ];
  if (flags.duplicates) {
    const { groups, rows } = await duplicatesOf(out);
    lines.push(['near-duplicates', rows, `in ${counted(groups, 'group')}`]);
  }
  const widest = Math.max(...lines.map(([name]) => name.length));
  const digits = Math.max(...lines.map(([, count]) => formatNumber(count).length));
  const table = lines.map(([name, count, note]) => {
    const figure = `${padEnd(name, widest)}  ${padStart(formatNumber(count), digits)}`;
    return note === undefined ? figure : `${figure}  ${dim(note)}`;
  });
  return [bold(`${info.title} in ${out}`), ...table, ''].join('\n');
}
