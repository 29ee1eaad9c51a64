/** The plain data types of vision: bytes → image → faces → crops → tensor. */

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

/** A rectangle in pixels of the upright picture. It may extend beyond the picture. */
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

/** A detected face; `score` is in 0..1. */
export interface DetectedFace {
  readonly box: Box;
  readonly score: number;
  readonly landmarks: Landmarks;
}
