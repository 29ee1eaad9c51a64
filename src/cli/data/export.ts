/** The arguments of `agewise data export`. run-export.ts runs it and is loaded only when needed. */
import { type Command, Option } from 'commander';
import { outputPath, wholeNumber } from '../arguments.js';
import type { ExportFlags } from './flags.js';

const FORMATS = [
  'hdf5',
  'al-resnet',
  'mat',
  'csv',
  'pictures',
] as const satisfies readonly ExportFlags['as'][];
/** Those of the system, as `GROUP_SETS` of data/ has them, which loads too slowly for help. */
const GROUPS = ['groups-14', 'groups-8'] as const satisfies readonly ExportFlags['groups'][];
const LARGEST = 4096;

const AFTER = `
Without --as, the name of OUT sets the format:
  faces.h5     HDF5: pictures as one uint8 array, red first, and the labels
  faces.mat    MATLAB 5: pictures, ages and genders, laid out as in
               age_gender_estimation; rows without one of these are left out
  faces.csv    only the labels
  faces        a folder of picture files, and labels.csv, which names them

--as al-resnet writes the HDF5 file that the notebooks of AL-ResNet train from:
train_images, train_meta, test_images and test_meta, with age, gender and group.
--split names the split, of which the part 'test' is for testing and the others
for training; rows without an age in years or a gender are left out.

A store itself is Parquet: DuckDB, pandas and Hugging Face datasets can read its
folder data/ directly.

Examples:
  agewise data export utkface.store utkface.h5 --size 224
  agewise data export utkface.store train_test_data.h5 --as al-resnet --split al-resnet-0.1
  agewise data export utkface.store utkface.csv
  agewise data export utkface.store utkface-pictures

Exit codes:
  0    all rows are written
  1    the output could not be written; nothing is left of it
  2    wrong usage, the folder is not a store, or the output exists already
  130  interrupted; nothing is left of the output
`;

export function addExport(data: Command): void {
  data
    .command('export')
    .summary('write a store as HDF5, MATLAB, CSV or picture files')
    .description('Writes a store in a format that other programs read.')
    .argument('<store>', 'a folder made by agewise data import')
    .argument('<out>', 'the file or folder to write', outputPath)
    .addOption(new Option('--as <form>', 'the format to write').choices(FORMATS))
    .option(
      '--size <n>',
      "width and height of pictures in an array (default: the store's)",
      wholeNumber(1, LARGEST),
    )
    .addOption(
      new Option('--groups <set>', 'the age groups, for al-resnet (default: groups-14)').choices(GROUPS),
    )
    .option('--split <name>', 'the split, for al-resnet')
    .option('--overwrite', 'replace an existing file')
    .addHelpText('after', AFTER)
    .action(async (store: string, out: string, flags: ExportFlags) => {
      const { runExport } = await import('./run-export.js');
      process.exitCode = await runExport(store, out, flags);
    });
}
