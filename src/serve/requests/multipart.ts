/** The files of a multipart body (RFC 7578). Their names and types count for nothing, and are not kept. */
import { Busboy, type BusboyInstance } from '@fastify/busboy';
import { RequestError } from './error.js';

const MULTIPART = /^multipart\/form-data\s*(;|$)/i;
/** Lines in the head of a part; clients send three. */
const MOST_HEADERS = 16;
const MOST_HEADER_BYTES = 8192;

export const isMultipart = (contentType: string | undefined): contentType is string =>
  contentType !== undefined && MULTIPART.test(contentType);

/**
 * Every part's content, in order.
 * @throws RequestError where it is malformed, or has no part or more than `most`
 */
export function multipartFiles(body: Buffer, contentType: string, most: number): Promise<Buffer[]> {
  return new Promise((resolve, reject) => {
    const files: Buffer[] = [];
    const malformed = (error: unknown) =>
      reject(
        new RequestError(
          400,
          { subject: 'request', problem: 'its multipart body is malformed' },
          { cause: error },
        ),
      );
    let parser: BusboyInstance;
    try {
      parser = new Busboy({
        headers: { 'content-type': contentType },
        isPartAFile: () => true,
        limits: { files: most, parts: most + 1, headerPairs: MOST_HEADERS, headerSize: MOST_HEADER_BYTES },
      });
    } catch (error) {
      malformed(error);
      return;
    }
    const tooMany = () =>
      reject(
        new RequestError(413, { subject: 'request', expected: `at most ${most} images`, found: 'more' }),
      );
    parser.on('filesLimit', tooMany);
    parser.on('partsLimit', tooMany);
    parser.on('error', malformed);
    parser.on('file', (_name, stream) => {
      const place = files.push(Buffer.alloc(0)) - 1;
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        files[place] = Buffer.concat(chunks);
      });
      stream.on('error', malformed);
    });
    parser.on('finish', () => {
      if (files.length > 0) resolve(files);
      else
        reject(new RequestError(400, { subject: 'request', expected: 'at least one image', found: 'none' }));
    });
    parser.end(body);
  });
}
