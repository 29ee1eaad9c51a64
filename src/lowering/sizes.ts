/** Helpers for shapes. */

export const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);

export const filled = (length: number, value: number): number[] => new Array<number>(length).fill(value);

/** Whether an operand is a scalar, which fits every layout. */
export const isScalar = (sizes: readonly number[] | undefined): boolean =>
  sizes !== undefined && sizes.length <= 4 && product(sizes) === 1;
