/** The arguments of `agewise data download`. run-download.ts runs it and is loaded only when needed. */
import { type Command, InvalidArgumentError } from 'commander';
import { collect } from '../arguments.js';
import type { DownloadFlags } from './flags.js';

const AFTER = `
Without a folder nothing is downloaded: the terms of use and the files with their
addresses are printed. With a folder, the terms must be accepted, at the prompt on
a terminal or by --accept-terms.

An interrupted download resumes when the same command is run again. A file gets
its final name when it is complete and matches its checksum, if one is known.

Examples:
  agewise data download imdb
  agewise data download wiki downloads --file wiki.tar.gz
  agewise data download utkface downloads --accept-terms

Exit codes:
  0    all files are there
  1    a file could not be downloaded
  2    wrong usage, or the terms are not accepted; nothing was downloaded
  130  interrupted; what was downloaded so far is kept
`;

export function addDownload(data: Command): void {
  data
    .command('download')
    .summary('download a data set from its authors')
    .description('Downloads a data set from the addresses where its authors publish it.')
    .argument('<set>', 'a data set listed by agewise data --help')
    .argument('[folder]', 'where the files go')
    .option('--accept-terms', "accept the authors' terms of use")
    .option('--file <name>', 'download only this file; can be repeated', collect)
    .option('--sha256 <hash>', 'the expected hash of the file, instead of the recorded checksum', sha256)
    .option('--mirror <address>', 'a folder on a server that holds the same files', address)
    .addHelpText('after', AFTER)
    .action(async (set: string, folder: string | undefined, flags: DownloadFlags) => {
      const { runDownload } = await import('./run-download.js');
      process.exitCode = await runDownload(set, folder, flags);
    });
}

function sha256(text: string): string {
  if (/^[0-9a-f]{64}$/i.test(text)) return text;
  throw new InvalidArgumentError('Expected 64 hexadecimal digits.');
}

function address(text: string): URL {
  const folder = text.endsWith('/') ? text : `${text}/`;
  if (/^https?:/.test(folder) && URL.canParse(folder)) return new URL(folder);
  throw new InvalidArgumentError('Expected an address that starts with https:// or http://.');
}
