/** `--annotate`: copies of the pictures with their faces marked, in a folder that mirrors the inputs' paths. */
import { lstat } from 'node:fs/promises';
import { dirname, extname, isAbsolute, join, parse, relative, resolve, sep } from 'node:path';
import type { FaceRecord } from '../bulk/index.js';
import { FileError, writeWholeFile } from '../files/index.js';
import { annotateImage, decodeImage } from '../vision/node.js';
import { STANDARD_INPUT } from './inputs.js';
import { fileKeys, makeFolder, realPath } from './paths.js';
import { UsageError } from './usage.js';

const JPEG_NAMES = ['.jpg', '.jpeg', '.jpe', '.jfif'];

/**
 * The path of each picture's copy. A picture below the working folder keeps its path relative to it, however it was
 * spelled; any other keeps its absolute path below `folder`; standard input becomes `stdin.jpg`. JPEG and PNG keep
 * their names, others become `NAME.EXT.png`. If two pictures would still collide, as `/work/a.jpg` and `work/a.jpg` do,
 * the later one gets a number.
 *
 * @returns paths by the files' names
 * @throws UsageError if a copy would overwrite one of the pictures, even through links
 */
export async function planAnnotations(
  files: readonly string[],
  folder: string,
  cwd = process.cwd(),
): Promise<Map<string, string>> {
  const absolute = (file: string) => (file === STANDARD_INPUT ? file : resolve(cwd, file));
  // Not normalized: `link/../a.jpg` need not be `a.jpg`.
  const spelled = (path: string) => (isAbsolute(path) ? path : `${cwd}${sep}${path}`);
  const pictures = new Set<string>();
  for (const file of files) {
    if (file !== STANDARD_INPUT) for (const key of await fileKeys(spelled(file))) pictures.add(key);
  }
  /** The pictures whose copies are placed, by the real paths of the copies. */
  const taken = new Map<string, string>();
  const plan = new Map<string, string>();
  for (const file of files) {
    const picture = absolute(file);
    const preferred = join(folder, mirrored(picture, cwd));
    let path = preferred;
    let place = await realPath(spelled(path));
    for (let n = 2; (taken.get(place) ?? picture) !== picture; n++) {
      path = numbered(preferred, n);
      place = await realPath(spelled(path));
    }
    if ((await fileKeys(spelled(path))).some((key) => pictures.has(key))) {
      throw new UsageError(
        `--annotate ${folder} would overwrite the picture '${path}'; name a folder without pictures`,
      );
    }
    taken.set(place, picture);
    plan.set(file, path);
  }
  return plan;
}

/** The copy's path within the folder. */
function mirrored(picture: string, cwd: string): string {
  if (picture === STANDARD_INPUT) return 'stdin.jpg';
  const fromHere = relative(cwd, picture);
  const elsewhere = fromHere === '..' || fromHere.startsWith(`..${sep}`) || isAbsolute(fromHere);
  // A drive's colon is not allowed inside a path.
  const root = parse(picture).root;
  const path = elsewhere ? join(root.replace(/[:\\/]/g, ''), picture.slice(root.length)) : fromHere;
  const extension = extname(path).toLowerCase();
  return JPEG_NAMES.includes(extension) || extension === '.png' ? path : `${path}.png`;
}

function numbered(path: string, n: number): string {
  const extension = extname(path);
  return `${path.slice(0, path.length - extension.length)}-${n}${extension}`;
}

/**
 * Draws the faces on the picture and writes it. The picture is read again: many pictures wait for the networks
 * at once, and keeping their pixels would cost far more memory than reading again costs time.
 *
 * The copy is written atomically. A link at that path is replaced, and links on the way are not followed: the folder's
 * contents may come from somebody else.
 *
 * @param source the picture's path or bytes
 * @param folder the folder of the copies, which contains `path`; it may be a link itself
 * @throws ImageError, the system's error, or an error that names the link
 */
export async function writeAnnotation(
  source: string | Uint8Array,
  faces: readonly FaceRecord[],
  path: string,
  folder: string,
  maxPixels?: number,
): Promise<void> {
  const image = await decodeImage(source, maxPixels === undefined ? {} : { maxPixels });
  const marked = faces.map((face) => ({ box: face.box, label: label(face) }));
  const format = extname(path).toLowerCase() === '.png' ? 'png' : 'jpeg';
  const bytes = await annotateImage(image, marked, { format });
  await mustNotFollow(folder, dirname(path));
  await makeFolder(dirname(path));
  await writeWholeFile(path, bytes);
}

/** @throws FileError if a link is on the way from `folder` to a folder below it */
async function mustNotFollow(folder: string, below: string): Promise<void> {
  let place = folder;
  for (const name of relative(folder, below).split(sep).filter(Boolean)) {
    place = join(place, name);
    const found = await lstat(place).catch(() => undefined);
    if (found?.isSymbolicLink()) throw new FileError(`'${place}' is a link, which is not followed`);
  }
}

/** Such as `34 ±8 ♀ 92%`. */
export function label({
  age,
  std,
  gender,
  group,
}: Pick<FaceRecord, 'age' | 'std' | 'gender' | 'group'>): string {
  const years = group ? group.label : Number.isNaN(age) ? '' : `${age.toFixed(0)} ±${std.toFixed(0)}`;
  if (gender === undefined) return years;
  const sign = gender.label === 'female' ? '♀' : '♂';
  return `${years} ${sign} ${(100 * gender.probability).toFixed(0)}%`.trim();
}
