/** What a network wants to see: declared here, and nowhere else. */
import * as z from 'zod';

/** What a network's weights expect of a picture, whatever faces are cut out for it. */
export interface NetworkInput {
  /** Width and height of the network's input in pixels. */
  readonly width: number;
  readonly height: number;
  /** The order of the channels, in which `mean` and `scale` are given. */
  readonly color: 'RGB' | 'BGR';
  /** Per channel: input = (value in 0..255 − mean) · scale. */
  readonly mean: readonly [number, number, number];
  readonly scale: readonly [number, number, number];
}

/**
 * The facts in a model's metadata that ONE preprocessing function reads (training, evaluation, Node and the browser all
 * call it): a network's own, and how a face becomes its picture.
 */
export interface InputSpec extends NetworkInput {
  /** The order of the axes: planes `[N, 3, H, W]` or interleaved `[N, H, W, 3]`. */
  readonly layout: 'NCHW' | 'NHWC';
  /** How much of the box's size is added on each side: 0.4 makes the crop 1.8 times the box. */
  readonly margin: number;
  /** How far the crop's centre lies from the box's, right and down, in widths and heights of the box; there if left out. */
  readonly offset?: readonly [number, number] | undefined;
  /** How the box becomes the crop: its longer side made a square around its centre, or stretched as it is. */
  readonly crop: 'square' | 'stretch';
  /** Whether the crop is turned so that the eyes are level. */
  readonly alignment: 'none' | 'roll';
}

/** A network's input is no larger, in pixels: more is a mistake, and would ask for gigabytes. */
const LARGEST_SIDE = 4096;

const side = z.int().positive().max(LARGEST_SIDE);
const triple = z.tuple([z.number(), z.number(), z.number()]).readonly();

export const networkInputSchema = z.strictObject({
  width: side,
  height: side,
  color: z.enum(['RGB', 'BGR']),
  mean: triple,
  scale: triple,
}) satisfies z.ZodType<NetworkInput>;

export const inputSchema = networkInputSchema.extend({
  layout: z.enum(['NCHW', 'NHWC']),
  margin: z.number().min(-0.4).max(4),
  offset: z
    .tuple([z.number().min(-1).max(1), z.number().min(-1).max(1)])
    .readonly()
    .optional(),
  crop: z.enum(['square', 'stretch']),
  alignment: z.enum(['none', 'roll']),
}) satisfies z.ZodType<InputSpec>;
