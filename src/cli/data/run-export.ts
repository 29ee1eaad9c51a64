/** Runs `agewise data export`: store → file. */
import { extname } from 'node:path';
import {
  type ExportOptions,
  exportAgeGenderMat,
  exportAlResnetHdf5,
  exportHdf5,
  exportLabels,
  exportPictures,
  Store,
} from '../../data/index.js';
import { formatNumber } from '../../report/index.js';
import { Console } from '../console.js';
import { untilInterrupted } from '../interrupt.js';
import { Progress } from '../progress.js';
import { counted } from '../table.js';
import { EXIT, UsageError } from '../usage.js';
import type { ExportFlags } from './flags.js';

type Form = NonNullable<ExportFlags['as']>;

const FORM_OF: Readonly<Record<string, Form>> = {
  '.h5': 'hdf5',
  '.hdf5': 'hdf5',
  '.mat': 'mat',
  '.csv': 'csv',
  '': 'pictures',
};

/** @returns the exit code */
export async function runExport(folder: string, out: string, flags: ExportFlags): Promise<number> {
  const form = formOf(out, flags);
  const store = await Store.open(folder);
  try {
    return await untilInterrupted(async (signal) => {
      const console = new Console();
      const progress = new Progress(process.stderr, store.length);
      console.progress = progress;
      const onProgress = (done: number) => progress.update(done);
      try {
        const { rows, capped = 0 } = await write({ form, store, out, flags }, { signal, onProgress });
        progress.stop();
        await console.print(
          `${formatNumber(rows)} of ${formatNumber(store.length)} rows written to ${out}\n`,
        );
        if (capped > 0) {
          await console.note(
            `${counted(capped, 'age')} above 100 years ${capped === 1 ? 'is' : 'are'} 100 in ${out}: its format ends there`,
          );
        }
        return EXIT.done;
      } finally {
        progress.stop();
      }
    });
  } finally {
    await store.close();
  }
}

function formOf(out: string, flags: ExportFlags): Form {
  const form = flags.as ?? FORM_OF[extname(out).toLowerCase()];
  if (form === undefined) {
    throw new UsageError(
      `${out}: expected a name ending in .h5, .mat or .csv, or the name of a folder; --as sets the format`,
    );
  }
  if (flags.overwrite && form === 'pictures') {
    throw new UsageError('--overwrite replaces a file, not a folder of pictures; choose a new name');
  }
  if (flags.size !== undefined && (form === 'csv' || form === 'pictures')) {
    throw new UsageError(`--size is the size of pictures in an array; ${form} has none`);
  }
  if (
    form === 'al-resnet' ? flags.split === undefined : flags.split !== undefined || flags.groups !== undefined
  ) {
    throw new UsageError(
      form === 'al-resnet'
        ? '--as al-resnet expects --split with the name of a split of the store, found none'
        : `--split and --groups are for --as al-resnet, found them with ${form}`,
    );
  }
  return form;
}

interface Export {
  readonly form: Form;
  readonly store: Store;
  readonly out: string;
  readonly flags: ExportFlags;
}

interface Written {
  readonly rows: number;
  /** The number of ages that the format cannot hold and limits. */
  readonly capped?: number;
}

async function write(
  { form, store, out, flags }: Export,
  watch: Pick<ExportOptions, 'signal' | 'onProgress'>,
): Promise<Written> {
  const options = { ...watch, overwrite: flags.overwrite ?? false };
  switch (form) {
    case 'hdf5':
      await exportHdf5(store, out, { ...options, size: arraySize(store, flags) });
      return { rows: store.length };
    case 'al-resnet': {
      const { groups = 'groups-14', split } = flags;
      return exportAlResnetHdf5(store, out, {
        ...options,
        size: arraySize(store, flags),
        groups,
        split: split!,
      });
    }
    case 'mat':
      return exportAgeGenderMat(store, out, { ...options, size: arraySize(store, flags) });
    case 'csv':
      await exportLabels(store, out, options);
      return { rows: store.length };
    case 'pictures':
      await exportPictures(store, out, watch);
      return { rows: store.length };
  }
}

/** Pictures in an array all have one size; those in a store may differ. */
function arraySize(store: Store, flags: ExportFlags): number {
  const size = flags.size ?? store.info.options.pictures.size;
  if (size !== null) return size;
  throw new UsageError(
    `${store.folder} was imported without --size; choose the size of the array's pictures with --size`,
  );
}
