/** The input of a network: the only declaration of it. */
import * as z from 'zod';

/** The pictures that a network's weights expect, however faces are cropped. */
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
 * How a crop is turned: not at all; until the eyes are level; or to the best of several rotations, at which the detector is
 * most certain of the face (DEX).
 */
export const ALIGNMENTS = ['none', 'roll', 'rotations'] as const;
export type Alignment = (typeof ALIGNMENTS)[number];

/**
 * All that preprocessing needs to know (one function, called by training, evaluation, Node and the browser): the
 * network's input, and how a face is cropped for it.
 */
export interface InputSpec extends NetworkInput {
  /** The order of the axes: planes `[N, 3, H, W]` or interleaved `[N, H, W, 3]`. */
  readonly layout: 'NCHW' | 'NHWC';
  /** How much of the box's size is added on each side: 0.4 makes the crop 1.8 times the box. */
  readonly margin: number;
  /** Offset of the crop's centre from the box's, right and down, in widths and heights of the box; default 0. */
  readonly offset?: readonly [number, number] | undefined;
  /** How the box becomes the crop: a square with its longer side around its centre, or the box itself, stretched. */
  readonly crop: 'square' | 'stretch';
  readonly alignment: Alignment;
}

/** The largest allowed input side in pixels: more is a mistake and would need gigabytes. */
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
  alignment: z.enum(ALIGNMENTS),
}) satisfies z.ZodType<InputSpec>;
