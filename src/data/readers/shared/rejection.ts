import type { Rejection } from '../../types.js';

/** A file name or a row that does not parse. `detail` says what was expected and what was found. */
export const badName = (path: string, detail: string): Rejection => ({ path, reason: 'bad name', detail });

/** A picture without an age in the set. */
export const noAge = (path: string, detail: string): Rejection => ({ path, reason: 'no age', detail });

/** A text, quoted for messages. */
export const quoted = (text: string): string => (text === '' ? 'nothing' : `'${text}'`);
