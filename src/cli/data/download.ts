/** `agewise data download`: its arguments. What it does is in run-download.ts, loaded only when it is called. */
import { type Command, InvalidArgumentError } from 'commander';
import { collect } from '../arguments.js';
import type { DownloadFlags } from './flags.js';

const AFTER = `
Without a folder nothing is fetched: the terms of use and the files are shown,
with their addresses. With one, the terms have to be accepted, on a terminal when
asked, elsewhere by --accept-terms.

A transfer that broke or was interrupted goes on where it stopped when the same
command is given again. A file gets its name when all of it is there and, where a
checksum is known, right.

Examples:
  agewise data download imdb
  agewise data download wiki downloads --file wiki.tar.gz
  agewise data download utkface downloads --accept-terms

Exit codes:
  0    all files are there
  1    a file could not be had
  2    wrong usage, or the terms are not accepted; nothing was fetched
  130  interrupted; what has come is kept
`;

export function addDownload(data: Command): void {
  data
    .command('download')
    .summary('fetch a data set from its authors')
    .description('Fetches a data set from the addresses at which its authors offer it.')
    .argument('<set>', 'a data set, as agewise data --help lists them')
    .argument('[folder]', 'where the files go')
    .option('--accept-terms', "accept the authors' terms of use")
    .option('--file <name>', 'fetch this file alone; give it again for more', collect)
    .option('--sha256 <hash>', 'what the file has to have, in place of a recorded checksum', sha256)
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
  throw new InvalidArgumentError('Expected an address that begins with https:// or http://.');
}
