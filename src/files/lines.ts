/** Reads a text file line by line with byte offsets, so that reading can resume at any line. */
import { createReadStream } from 'node:fs';

export interface Line {
  readonly text: string;
  /** The byte offset after the line and its line feed. */
  readonly end: number;
  /** Whether a line feed ends it; the last may lack one. */
  readonly whole: boolean;
}

const LINE_FEED = 10;

/**
 * The lines from a byte offset on. Only one chunk of the file is in memory at a time.
 * @throws the system's error if the file cannot be read
 */
export async function* readLines(path: string, start = 0): AsyncGenerator<Line, void, undefined> {
  let rest: Buffer = Buffer.alloc(0);
  /** The byte offset of `rest`. */
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

/**
 * The lines of JSON from a byte offset on, up to the first that was not written completely: after a power cut a file may
 * hold zeros that were never written.
 * @throws the system's error if the file cannot be read
 */
export async function* readJsonLines(
  path: string,
  start = 0,
): AsyncGenerator<{ readonly text: string; readonly value: unknown; readonly end: number }, void, undefined> {
  for await (const { text, end, whole } of readLines(path, start)) {
    const value = whole ? parsed(text) : undefined;
    if (value === undefined) return;
    yield { text, value, end };
  }
}

/** Undefined if it is not JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
