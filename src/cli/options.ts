/** Options that several commands take. */
import { Option } from 'commander';
import { DEVICES } from '../runtime/index.js';
import { wholeNumber } from './arguments.js';

const MOST_THREADS = 1024;

/** @param purpose the help text, such as `where to train` */
export const deviceOption = (purpose: string): Option =>
  new Option('--device <device>', purpose).choices(DEVICES).default('cpu');

export const maxPixelsOption = (): Option =>
  new Option(
    '--max-pixels <n>',
    'refuse pictures of more pixels (default: 100 million, 20,000 a side)',
  ).argParser(wholeNumber(1, Number.MAX_SAFE_INTEGER));

export const threadsOption = (): Option =>
  new Option('--threads <n>', 'CPU threads (default: one per core)').argParser(wholeNumber(1, MOST_THREADS));

export const croppedOption = (): Option =>
  new Option('--cropped', 'treat each picture as a single face, already cropped');

export const flipOption = (): Option =>
  new Option('--flip', 'average over each face and its mirror image; slower');

const MOST_FACES = 100_000;
/** The number of faces for `--robustness` without one. */
const USUAL_FACES = 200;

export const robustnessOption = (): Option =>
  new Option(
    '--robustness [faces]',
    `also change so many faces (default: ${USUAL_FACES}): crop, roll, blur, JPEG, resolution, light`,
  )
    .argParser(wholeNumber(1, MOST_FACES))
    .preset(USUAL_FACES);

export const seenFacesOption = (): Option =>
  new Option(
    '--seen-faces',
    'also evaluate on faces that a model learned from or was calibrated on, with a note',
  );
