/** Messages of zod's rules: most state what was expected, and what was found is added. */

/** For a rule of `refine` or an issue with a complete message. */
export const wholeSentence = (error: string) => ({ error, params: { whole: true } });

/** Whether an issue has a complete message. */
export const isWholeSentence = (issue: {
  readonly params?: Readonly<Record<string, unknown>> | undefined;
}): boolean => issue.params?.whole === true;
