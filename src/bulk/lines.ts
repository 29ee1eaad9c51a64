/** Reads a text file line by line, and where each line lies, so that it can be gone on with from any of them. */
import { createReadStream } from 'node:fs';

export interface Line {
  readonly text: string;
  /** The byte after the line and its end. */
  readonly end: number;
  /** Whether a line feed ends it; the last may lack one. */
  readonly whole: boolean;
}

const LINE_FEED = 10;

/**
 * The lines from a byte on, however many: one piece of the file is held at a time.
 * @throws the system's error where the file cannot be read
 */
export async function* readLines(path: string, start = 0): AsyncGenerator<Line, void, undefined> {
  let rest: Buffer = Buffer.alloc(0);
  /** Where `rest` begins. */
  let at = start;
  for await (const chunk of createReadStream(path, { start })) {
    const bytes: Buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let from = 0;
    for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, from)) {
      yield { text: bytes.toString('utf8', from, end), end: at + end + 1, whole: true };
      from = end + 1;
    }
    at += from;
    rest = bytes.subarray(from);
  }
  if (rest.length > 0) yield { text: rest.toString('utf8'), end: at + rest.length, whole: false };
}
