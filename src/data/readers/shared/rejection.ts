import type { Rejection } from '../../types.js';

/** A file name or a row that does not parse. `detail` says what was expected and what was found. */
export const badName = (path: string, detail: string): Rejection => ({ path, reason: 'bad name', detail });

/** A picture whose age the set does not have. */
export const noAge = (path: string, detail: string): Rejection => ({ path, reason: 'no age', detail });

/** A text as a sentence quotes it. */
export const quoted = (text: string): string => (text === '' ? 'nothing' : `'${text}'`);
