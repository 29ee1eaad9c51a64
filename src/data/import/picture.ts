/** One sample's picture on its way into the store: read, cut out or resized, encoded, hashed. */
import sharp from 'sharp';
import { isMissing } from '../../files/index.js';
import {
  type Box,
  cropImage,
  cropRegion,
  type FaceDetector,
  type FoundFace,
  findFaces,
  ImageError,
  type InputSpec,
  labelledFace,
  type PixelBudget,
  type PixelImage,
  withAngle,
} from '../../vision/index.js';
import { decodeBytes, imageBytes, imageHeader, reporting } from '../../vision/node.js';
import { type CleaningRules, rejectBox, rejectSize } from '../cleaning/index.js';
import { type PictureSignature, pictureSignature } from '../duplicates/index.js';
import { roomAround } from '../framing/index.js';
import type { StoredPictures } from '../store/index.js';
import type { Rejection, Sample } from '../types.js';

/** A processed picture. */
export interface PreparedPicture {
  readonly image: Uint8Array;
  /** In pixels of that image. */
  readonly faceBox?: Box;
  /** The room around a face that was cut out, see `roomAround`. */
  readonly room?: number;
  /** Undefined if not requested. */
  readonly signature?: PictureSignature;
}

export interface PictureOptions {
  readonly pictures: StoredPictures;
  readonly rules: CleaningRules;
  /** Whether to compute a signature for finding near-duplicates. */
  readonly hash: boolean;
  readonly maxPixels?: number;
  /** Limits the pixels of pictures that are processed at the same time. */
  readonly budget?: PixelBudget;
  /** Needed to crop faces by detection. */
  readonly detector?: Pick<FaceDetector, 'detect'>;
}

/** The options for one picture. */
interface Work extends PictureOptions {
  /** Waits until there is room for so many pixels. */
  readonly admit: (pixels: number) => Promise<void>;
}

/** Within a square, never larger, by the triangle filter that vision/ resizes with. */
const SHRINK = { fit: 'inside', withoutEnlargement: true, kernel: 'linear' } as const;

/** An unchanged picture is decoded at about this size, for its hash and to check that it can be decoded. */
const GLANCE = 64;

/** @returns a rejection for a picture that cannot be used; other errors are thrown */
export async function preparePicture(
  sample: Sample,
  options: PictureOptions,
): Promise<PreparedPicture | Rejection> {
  const { path } = sample;
  const { budget } = options;
  let release = () => {};
  const admit = async (pixels: number) => {
    if (budget) release = await budget.take(pixels);
  };
  const work = { ...options, admit };
  try {
    const bytes = await encodedPicture(sample);
    const { crop, quality } = options.pictures;
    if (crop) return await cutOut(bytes, sample, work);
    return quality === null ? await keep(bytes, sample, work) : await reencode(bytes, sample, work);
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    const reason = isMissing(error.cause ?? error) ? 'missing image' : 'unreadable';
    return { path, reason, detail: `expected ${error.expected}, found ${error.found}` };
  } finally {
    release();
  }
}

/**
 * The bytes of a sample's picture.
 * @throws ImageError if it cannot be read
 */
export async function encodedPicture({ path, image }: Pick<Sample, 'path' | 'image'>): Promise<Uint8Array> {
  return imageBytes('file' in image ? image.file : await given(path, image.bytes), path);
}

async function given(path: string, bytes: () => Promise<Uint8Array>): Promise<Uint8Array> {
  try {
    return await bytes();
  } catch (error) {
    const { message } = error as Error;
    throw new ImageError(path, 'an image', `one that cannot be read (${message})`, { cause: error });
  }
}

/** The unchanged bytes, after checking that they can be decoded. */
async function keep(bytes: Uint8Array, sample: Sample, options: Work): Promise<PreparedPicture | Rejection> {
  const { path, faceBox } = sample;
  const image = await decodeBytes(bytes, path, {
    ...decoding(options),
    resize: { width: GLANCE, height: GLANCE, fit: 'fill' },
  });
  const rejection = await outOfSize(bytes, sample, options.rules);
  return rejection ?? { image: bytes, ...(faceBox && { faceBox }), ...hashed(image, options) };
}

