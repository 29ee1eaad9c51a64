/** The plain data that vision passes on: bytes → image → faces → crops → tensor. */

/** An upright picture: interleaved 8-bit RGB, `3 · width · height` bytes, row after row. */
export interface PixelImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** A point in pixels of the upright picture; (0, 0) is its top left corner, not the centre of its first pixel. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A rectangle in pixels of the upright picture. It may reach beyond the picture. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Named points of a face. Right and left are the subject's own. */
export interface Landmarks {
  readonly rightEye: Point;
  readonly leftEye: Point;
  readonly nose: Point;
  readonly mouth: Point;
}

/** A face as the detector reports it; `score` is in 0..1. */
export interface DetectedFace {
  readonly box: Box;
  readonly score: number;
  readonly landmarks: Landmarks;
}

/**
 * What a network wants to see: the facts in a model's metadata that ONE preprocessing function reads
 * (training, evaluation, Node and the browser all call it).
 */
export interface InputSpec {
  /** Width and height of the network's input in pixels. */
  readonly width: number;
  readonly height: number;
  /** The order of the channels. */
  readonly color: 'RGB' | 'BGR';
  /** The order of the axes: planes `[N, 3, H, W]` or interleaved `[N, H, W, 3]`. */
  readonly layout: 'NCHW' | 'NHWC';
  /** Per channel, in the order of `color`: input = (value in 0..255 − mean) · scale. */
  readonly mean: readonly [number, number, number];
  readonly scale: readonly [number, number, number];
  /** How much of the box's size is added on each side: 0.4 makes the crop 1.8 times the box. */
  readonly margin: number;
  /** How the box becomes the crop: its longer side made a square around its centre, or stretched as it is. */
  readonly crop: 'square' | 'stretch';
  /** Whether the crop is turned so that the eyes are level. */
  readonly alignment: 'none' | 'roll';
}
