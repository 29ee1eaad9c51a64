/** Gender as labels, networks and results tell it, whatever number a data set has for it. */

/** In the order in which a network's two outputs stand for them. */
export const GENDERS = ['female', 'male'] as const;

export type Gender = (typeof GENDERS)[number];
