/** The files of a multipart body (RFC 7578). Their names and types are ignored. */
import { setImmediate } from 'node:timers/promises';
import { Busboy, type BusboyInstance } from '@fastify/busboy';
import { RequestError } from './error.js';

const MULTIPART = /^multipart\/form-data\s*(;|$)/i;
/** RFC 2046, section 5.1.1: up to 70 characters; spaces are allowed in quotes. */
const BOUNDARY = /;\s*boundary=(?:"([^"\r\n]{1,70})"|([^\s;"]{1,70}))\s*(?:;|$)/i;
/** The limit on header lines of a part; clients send three. */
const MOST_HEADERS = 16;
const MOST_HEADER_BYTES = 8192;
/** The number of bytes parsed at a time; other requests are served in between. */
const PIECE = 2 ** 20;

export const isMultipart = (contentType: string | undefined): contentType is string =>
  contentType !== undefined && MULTIPART.test(contentType);

/**
 * The content of every part, in order.
 * @throws RequestError if the body is malformed, or has no part or more than `most`
 */
export async function multipartFiles(body: Buffer, contentType: string, most: number): Promise<Buffer[]> {
  const given = BOUNDARY.exec(contentType);
  const boundary = given?.[1] ?? given?.[2];
  if (boundary === undefined) throw malformed();
  // The parser takes seconds for a million empty parts, and does not count parts without a name.
  if (countUpTo(body, `--${boundary}`, most + 2) > most + 1) throw tooMany(most);
  const { parser, files } = parse(boundary, most);
  files.catch(() => {});
  for (let at = 0; at < body.length; at += PIECE) {
    parser.write(body.subarray(at, at + PIECE));
    await setImmediate();
  }
  parser.end();
  return files;
}

function parse(
  boundary: string,
  most: number,
): { readonly parser: BusboyInstance; readonly files: Promise<Buffer[]> } {
  const parser = new Busboy({
    headers: { 'content-type': `multipart/form-data; boundary="${boundary}"` },
    isPartAFile: () => true,
    limits: { files: most, parts: most + 1, headerPairs: MOST_HEADERS, headerSize: MOST_HEADER_BYTES },
  });
  const files = new Promise<Buffer[]>((resolve, reject) => {
    const contents: Buffer[] = [];
    const fail = (error: unknown) => reject(malformed(error));
    parser.on('filesLimit', () => reject(tooMany(most)));
    parser.on('partsLimit', () => reject(tooMany(most)));
    parser.on('error', fail);
    parser.on('file', (_name, stream) => {
      const place = contents.push(Buffer.alloc(0)) - 1;
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        contents[place] = Buffer.concat(chunks);
      });
      stream.on('error', fail);
    });
    parser.on('finish', () => {
      if (contents.length > 0) resolve(contents);
      else
        reject(new RequestError(400, { subject: 'request', expected: 'at least one image', found: 'none' }));
    });
  });
  return { parser, files };
}

function countUpTo(body: Buffer, text: string, most: number): number {
  let count = 0;
  for (let at = body.indexOf(text); at >= 0 && count < most; at = body.indexOf(text, at + text.length))
    count++;
  return count;
}

const malformed = (cause?: unknown) =>
  new RequestError(400, { subject: 'request', problem: 'its multipart body is malformed' }, { cause });

const tooMany = (most: number) =>
  new RequestError(413, { subject: 'request', expected: `at most ${most} images`, found: 'more' });
