/** The gender labels used everywhere, whatever codes a data set uses. */

/** In the order of a network's two outputs. */
export const GENDERS = ['female', 'male'] as const;

export type Gender = (typeof GENDERS)[number];
