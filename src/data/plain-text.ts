/**
 * Protects a text from being read as a spreadsheet formula: one that begins like a formula gets an apostrophe in front,
 * which spreadsheets do not show (OWASP, CSV Injection).
 */
export const plainText = (text: string): string => (/^[=@+\-\t\r]./s.test(text) ? `'${text}` : text);

/** The inverse of `plainText`. */
export const withoutApostrophe = (text: string): string =>
  /^'[=@+\-\t\r]./s.test(text) ? text.slice(1) : text;