async function reencode(
  bytes: Uint8Array,
  sample: Sample,
  options: Work,
): Promise<PreparedPicture | Rejection> {
  const { path, faceBox } = sample;
  const { size, quality } = options.pictures;
  const resize = size === null ? undefined : { width: size, height: size, ...SHRINK };
  const image = await decodeBytes(bytes, path, { ...decoding(options), resize });
  const rejection = await outOfSize(bytes, sample, options.rules);
  if (rejection) return rejection;
  return {
    image: await encode(image, quality!),
    ...(faceBox && { faceBox: scaled(faceBox, image.width / (await imageHeader(bytes)).upright.width) }),
    ...hashed(image, options),
  };
}

async function cutOut(
  bytes: Uint8Array,
  sample: Sample,
  options: Work,
): Promise<PreparedPicture | Rejection> {
  const { path } = sample;
  const { size, quality, crop } = options.pictures;
  const whole = await decodeBytes(bytes, path, decoding(options));
  const wrong = sample.faceBox && rejectBox(path, sample.faceBox, whole);
  if (wrong) return wrong;
  const face = await faceOf(whole, sample, options);
  if ('reason' in face) return face;
  const { region, turned } = face;
  const rejection = rejectSize(path, 'face', region.box, options.rules);
  if (rejection) return rejection;
  const { margin, alignment } = crop!;
  const { width } = cropRegion(turned, region, { margin, alignment, crop: 'square' });
  // A small face is not enlarged, since that adds no information.
  const side = Math.max(1, Math.min(size ?? Number.POSITIVE_INFINITY, Math.round(width)));
  const image = cropImage(turned, region, cropSpec(side, margin, alignment));
  const box = scaled(region.box, side / width);
  return {
    image: await encode(image, quality!),
    faceBox: { ...box, x: (side - box.width) / 2, y: (side - box.height) / 2 },
    room: roomAround(region.box, turned),
    ...hashed(image, options),
  };
}

/** A damaged picture in a store would be learned from each time. */
const decoding = ({ maxPixels, admit }: Work) => ({
  admit,
  thorough: true,
  ...(maxPixels !== undefined && { maxPixels }),
});

type Face = Pick<FoundFace, 'turned'> & { readonly region: FoundFace['region'] | { readonly box: Box } };

async function faceOf(
  whole: PixelImage,
  { path, faceBox }: Sample,
  { pictures, detector, rules }: PictureOptions,
): Promise<Face | Rejection> {
  if (pictures.crop!.by === 'label') {
    if (faceBox) return { turned: whole, region: { box: faceBox } };
    return { path, reason: 'no face', detail: "expected the data set's box of the face, found none" };
  }
  const faces = await findFaces(detector!, whole, { turn: true });
  if (faceBox === undefined && rules.singleFace && faces.length > 1) {
    return {
      path,
      reason: 'second face',
      detail: `expected one face, the detector found ${faces.length}`,
    };
  }
  const face = labelledFace(faces, faceBox);
  if (face !== undefined) {
    return pictures.crop!.alignment === 'rotations' ? withAngle(detector!, face) : face;
  }
  const where = faceBox
    ? "expected a face in the set's box, the detector found none"
    : 'expected a face, the detector found none';
  return { path, reason: 'no face', detail: where };
}

/** The fields specific to a network's input do not affect a crop in bytes. */
const cropSpec = (side: number, margin: number, alignment: InputSpec['alignment']): InputSpec => ({
  width: side,
  height: side,
  margin,
  alignment,
  crop: 'square',
  color: 'RGB',
  layout: 'NHWC',
  mean: [0, 0, 0],
  scale: [1, 1, 1],
});

async function encode({ width, height, data }: PixelImage, quality: number): Promise<Uint8Array> {
  return reporting(sharp(data, { raw: { width, height, channels: 3 } }))
    .jpeg({ quality })
    .toBuffer();
}

/** Whether the picture is too small, or its labelled box does not lie in it; its size is read only if needed. */
async function outOfSize(
  bytes: Uint8Array,
  { path, faceBox }: Sample,
  rules: CleaningRules,
): Promise<Rejection | undefined> {
  if (faceBox === undefined && rules.minSize === undefined) return undefined;
  const { upright: size } = await imageHeader(bytes);
  return (faceBox && rejectBox(path, faceBox, size)) ?? rejectSize(path, 'picture', size, rules);
}

const scaled = ({ x, y, width, height }: Box, by: number): Box => ({
  x: x * by,
  y: y * by,
  width: width * by,
  height: height * by,
});

const hashed = (image: PixelImage, { hash }: PictureOptions) =>
  hash ? { signature: pictureSignature(image) } : {};
