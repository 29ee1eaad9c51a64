/** Sentences of zod's rules: most say what they expect, and what was found is said besides. */

/** For a rule of `refine` or an issue that says all there is to say. */
export const wholeSentence = (error: string) => ({ error, params: { whole: true } });

/** Whether an issue says all there is to say. */
export const isWholeSentence = (issue: {
  readonly params?: Readonly<Record<string, unknown>> | undefined;
}): boolean => issue.params?.whole === true;
