/** The preprocessing of pictures that a backbone's file states. */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { type InputSpec, METADATA_KEY, readMetadata, readNetworkInput } from '../../metadata/index.js';
import type { Model } from '../../onnx/index.js';
import { naming, WeightsError } from './error.js';

/** Known facts of a backbone's input; margin, crop and alignment only for models of ours. */
export type KnownInput = Partial<Omit<InputSpec, 'layout'>>;

type Triple = readonly [number, number, number];

/**
 * What is known about the input of a model file: from the metadata of a model or backbone of ours, else from ONNX's
 * image properties and from a Hugging Face `preprocessor_config.json` beside the file or one folder up, as in their
 * repositories.
 * @throws WeightsError if these exist but are malformed.
 */
export async function statedInput(model: Model, file: string): Promise<KnownInput> {
  if (model.metadata.has(METADATA_KEY)) {
    const { layout: _, ...input } = naming(file, () => readMetadata(model, file)).input;
    return input;
  }
  const own = naming(file, () => readNetworkInput(model, file));
  if (own !== undefined) return own;
  return { ...imageProperties(model.metadata), ...(await preprocessorConfig(file)) };
}

/** https://github.com/onnx/onnx/blob/main/docs/MetadataProps.md, "Image Category Definition". */
const COLORS: Readonly<Record<string, 'RGB' | 'BGR'>> = { Rgb8: 'RGB', Bgr8: 'BGR' };
const RANGES: Readonly<Record<string, { readonly mean: number; readonly scale: number }>> = {
  NominalRange_0_255: { mean: 0, scale: 1 },
  Normalized_0_1: { mean: 0, scale: 1 / 255 },
  Normalized_1_1: { mean: 127.5, scale: 1 / 127.5 },
};

function imageProperties(properties: ReadonlyMap<string, string>): KnownInput {
  const color = COLORS[properties.get('Image.BitmapPixelFormat') ?? ''];
  const range = RANGES[properties.get('Image.NominalPixelRange') ?? ''];
  return {
    ...(color && { color }),
    ...(range && { mean: thrice(range.mean), scale: thrice(range.scale) }),
  };
}

const thrice = (value: number): Triple => [value, value, value];

const sides = z.union([
  z.number().transform((n) => ({ height: n, width: n })),
  z.object({ height: z.number(), width: z.number() }),
  z
    .object({ shortest_edge: z.number() })
    .transform((s) => ({ height: s.shortest_edge, width: s.shortest_edge })),
]);
const triple = z.tuple([z.number(), z.number(), z.number()]);

/** https://huggingface.co/docs/transformers/main_classes/image_processor, its numeric part. */
const processor = z.object({
  do_rescale: z.boolean().nullish(),
  rescale_factor: z.number().positive().nullish(),
  do_normalize: z.boolean().nullish(),
  image_mean: triple.nullish(),
  image_std: triple.nullish(),
  do_flip_channel_order: z.boolean().nullish(),
  do_center_crop: z.boolean().nullish(),
  crop_size: sides.nullish(),
  size: sides.nullish(),
});

const CONFIG = 'preprocessor_config.json';

async function preprocessorConfig(file: string): Promise<KnownInput> {
  const folder = dirname(file);
  for (const path of [join(folder, CONFIG), join(folder, '..', CONFIG)]) {
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text !== undefined) return naming(path, () => processorInput(text, path));
  }
  return {};
}

/** Their pictures are (v · factor − mean) / deviation for v in 0..255. */
function processorInput(text: string, path: string): KnownInput {
  const result = processor.safeParse(JSON.parse(text));
  if (!result.success) {
    const [issue] = result.error.issues;
    const found = `at '${issue!.path.join('.')}': ${issue!.message}`;
    throw new WeightsError({ subject: path, expected: 'a configuration of an image processor', found });
  }
  const config = result.data;
  const factor = config.do_rescale === false ? 1 : (config.rescale_factor ?? 1 / 255);
  const normalizes = config.do_normalize !== false;
  const mean = normalizes ? (config.image_mean ?? thrice(0)) : thrice(0);
  const deviation = normalizes ? (config.image_std ?? thrice(1)) : thrice(1);
  const size = (config.do_center_crop !== false && config.crop_size) || config.size;
  return {
    ...(size && { width: size.width, height: size.height }),
    color: config.do_flip_channel_order ? 'BGR' : 'RGB',
    mean: mean.map((m) => m / factor) as unknown as Triple,
    scale: deviation.map((d) => factor / d) as unknown as Triple,
  };
}
