/** `agewise data`: the commands for data sets. */
import type { Command } from 'commander';
import { addDownload } from './download.js';
import { addExport } from './export.js';
import { addImport } from './import.js';
import { addInspect } from './inspect.js';
import { setList } from './sets.js';
import { addSplit } from './split.js';

const AFTER = `
Data sets (SET):
${setList()}

From a data set to training:
  agewise data download utkface downloads
  tar -xf downloads/UTKFace.tar.gz -C downloads
  agewise data import utkface downloads/UTKFace utkface.store
  agewise data inspect utkface.store --out utkface.html
  agewise data split utkface.store
`;

export function addData(program: Command): void {
  const data = program
    .command('data')
    .summary('download, import, inspect, split and export data sets')
    .description('Turns a published data set into a store to train on.')
    .helpCommand(false)
    .addHelpText('after', AFTER);
  addDownload(data);
  addImport(data);
  addInspect(data);
  addSplit(data);
  addExport(data);
}
