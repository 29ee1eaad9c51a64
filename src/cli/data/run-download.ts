/** Runs `agewise data download`: terms → consent → files, one after another. */
import { createInterface } from 'node:readline/promises';
import {
  type DatasetReader,
  type DatasetSource,
  readerOf,
  SOURCES,
  type SourceFile,
} from '../../data/index.js';
import { download } from '../../files/index.js';
import { suggestion } from '../../names/index.js';
import { Console } from '../console.js';
import { untilInterrupted } from '../interrupt.js';
import { lookOf, paint } from '../text.js';
import { TransferBars } from '../transfer-bars.js';
import { EXIT, UsageError } from '../usage.js';
import type { DownloadFlags } from './flags.js';

/** @returns the exit code */
export async function runDownload(
  set: string,
  folder: string | undefined,
  flags: DownloadFlags,
): Promise<number> {
  const console = new Console();
  const reader = readerOf(set);
  const source = SOURCES[set] ?? { files: [], byHand: 'It is a layout for your own data.' };
  const files = chooseFiles(set, source, flags);
  await console.print(introduction(reader, source, files));
  if (folder === undefined) return EXIT.done;
  if (files.length === 0) throw new UsageError(`${set} cannot be downloaded by a program. ${source.byHand}`);
  await consent(set, flags);
  return untilInterrupted((signal) => fetchAll(files, folder, console, signal));
}

function chooseFiles(set: string, { files, more = [] }: DatasetSource, flags: DownloadFlags): SourceFile[] {
  const all = [...files, ...more];
  const named = flags.file?.map((name) => {
    const file = all.find((candidate) => candidate.name === name);
    if (file) return file;
    const names = all.map((candidate) => candidate.name);
    throw new UsageError(`--file ${name}: ${set} has no such file${suggestion(name, names)}`);
  });
  const chosenFiles = named ?? files;
  if (flags.sha256 !== undefined && chosenFiles.length !== 1) {
    throw new UsageError(
      `--sha256 is for one file, but ${chosenFiles.length} would be downloaded; choose one with --file`,
    );
  }
  return chosenFiles.map((file) => ({
    ...file,
    ...(flags.mirror && { url: new URL(file.name, flags.mirror).href }),
    ...(flags.sha256 !== undefined && { sha256: flags.sha256 }),
  }));
}

function introduction(
  { title, homepage, terms, citation }: DatasetReader,
  { more = [], byHand }: DatasetSource,
  files: readonly SourceFile[],
): string {
  const { bold, dim } = paint(lookOf(process.stdout));
  const paragraph = (name: string, text: string) => (text === '' ? '' : `${dim(name)}\n  ${text}\n`);
  const listed = (name: string, list: readonly SourceFile[]) =>
    list.length === 0
      ? ''
      : `${dim(name)}\n${list.map((f) => `  ${f.name} (${f.holds})\n    ${dim(f.url)}\n`).join('')}`;
  const others = more.filter(({ name }) => !files.some((file) => file.name === name));
  return [
    `${bold(title)}\n`,
    paragraph('homepage', homepage),
    paragraph('terms of use', terms),
    paragraph('cite', citation),
    listed('files', files),
    listed('more files, with --file', others),
    paragraph('by hand', byHand ?? ''),
  ].join('');
}

/** @throws UsageError if the terms are not accepted */
async function consent(set: string, { acceptTerms }: DownloadFlags): Promise<void> {
  if (acceptTerms) return;
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new UsageError(`the terms of use of ${set} must be accepted: --accept-terms`);
  }
  const ask = createInterface({ input: process.stdin, output: process.stderr });
  // Ctrl-C and end of input are not consent either.
  const answer = await ask.question('Do you accept the terms of use? (yes/no) ').catch(() => '');
  ask.close();
  if (!/^y(es)?$/i.test(answer.trim())) {
    throw new UsageError(`the terms of use of ${set} are not accepted; nothing was downloaded`);
  }
}

async function fetchAll(
  files: readonly SourceFile[],
  folder: string,
  console: Console,
  signal: AbortSignal,
): Promise<number> {
  const bars = new TransferBars(console);
  try {
    await download(files, folder, {
      signal,
      onNote: (sentence) => void console.note(sentence),
      onProgress: (file, progress) => bars.update(file.name, progress),
      async onFile({ name, md5, sha256 }, outcome) {
        bars.stop();
        const checked = md5 || sha256 ? ', checksum verified' : ', no checksum known';
        await console.print(outcome === 'there' ? `${name}: already there\n` : `${name}: done${checked}\n`);
      },
    });
  } catch (error) {
    bars.stop();
    if (signal.aborted) await console.complain('interrupted; the same command resumes the download');
    throw error;
  }
  return EXIT.done;
}
