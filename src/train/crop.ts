/**
 * The crop that a run's model is to make of a detector's box, settled before the first step: a network estimates badly on
 * crops other than those it was trained on.
 */
import {
  type Framing,
  framingOf,
  type KnownFraming,
  measureFraming,
  recordFraming,
  type Store,
  type StoreUnion,
} from '../data/index.js';
import { isRefusal } from '../files/index.js';
import { FACE_DETECTOR } from '../registry/index.js';
import { readModelSource } from '../registry/node.js';
import { createSession } from '../runtime/node.js';
import { FaceDetector } from '../vision/index.js';
import { DEX_MARGIN, type Recipe, RecipeError } from './recipe/index.js';

/** How far a stated margin may be from the measured one: of a face's size a tenth. */
const TOLERANCE = 0.05;
/** An offset below this is none. */
const LEAST_OFFSET = 0.01;
/** How far the sides of a square picture may differ: by a pixel or two. */
const SQUARE = 0.02;

/** A store whose pictures without boxes are used whole. */
interface WholePictures {
  readonly folder: string;
  /** Undefined where it cannot be known. */
  readonly framing: KnownFraming | undefined;
  /** Whether nearly all of them are as wide as high. */
  readonly square: boolean;
  /** In words. */
  readonly seen: string;
  /** What the recipe states of this store alone. */
  readonly stated: number | undefined;
}

/**
 * The recipe with the margin and offset of its crop. Pictures that are used whole must be what a crop of that margin shows;
 * pictures that were cut out must have as much around the face. What had to be measured is kept in the store.
 * @throws RecipeError where the recipe states another margin than was measured, states none that cannot be known, or asks
 *   for more than the pictures show.
 */
export async function withCrop(
  recipe: Recipe,
  stores: StoreUnion,
  onNotice?: (message: string) => void,
): Promise<Recipe> {
  const wholes: WholePictures[] = [];
  for (const [i, store] of stores.stores.entries()) {
    const stated = recipe.data.stores?.[i]?.margin;
    const whole = await wholePictures(store, stated, recipe.input.crop === 'stretch', onNotice);
    if (whole) wholes.push(whole);
  }
  const problem = (field: string, rest: string) =>
    new RecipeError(`Recipe '${recipe.name}': ${field}: expected ${rest}`);
  for (const { folder, framing, stated } of wholes) {
    if (stated === undefined || framing === undefined || near(stated, framing.margin)) continue;
    throw problem(
      'data.stores',
      `a margin of ${framing.margin} of '${folder}', as measured, found ${stated}`,
    );
  }
  const { crop } = recipe.input;
  const oblong =
    crop === 'stretch' && wholes.find(({ square }) => !square || wholes.length < stores.stores.length);
  if (oblong) {
    const why = oblong.square ? 'others have boxes of faces' : 'which are not square';
    throw problem(
      'input.crop',
      `square, since the pictures of '${oblong.folder}' are used whole, ${why}, and no box can be stretched to the same; found stretch`,
    );
  }
  const own = wholes.filter(({ stated }) => stated === undefined);
  // Where no store has boxes the model's crop can only be what its pictures are.
  const deciding = own.length > 0 || wholes.length < stores.stores.length ? own : wholes;
  const [first] = deciding;
  const room = Math.min(...stores.infos.map(({ options }) => options.pictures.crop?.margin ?? Infinity));
  const usual = Math.min(DEX_MARGIN, room);
  const unknown = recipe.input.margin === undefined && own.find(({ framing }) => framing === undefined);
  if (unknown) {
    throw problem(
      'input.margin',
      `the margin of the pictures of '${unknown.folder}', which ${unknown.seen}; found none`,
    );
  }
  const margin = recipe.input.margin ?? first?.stated ?? first?.framing?.margin ?? usual;
  for (const { folder, framing } of own) {
    if (framing === undefined || near(margin, framing.margin)) continue;
    throw problem(
      'input.margin',
      `${framing.margin}, as measured of the pictures of '${folder}', found ${margin}`,
    );
  }
  if (margin > room) throw problem('input.margin', `at most ${room}, as faces were cut out, found ${margin}`);
  const offset =
    recipe.input.offset ?? first?.framing?.offset.map((by) => (Math.abs(by) < LEAST_OFFSET ? 0 : by));
  return {
    ...recipe,
    input: {
      ...recipe.input,
      margin,
      // A square picture that is stretched is as it was; a box of a face would not be.
      ...(wholes.length > 0 && { crop: 'square' as const }),
      ...(offset?.some((by) => by !== 0) && { offset: [offset[0]!, offset[1]!] }),
    },
  };
}

const near = (a: number, b: number): boolean => Math.abs(a - b) <= TOLERANCE;

async function wholePictures(
  store: Store,
  stated: number | undefined,
  stretched: boolean,
  onNotice: ((message: string) => void) | undefined,
): Promise<WholePictures | undefined> {
  const { folder, info } = store;
  if (info.labelled.faceBox === info.rows) return undefined;
  const kept = stretched && !info.framing?.aspect ? undefined : info.framing;
  const measured = kept ?? (await measuredNow(store));
  const framing = measured && framingOf(measured);
  const seen =
    framing || !measured
      ? 'have no boxes'
      : `do not show it by themselves (a face was found in ${measured.found} of ${measured.looked}, or faces fill them unequally)`;
  if (kept === undefined && measured) {
    const recorded = await recordedNow(folder, measured);
    if (framing) {
      onNotice?.(
        `${folder} does not say how faces lie in its pictures; measured now${recorded ? ', and kept in its dataset.json' : ''}: a margin of ${framing.margin} around the detector's box, the centre off by ${framing.offset.join(' and ')}`,
      );
    }
  }
  const { low, high } = measured?.aspect ?? { low: 0, high: 0 };
  const square = Math.abs(low - 1) <= SQUARE && Math.abs(high - 1) <= SQUARE;
  return { folder, framing, square, seen, stated };
}

/** Whether the folder takes it: where it is only to be read, each run measures anew. */
async function recordedNow(folder: string, framing: Framing): Promise<boolean> {
  try {
    await recordFraming(folder, framing);
    return true;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return false;
  }
}

async function measuredNow(store: Store) {
  const { bytes } = await readModelSource(FACE_DETECTOR);
  const detector = new FaceDetector(await createSession(bytes, FACE_DETECTOR));
  try {
    return await measureFraming(store, detector);
  } finally {
    await detector.dispose();
  }
}
