/**
 * A text that a spreadsheet takes for no formula: one that begins as formulas do has an apostrophe before it, which
 * spreadsheets do not show (OWASP, CSV Injection).
 */
export const plainText = (text: string): string => (/^[=@+\-\t\r]./s.test(text) ? `'${text}` : text);

/** The text that `plainText` was given. */
export const withoutApostrophe = (text: string): string =>
  /^'[=@+\-\t\r]./s.test(text) ? text.slice(1) : text;
