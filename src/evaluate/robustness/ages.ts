/** Ages that models predict for faces under changes. */
import * as z from 'zod';

/** A face, and the expected age in years that each model predicts for it under each change. */
export interface FaceUnderChanges {
  /** Its place among the pictures, from 0. */
  readonly face: number;
  /** `[change][model]` */
  readonly ages: readonly (readonly number[])[];
}

const years = z.number();

export const agesUnderChangesSchema = z.strictObject({
  changes: z.array(z.strictObject({ kind: z.string(), level: z.number() })).readonly(),
  faces: z
    .array(z.strictObject({ face: z.int().min(0), ages: z.array(z.array(years).readonly()).readonly() }))
    .readonly(),
});

export type AgesUnderChanges = z.output<typeof agesUnderChangesSchema>;
