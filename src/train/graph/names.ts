/** Names of the inputs and outputs of training graphs. */

/** The input of pictures, `[N, 3, H, W]`, if a network is built here. */
export const IMAGES = 'images';

/** The inputs of labels. Class weights `[N, K]`, zeros if the age is unknown (see age/targets.ts). */
export const AGE_TARGET = 'age_target';
/** Both ends of the correct ages, `[N]`, in years, and whether they are known, `[N]`, 0 or 1. */
export const AGE_LOW = 'age_low';
export const AGE_HIGH = 'age_high';
export const AGE_KNOWN = 'age_known';
/** The probability of male, `[N]`, and whether it is known, 0 or 1. */
export const GENDER_TARGET = 'gender_target';
export const GENDER_KNOWN = 'gender_known';

/** The outputs: the sum of losses, a scalar, and its parts `loss.NAME`. */
export const LOSS = 'loss';
/** The probabilities of the age classes, `[N, K]`. */
export const AGE = 'age';
/** The probabilities of `GENDERS`, `[N, 2]`. */
export const GENDER = 'gender';

/** The scope of the statistics of features that are standardised. */
export const STANDARDIZED = 'standardized';
/** The scopes of the heads' parameters. */
export const AGE_HEAD = 'age_head';
export const GENDER_HEAD = 'gender_head';
