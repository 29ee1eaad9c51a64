/** `agewise data export`: its arguments. What it does is in run-export.ts, loaded only when it is called. */
import { type Command, Option } from 'commander';
import { wholeNumber } from '../arguments.js';
import type { ExportFlags } from './flags.js';

const FORMATS = ['hdf5', 'mat', 'csv', 'pictures'] as const satisfies readonly ExportFlags['as'][];
const LARGEST = 4096;

const AFTER = `
The name of OUT says what is written, where --as does not:
  faces.h5     HDF5: pictures as one array of uint8, red first, and the labels
  faces.mat    MATLAB 5: pictures, ages and genders, as age_gender_estimation has
               them; rows that lack one of these are left out
  faces.csv    the labels alone
  faces        a folder of picture files, and labels.csv, which names them

A store is Parquet itself: DuckDB, pandas and Hugging Face datasets read its
folder data/ as it is.

Examples:
  agewise data export utkface.store utkface.h5 --size 224
  agewise data export utkface.store utkface.csv
  agewise data export utkface.store utkface-pictures

Exit codes:
  0    all rows are there
  1    it could not be written; nothing is under the name
  2    wrong usage, the folder is no store, or something of that name is there
  130  interrupted; nothing is under the name
`;

export function addExport(data: Command): void {
  data
    .command('export')
    .summary('write a store as HDF5, MATLAB, CSV or picture files')
    .description('Writes a store in a form that other programs read.')
    .argument('<store>', 'a folder that agewise data import has made')
    .argument('<out>', 'the file or folder to be made')
    .addOption(new Option('--as <form>', 'what to write').choices(FORMATS))
    .option(
      '--size <n>',
      'width and height of pictures in an array (default: those of the store)',
      wholeNumber(1, LARGEST),
    )
    .option('--overwrite', 'replace a file of that name')
    .addHelpText('after', AFTER)
    .action(async (store: string, out: string, flags: ExportFlags) => {
      const { runExport } = await import('./run-export.js');
      process.exitCode = await runExport(store, out, flags);
    });
}
