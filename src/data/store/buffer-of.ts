import type { AsyncBuffer } from 'hyparquet';
import { DataError } from '../types.js';

/** What is used of Node's `FileHandle`, without its types, which users of the package may not have. */
interface OpenFile {
  stat(): Promise<{ readonly size: number }>;
  read(
    bytes: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesRead: number }>;
}

/** An open file as hyparquet reads it. Reading throws a DataError if the file has become shorter. */
export async function bufferOf(file: OpenFile, path: string): Promise<AsyncBuffer> {
  const { size } = await file.stat();
  return {
    byteLength: size,
    async slice(start, end = size) {
      const bytes = new Uint8Array(end - start);
      const { bytesRead } = await file.read(bytes, 0, bytes.length, start);
      if (bytesRead === bytes.length) return bytes.buffer;
      throw new DataError({ subject: path, problem: 'the file became shorter while it was read' });
    },
  };
}
