import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { readAll } from './standard-input.js';

describe('readAll', () => {
  const signal = new AbortController().signal;

  it('puts the chunks together', async () => {
    const bytes = await readAll(Readable.from([Buffer.from('ab'), Buffer.from('c')]), signal);
    expect(Buffer.from(bytes).toString()).toBe('abc');
  });

  it('refuses more than a picture can need', async () => {
    const chunk = Buffer.alloc(2 ** 26);
    await expect(readAll(Readable.from(new Array(17).fill(chunk)), signal)).rejects.toThrow(
      /^standard input: expected an image of at most 1 GiB, found more$/,
    );
  });

  it('ends on abort', async () => {
    const stop = new AbortController();
    const never = new Readable({ read() {} });
    const read = readAll(never, stop.signal);
    stop.abort();
    await expect(read).rejects.toThrow('aborted');
  });
});
