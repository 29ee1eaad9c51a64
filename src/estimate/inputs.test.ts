import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { ImageError } from '../vision/index.js';
import { nameOf, presentImage, shortened } from './inputs.js';

/** Locates nothing, and shows what it was given. */
const source = { locate: async (address: string | URL) => `at ${address}` };
const present = (image: unknown) => presentImage(image, source);
const bytes = Uint8Array.of(1, 2, 3);

describe('a picture', () => {
  it('by a path or an address is located', async () => {
    expect(await present('a.jpg')).toBe('at a.jpg');
    expect(await present(new URL('file:///a.jpg'))).toBe('at file:///a.jpg');
  });

  it.each([
    ['an array', bytes],
    ['a Buffer', Buffer.from(bytes)],
    ['an ArrayBuffer', bytes.buffer],
    ['a Blob', new Blob([bytes])],
    ['a File', new File([bytes], 'a.jpg')],
    ['a Response', new Response(bytes)],
  ])('by its bytes is loaded as they are: %s', async (_, image) => {
    expect([...((await present(image)) as Uint8Array)]).toEqual([1, 2, 3]);
  });

  it('by its pixels is loaded as they are', async () => {
    const pixels = { width: 2, height: 1, data: new Uint8ClampedArray(8) };
    expect(await present(pixels)).toStrictEqual(pixels);
    expect(((await present(pixels)) as typeof pixels).data).toBe(pixels.data);
  });

  it('as sharp outputs it is pixels or a file', async () => {
    const picture = sharp({ create: { width: 3, height: 2, channels: 4, background: '#102030' } });
    const raw = await picture.clone().raw().toBuffer({ resolveWithObject: true });
    expect(await present(raw)).toEqual({ width: 3, height: 2, channels: 4, data: raw.data });
    const encoded = await picture.png().toBuffer({ resolveWithObject: true });
    expect(await present(encoded)).toBe(encoded.data);
  });

  it('may be of a kind that only the platform knows', async () => {
    const bitmap = { width: 3, height: 2, close() {} };
    await expect(present(bitmap)).rejects.toThrow(TypeError);
    const browser = { ...source, isPicture: (image: object) => 'close' in image };
    expect(await presentImage(bitmap, browser)).toBe(bitmap);
  });

  it.each([
    [undefined, 'nothing'],
    [null, 'null'],
    [42, 'number 42'],
    [true, 'boolean true'],
    ['', 'an empty text'],
    [' ', 'an empty text'],
    [new Request('http://localhost/'), 'an object of class Request'],
    [() => {}, 'a function'],
    [['a.jpg'], 'a list'],
    [{}, 'an object with nothing in it'],
    [{ path: 'a.jpg' }, 'an object with path'],
    [new Map(), 'an object of class Map'],
    [new Float32Array(3), 'an object of class Float32Array'],
    [Promise.resolve('a.jpg'), 'a Promise; await it first'],
    [Symbol('a'), 'symbol Symbol(a)'],
    [new DataView(new ArrayBuffer(3)), 'an object of class DataView'],
  ])('is not %s', async (image, found) => {
    const refused = present(image);
    await expect(refused).rejects.toThrow(TypeError);
    await expect(refused).rejects.toThrow(/^image: expected a path, a URL, a file's bytes, /);
    await expect(refused).rejects.toThrow(`found ${found}`);
  });

  it.each([
    [new Float32Array(12), 'an object of class Float32Array'],
    [[1, 2, 3], 'a list'],
    ['/9j/4AAQ', "the text '/9j/4AAQ'"],
    [null, 'null'],
  ])('is not pixels whose data are %o', async (data, found) => {
    const refused = present({ width: 2, height: 2, data });
    await expect(refused).rejects.toThrow(TypeError);
    await expect(refused).rejects.toThrow(`data are a Uint8Array or Uint8ClampedArray, found ${found}`);
  });

  it('is not pixels whose size is not in numbers', async () => {
    const data = new Uint8Array(3);
    for (const [image, found] of [
      [{ width: Symbol('w'), height: 1, data }, 'symbol Symbol(w)'],
      [{ width: 1, height: '1', data }, "the text '1'"],
      [{ width: 1, height: 1, channels: {}, data }, 'an object with nothing in it'],
    ] as const) {
      await expect(present(image)).rejects.toThrow(
        `image: expected pixels whose size is in numbers, found ${found}`,
      );
    }
  });

  it('is not a response with an error, nor one whose bytes were read', async () => {
    const missing = present(new Response('no such page', { status: 404, statusText: 'Not Found' }));
    await expect(missing).rejects.toThrow(ImageError);
    await expect(missing).rejects.toThrow(/image: expected an image, found the answer 404 Not Found/);
    const used = new Response(bytes);
    await used.arrayBuffer();
    await expect(present(used)).rejects.toThrow(ImageError);
  });
});

describe('the name of a picture', () => {
  it.each([
    ['a.jpg', 'a.jpg'],
    [new URL('file:///a.jpg'), 'file:///a.jpg'],
    [new File([], 'holiday.jpg'), 'holiday.jpg'],
    [{ url: 'https://example.org/a.jpg', arrayBuffer() {} }, 'https://example.org/a.jpg'],
    [new Response(), undefined],
    [bytes, undefined],
    [null, undefined],
    ['/9j/4AAQ'.repeat(10_000), expect.stringMatching(/^\/9j\/4AAQ.{112}…$/)],
  ])('of %o is %s', (image, name) => {
    expect(nameOf(image)).toEqual(name);
  });

  it('is cut short in messages where it is long', () => {
    expect(shortened('x'.repeat(1000)).length).toBeLessThan(130);
    expect(shortened('photo.jpg')).toBe('photo.jpg');
  });

  it('has no secrets in messages', async () => {
    const url = 'https://anna:geheim@example.org/a.jpg?token=abc';
    expect(shortened(url)).toBe('https://***@example.org/a.jpg?token=***');
    const refused = present({ url, ok: false, status: 403, statusText: '', arrayBuffer() {} });
    await expect(refused).rejects.toThrow(
      'https://***@example.org/a.jpg?token=***: expected an image, found the answer 403',
    );
  });
});
