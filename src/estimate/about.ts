/** Facts about estimates as plain data, for help texts; imports nothing. */

/**
 * The least quality at which a face is judged; see `FaceQuality` of vision/. On degraded faces of UTKFace's validation
 * part, the mean absolute error rises from 4.9 years to 5.2 at a size of 28 pixels and 6.3 at 20; with a Gaussian blur
 * of 3% of the face's width it is 6.0 years (median sharpness 0.015), of 4% 8.0 (0.008). Of the original faces 99% are
 * above 0.03.
 */
export const JUDGEABLE = {
  /** Pixels. */
  size: 32,
  sharpness: 0.012,
  /** About 40° to the side. */
  turn: 0.5,
} as const;

/** The default distance in years of the challenge age from the required age: 25 for 18. */
export const CHALLENGE_YEARS = 7;
