/** Video frames made of photographs: faces that move, are lit and blurred as told, so that it is known who is where. */
import sharp, { type Sharp } from 'sharp';
import type { Box, PixelImage } from '../../src/vision/index.js';

export const FRAMES_PER_SECOND = 30;
export const CLIP = { width: 320, height: 240 } as const;

/** How a frame shows its face. */
export interface Shot {
  /** The face's width in pixels of the frame. */
  readonly size: number;
  /** Where the face's centre is, in frames' widths and heights. */
  readonly x: number;
  readonly y: number;
  /** The standard deviation of the blur, in pixels. Default 0. */
  readonly blur?: number;
  /** What brightness is multiplied by. Default 1. */
  readonly light?: number;
}

interface Photograph {
  readonly image: PixelImage;
  /** The face in it. */
  readonly box: Box;
}

const raw = ({ data, width, height }: PixelImage) => sharp(data, { raw: { width, height, channels: 3 } });

async function frameOf(picture: Sharp): Promise<PixelImage> {
  const { data, info } = await picture.removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data: new Uint8Array(data) };
}

/** A frame of a camera that looks at a face of a photograph. */
export async function cameraFrame({ image, box }: Photograph, shot: Shot): Promise<PixelImage> {
  const scale = box.width / shot.size;
  const within = (at: number, length: number, whole: number) =>
    Math.round(Math.max(0, Math.min(whole - length, at)));
  const width = Math.min(image.width, Math.round(CLIP.width * scale));
  const height = Math.min(image.height, Math.round(CLIP.height * scale));
  const left = within(box.x + box.width / 2 - shot.x * width, width, image.width);
  const top = within(box.y + box.height / 2 - shot.y * height, height, image.height);
  const seen = raw(image)
    .extract({ left, top, width, height })
    .resize(CLIP.width, CLIP.height, { fit: 'fill' });
  const { blur = 0, light = 1 } = shot;
  if (blur >= 0.3) seen.blur(blur);
  return frameOf(seen.linear(light));
}

/** A face cut out of its photograph, to be laid over frames; `size` is its width in their pixels. */
export async function cutOut({ image, box }: Photograph, size: number) {
  // Wide enough for what a network sees beside a face.
  const side = Math.round(1.7 * Math.max(box.width, box.height));
  const left = Math.round(Math.max(0, Math.min(image.width - side, box.x + box.width / 2 - side / 2)));
  const top = Math.round(Math.max(0, Math.min(image.height - side, box.y + box.height / 2 - side / 2)));
  const pixels = Math.round((size * side) / box.width);
  const ellipse = `<svg width="${pixels}" height="${pixels}"><ellipse cx="${pixels / 2}" cy="${pixels / 2}" rx="${0.42 * pixels}" ry="${0.5 * pixels}"/></svg>`;
  const input = await raw(image)
    .extract({ left, top, width: side, height: side })
    .resize(pixels, pixels)
    .ensureAlpha()
    .composite([{ input: Buffer.from(ellipse), blend: 'dest-in' }])
    .png()
    .toBuffer();
  return { input, pixels };
}

/** A frame with faces that were cut out, the last in front; places are of their centres, in pixels. */
export async function facesFrame(
  faces: readonly {
    readonly face: Awaited<ReturnType<typeof cutOut>>;
    readonly x: number;
    readonly y: number;
  }[],
): Promise<PixelImage> {
  const { width, height } = CLIP;
  // A wider frame, cut to size afterwards, takes faces that are half outside.
  const margin = 160;
  const wide = { width: width + 2 * margin, height: height + 2 * margin };
  const drawn = await sharp({ create: { ...wide, channels: 3, background: '#7d8a86' } })
    .composite(
      faces.map(({ face: { input, pixels }, x, y }) => ({
        input,
        left: Math.round(x - pixels / 2 + margin),
        top: Math.round(y - pixels / 2 + margin),
      })),
    )
    .png()
    .toBuffer();
  return frameOf(sharp(drawn).extract({ left: margin, top: margin, width, height }));
}
