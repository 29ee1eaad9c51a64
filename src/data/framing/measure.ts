/**
 * Measures how crops and boxes made by others frame faces, compared with the detector's boxes. A face that fills its picture is
 * hard to detect, so the picture's edges are extended first. How much is added matters: for 179 photographs of All-Age-Faces
 * whose faces were cropped with margins from -0.05 to 0.4, the medians came out up to 0.009 too large with a quarter added, and
 * up to 0.023 with the picture's own size added. The rest is due to lost resolution: for crops of 112 pixels instead of 160 it
 * was 0.014.
 */
import { createHash } from 'node:crypto';
import {
  type Box,
  cropImage,
  type FaceDetector,
  ImageError,
  type InputSpec,
  overlap,
  type PixelImage,
} from '../../vision/index.js';
import { decodeImage } from '../../vision/node.js';
import type { BoxFraming, Framing, Measured, Spread, Store, StoreRow } from '../store/index.js';
import { roomAround } from './room.js';
import { spread } from './spread.js';

/** The number of pictures examined: enough for a median within a few thousandths. */
const SAMPLE = 200;
/** The share of the picture, or of the box, that is added on each side: a box alone may be tight. */
const ADDED = { picture: 0.25, box: 0.5 } as const;
/** The pixels that it has then. */
const SIDE = 320;
/** The minimum overlap of picture and box: less is a face in the background. */
const LEAST_COMMON = 0.05;

const LOOK = {
  ...{ width: SIDE, height: SIDE, crop: 'square', alignment: 'none' },
  ...{ color: 'RGB', layout: 'NHWC', mean: [0, 0, 0], scale: [1, 1, 1] },
} as const satisfies Partial<InputSpec>;

type Detector = Pick<FaceDetector, 'detect'>;

/** A row and what of its picture is given as the face: its box, or the whole. */
type Given = Pick<StoreRow, 'index' | 'faceBox'>;

/**
 * Looks at a sample of the rows without a box, and at one of those with one, which follow from their paths alone. Boxes that
 * the detector gave are not looked at. What surrounded faces that were cut out is only known while they are.
 */
export async function measureStore(
  store: Store,
  detector: Detector,
  signal?: AbortSignal,
): Promise<Measured> {
  const { boxed, whole } = await samplesOf(store);
  const framing = whole.length > 0 && (await measureFraming(store, whole, detector, signal));
  const own = store.info.options.pictures.crop?.by === 'detector';
  const boxes = !own && boxed.length > 0 && (await measureBoxes(store, boxed, detector, signal));
  return { ...(framing && { framing }), ...(boxes || {}) };
}

async function measureFraming(
  store: Store,
  rows: readonly Given[],
  detector: Detector,
  signal: AbortSignal | undefined,
): Promise<Framing> {
  const [margin, right, down, aspect]: [number[], number[], number[], number[]] = [[], [], [], []];
  for await (const { given, face } of looked(store, rows, detector, signal)) {
    aspect.push(given.width / given.height);
    if (face === undefined) continue;
    margin.push((Math.max(given.width, given.height) / Math.max(face.width, face.height) - 1) / 2);
    right.push((centre(given).x - centre(face).x) / face.width);
    down.push((centre(given).y - centre(face).y) / face.height);
  }
  const found = margin.length;
  const all = { looked: rows.length, found, ...(aspect.length > 0 && { aspect: spread(aspect) }) };
  if (found === 0) return all;
  return { ...all, margin: spread(margin), right: spread(right), down: spread(down) };
}

async function measureBoxes(
  store: Store,
  rows: readonly Given[],
  detector: Detector,
  signal: AbortSignal | undefined,
): Promise<{ readonly boxes: BoxFraming; readonly room?: Spread }> {
  const [width, height, right, down]: [number[], number[], number[], number[]] = [[], [], [], []];
  const rooms: number[] = [];
  for await (const { image, given, face } of looked(store, rows, detector, signal)) {
    rooms.push(roomAround(given, image));
    if (face === undefined) continue;
    width.push(face.width / given.width);
    height.push(face.height / given.height);
    right.push((centre(face).x - centre(given).x) / given.width);
    down.push((centre(face).y - centre(given).y) / given.height);
  }
  const isWhole = store.info.options.pictures.crop === null;
  return {
    boxes: {
      ...{ looked: rows.length, found: width.length },
      ...(width.length > 0 && {
        ...{ width: spread(width), height: spread(height), right: spread(right), down: spread(down) },
      }),
    },
    ...(isWhole && rooms.length > 0 && { room: spread(rooms) }),
  };
}

/** Each picture that can be decoded, what was given of it, and the box of the face that the detector sees there, in its pixels. */
async function* looked(
  store: Store,
  rows: readonly Given[],
  detector: Detector,
  signal: AbortSignal | undefined,
): AsyncGenerator<{ readonly image: PixelImage; readonly given: Box; readonly face: Box | undefined }> {
  for (const { index, faceBox } of rows) {
    signal?.throwIfAborted();
    const image = await decoded(await store.image(index), `${store.folder}, row ${index}`);
    if (image === undefined) continue;
    const given = faceBox ?? { x: 0, y: 0, width: image.width, height: image.height };
    const added = faceBox ? ADDED.box : ADDED.picture;
    const view = cropImage(image, { box: given }, { ...LOOK, margin: added });
    const unit = (Math.max(given.width, given.height) * (1 + 2 * added)) / SIDE;
    const { x, y } = centre(given);
    const common = (box: Box) => overlap(box, given).iou;
    const [face] = (await detector.detect(view))
      .map(({ box }) => ({
        x: x + (box.x - SIDE / 2) * unit,
        y: y + (box.y - SIDE / 2) * unit,
        width: box.width * unit,
        height: box.height * unit,
      }))
      .filter((box) => common(box) >= LEAST_COMMON)
      .sort((a, b) => common(b) - common(a));
    yield { image, given, face };
  }
}

/** Undefined if the picture is damaged: reading it later reports that. */
async function decoded(bytes: Uint8Array, name: string): Promise<PixelImage | undefined> {
  try {
    return await decodeImage(bytes, { name });
  } catch (error) {
    if (error instanceof ImageError) return undefined;
    throw error;
  }
}

/** Of the rows with a box, and of those without, the ones whose paths have the smallest hashes. */
async function samplesOf(store: Store): Promise<{ readonly boxed: Given[]; readonly whole: Given[] }> {
  const lists = { boxed: [] as (Given & { hash: string })[], whole: [] as (Given & { hash: string })[] };
  for await (const { index, path, faceBox } of store.rows()) {
    const hash = createHash('md5').update(path).digest('hex');
    (faceBox ? lists.boxed : lists.whole).push({ index, hash, ...(faceBox && { faceBox }) });
  }
  const sample = (list: typeof lists.boxed) =>
    list.sort((a, b) => (a.hash < b.hash ? -1 : a.hash > b.hash ? 1 : a.index - b.index)).slice(0, SAMPLE);
  return { boxed: sample(lists.boxed), whole: sample(lists.whole) };
}

const centre = ({ x, y, width, height }: Box) => ({ x: x + width / 2, y: y + height / 2 });
