/**
 * Determines the crop of a run's model from a detector's box, before the first step: a network estimates badly on crops
 * unlike those it was trained on.
 */
import {
  boxesOf,
  foundTooFew,
  framingOf,
  type KnownBoxes,
  type KnownFraming,
  type Measured,
  measureStore,
  recordMeasured,
  type Store,
  type StoreUnion,
} from '../data/index.js';
import { isRefusal } from '../files/index.js';
import { FACE_DETECTOR } from '../registry/index.js';
import { readModelSource } from '../registry/node.js';
import { createSession } from '../runtime/node.js';
import { FaceDetector } from '../vision/index.js';
import { DEX_MARGIN, type Recipe, RecipeError } from './recipe/index.js';

/** The tolerance between a stated and a measured margin: a tenth of a face's size. */
const TOLERANCE = 0.05;
/** An offset below this is none; boxes whose sizes differ by less than twice as much are of one size. */
const LEAST_OFFSET = 0.01;
/** How far the sides of a square picture may differ: by a pixel or two. */
const SQUARE = 0.02;

/** A store whose pictures without boxes are used whole. */
interface WholePictures {
  readonly folder: string;
  /** Undefined if it cannot be known. */
  readonly framing: KnownFraming | undefined;
  /** Whether nearly all of them are as wide as high. */
  readonly square: boolean;
  /** A description for messages. */
  readonly seen: string;
  /** The margin that the recipe states for this store. */
  readonly stated: number | undefined;
}

/** A store with boxes that came with its set. */
interface SetBoxes {
  readonly folder: string;
  /** Undefined if they are the detector's, near enough. */
  readonly boxes: KnownBoxes | undefined;
  /** The margin around the detector's box that faces were cut out with; undefined if pictures are whole. */
  readonly cut: number | undefined;
  /** The margin beyond which most of a crop lies outside its pictures; undefined if that was not measured. */
  readonly room: number | undefined;
}

/**
 * The recipe with the margin and offset of its crop, and where the detector's boxes lie in those of its stores. Pictures that are used whole must be what a crop of that margin shows;
 * pictures that were cut out must have as much around the face. What had to be measured is kept in the store.
 * @throws RecipeError if the recipe states another margin than was measured, states none that cannot be known, or asks
 *   for more than the pictures show.
 */
