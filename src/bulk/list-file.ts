/**
 * A list of pictures: a text file with a path on each line (UTF-8; empty lines are ignored). Relative paths start at the
 * list's own folder, so that the list means the same on every machine.
 */
import { dirname, resolve } from 'node:path';
import { AgewiseError } from '../errors/index.js';
import { foundInstead, isAddress, readLines } from '../files/index.js';
import { BulkError } from './error.js';
import type { BulkPicture } from './picture.js';

/** A picture of a list, and the byte offset of the next line. */
export type ListedPicture = BulkPicture & { readonly picture: string; readonly end: number };

/** Where to start in a list: the byte offset of a line, and the index of its picture. */
export interface ListStart {
  readonly byte: number;
  readonly index: number;
}

const BYTE_ORDER_MARK = '\ufeff';

/**
 * The pictures of a list, in order.
 * @throws BulkError if it cannot be read
 */
export async function* listedPictures(
  list: string,
  { byte, index: first }: ListStart = { byte: 0, index: 0 },
): AsyncGenerator<ListedPicture, void, undefined> {
  let index = first;
  const folder = dirname(resolve(list));
  try {
    for await (const { text, end } of readLines(list, byte)) {
      const file = (index === 0 && text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text).replace(
        /\r$/,
        '',
      );
      if (file === '') continue;
      yield { index: index++, file, picture: isAddress(file) ? file : resolve(folder, file), end };
    }
  } catch (error) {
    if (error instanceof AgewiseError) throw error;
    throw new BulkError(
      { subject: list, expected: 'a list of pictures, one path a line', found: foundInstead(error, list) },
      { cause: error },
    );
  }
}