export async function withCrop(
  recipe: Recipe,
  stores: StoreUnion,
  onNotice?: (message: string) => void,
): Promise<Recipe> {
  const problem = (field: string, rest: string) =>
    new RecipeError(`Recipe '${recipe.name}': ${field}: expected ${rest}`);
  const wholes: WholePictures[] = [];
  const boxed: SetBoxes[] = [];
  for (const [i, store] of stores.stores.entries()) {
    const entry = recipe.data.stores?.[i];
    const measured = await measuredOf(store, recipe.input.crop === 'stretch', onNotice);
    const whole = wholePictures(store, measured, entry?.margin);
    if (whole) wholes.push(whole);
    boxed.push(setBoxes(store, measured, entry ? entry.boxes : recipe.data.boxes, problem));
  }
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
  const room = Math.min(...boxed.flatMap((store) => [store.cut ?? Infinity, store.room ?? Infinity]));
  const usual = Math.min(DEX_MARGIN, room);
  const unknown = recipe.input.margin === undefined && own.find(({ framing }) => framing === undefined);
  if (unknown) {
    throw problem(
      'input.margin',
      `the margin of the pictures of '${unknown.folder}', which ${unknown.seen}; found none`,
    );
  }
  const margin = recipe.input.margin ?? first?.stated ?? first?.framing?.margin ?? usual;
  /** The first of them that contradicts; of stores whose margins the recipe states itself, which may differ, one must agree. */
  const unlike = (agrees: (pictures: WholePictures) => boolean) => {
    const others = deciding.filter((pictures) => !agrees(pictures));
    return own.length > 0 || others.length === deciding.length ? others[0] : undefined;
  };
  const shown = ({ framing, stated }: WholePictures) => framing?.margin ?? stated;
  const other = unlike((pictures) => near(margin, shown(pictures) ?? margin));
  if (other) {
    const by = other.framing ? 'measured' : 'data.stores says';
    const found = recipe.input.margin ?? `${margin} of those of '${first!.folder}'`;
    throw problem(
      'input.margin',
      `${shown(other)}, as ${by} of the pictures of '${other.folder}', found ${found}`,
    );
  }
  const { offset: statedOffset } = recipe.input;
  const elsewhere =
    statedOffset &&
    unlike(({ framing }) => !framing || framing.offset.every((by, axis) => near(by, statedOffset[axis]!)));
  if (elsewhere) {
    throw problem(
      'input.offset',
      `${JSON.stringify(elsewhere.framing!.offset)}, as measured of the pictures of '${elsewhere.folder}', found ${JSON.stringify(statedOffset)}`,
    );
  }
  const narrow = boxed.find((store) => store.cut !== undefined && margin > store.cut + slack(store));
  if (narrow) {
    throw problem('input.margin', `at most ${narrow.cut}, as faces were cut out, found ${margin}`);
  }
  const bare = boxed.find((store) => store.room !== undefined && margin > store.room + TOLERANCE);
  if (bare) {
    throw problem(
      'input.margin',
      `at most ${bare.room}, beyond which most of a crop lies outside the pictures of '${bare.folder}', found ${margin}`,
    );
  }
  const offset = statedOffset ?? first?.framing?.offset.map((by) => (Math.abs(by) < LEAST_OFFSET ? 0 : by));
  return {
    ...recipe,
    data: withBoxes(
      recipe.data,
      boxed.map((store) => store.boxes),
    ),
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

/** The tolerance for a margin that follows from measured boxes; the one that faces were cut out with is exact. */
const slack = ({ boxes }: SetBoxes): number => (boxes === undefined ? 0 : TOLERANCE);

/** Where the detector's boxes lie in those of a run's stores, as its recipe records it; undefined if they are these. */
export const recordedBoxes = ({ data }: Recipe): (KnownBoxes | undefined)[] =>
  data.stores?.map(({ boxes }) => boxes) ?? [data.boxes];

function withBoxes(data: Recipe['data'], boxes: readonly (KnownBoxes | undefined)[]): Recipe['data'] {
  const written = boxes.map(
    (known) =>
      known && { scale: [...known.scale] as [number, number], offset: [...known.offset] as [number, number] },
  );
  const { boxes: _, stores, ...rest } = data;
  if (stores === undefined) return { ...rest, ...(written[0] && { boxes: written[0] }) };
  return {
    ...rest,
    stores: stores.map(({ boxes: _, ...entry }, i) => ({
      ...entry,
      ...(written[i] && { boxes: written[i] }),
    })),
  };
}

/** What is known about the store, measured now if it was not before. */
async function measuredOf(
  store: Store,
  stretched: boolean,
  onNotice: ((message: string) => void) | undefined,
): Promise<Measured> {
  const { folder, info } = store;
  const { rows, labelled, framing, boxes, room, options } = info;
  const { crop } = options.pictures;
  const hasWholes = labelled.faceBox < rows;
  const hasBoxes = labelled.faceBox > 0 && crop?.by !== 'detector';
  const known =
    (!hasWholes || (framing && (!stretched || framing.aspect))) &&
    (!hasBoxes || (boxes && (room || crop !== null)));
  if (known) return { framing, boxes, room };
  const measured = await measuredNow(store);
  const recorded = await recordedNow(folder, measured);
  const kept = recorded ? ', and kept in its dataset.json' : '';
  const whole = measured.framing && framingOf(measured.framing);
  if (whole) {
    onNotice?.(
      `${folder} does not say how faces lie in its pictures; measured now${kept}: a margin of ${whole.margin} around the detector's box, the centre off by ${whole.offset.join(' and ')}`,
    );
  }
  const inBoxes = boxes === undefined && measured.boxes && boxesOf(measured.boxes);
  if (inBoxes) {
    onNotice?.(
      `${folder} does not say how the detector's boxes lie in its own; measured now${kept}: ${inBoxes.scale.join(' and ')} times as wide and high, the centre off by ${inBoxes.offset.join(' and ')}`,
    );
  }
  return { ...measured, room: measured.room ?? room };
}

function wholePictures(
  { folder, info }: Store,
  { framing: measured }: Measured,
  stated: number | undefined,
): WholePictures | undefined {
  if (info.labelled.faceBox === info.rows) return undefined;
  const framing = measured && framingOf(measured);
  const seen =
    framing || !measured
      ? 'have no boxes'
      : `do not show it by themselves (${whyUnknown(measured, 'faces fill them unequally')})`;
  const { low, high } = measured?.aspect ?? { low: 0, high: 0 };
  const square = Math.abs(low - 1) <= SQUARE && Math.abs(high - 1) <= SQUARE;
  return { folder, framing, square, seen, stated };
}

/** Why a measurement shows nothing. */
const whyUnknown = (measured: { readonly looked: number; readonly found: number }, varied: string): string =>
  foundTooFew(measured) ? `a face was found in ${measured.found} of ${measured.looked}` : varied;

/** @throws RecipeError if the recipe states other boxes than were measured, or none if that shows nothing. */
function setBoxes(
  { folder, info }: Store,
  { boxes: measured, room }: Measured,
  stated: KnownBoxes | undefined,
  problem: (field: string, rest: string) => RecipeError,
): SetBoxes {
  const { crop } = info.options.pictures;
  const own = crop?.by === 'detector' || info.labelled.faceBox === 0;
  const found = own || !measured ? undefined : boxesOf(measured);
  if (own && stated) {
    const has = info.labelled.faceBox === 0 ? 'pictures without boxes' : "the detector's";
    throw problem('data.boxes', `boxes that came with the set of '${folder}', found ${has}`);
  }
  if (!own && !found && !stated) {
    const seen = measured ? whyUnknown(measured, 'its boxes differ too much') : 'not measured';
    throw problem(
      'data.boxes',
      `where the detector's box lies in those of '${folder}', which do not show it by themselves (${seen}); found none`,
    );
  }
  if (found && stated && !isNearly(found, stated, TOLERANCE)) {
    const [expected, given] = [found, stated].map((boxes) => JSON.stringify(boxes));
    throw problem('data.boxes', `${expected} of '${folder}', as measured, found ${given}`);
  }
  const boxes = stated ?? found;
  const known =
    boxes && !isNearly(boxes, { scale: [1, 1], offset: [0, 0] }, LEAST_OFFSET) ? boxes : undefined;
  return {
    ...{ folder, boxes: known },
    cut: crop ? roomIn(crop.margin, known) : undefined,
    room: room && roomIn(room.median, known),
  };
}

/** Sizes differ by a margin on both sides. */
const isNearly = (a: KnownBoxes, b: KnownBoxes, by: number): boolean =>
  a.scale.every((scale, i) => Math.abs(scale - b.scale[i]!) <= 2 * by) &&
  a.offset.every((offset, i) => Math.abs(offset - b.offset[i]!) <= by);

/** The margin around the detector's box that is as wide as one around another box. */
function roomIn(margin: number, boxes: KnownBoxes | undefined): number {
  if (boxes === undefined) return margin;
  const off = Math.max(...boxes.offset.map(Math.abs));
  const sizes = (1 + 2 * (margin - off)) / Math.max(...boxes.scale);
  return Number(((sizes - 1) / 2).toFixed(3));
}

/** Whether it could be recorded: in a read-only folder each run measures again. */
async function recordedNow(folder: string, measured: Measured): Promise<boolean> {
  try {
    await recordMeasured(folder, measured);
    return true;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return false;
  }
}

async function measuredNow(store: Store): Promise<Measured> {
  const { bytes } = await readModelSource(FACE_DETECTOR);
  const detector = new FaceDetector(await createSession(bytes, FACE_DETECTOR));
  try {
    return await measureStore(store, detector);
  } finally {
    await detector.dispose();
  }
}
