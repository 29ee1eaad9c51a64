/**
 * The beginning of a file whose transfer is under way: `NAME.part`, and beside it `NAME.part.json`, which says what
 * it is the beginning of. Nothing stands under the final name until all of it is there and right.
 */
import { createHash } from 'node:crypto';
import { type FileHandle, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { maskAddress } from './address.js';

/** What a server said of the file: by it a later request makes sure that it has not changed (RFC 9110, 13.1.5). */
const identity = z.strictObject({
  /** Without its secrets. */
  url: z.string(),
  /** SHA-256 of the whole address, where it has secrets: by it alone two addresses of the same file differ. */
  digest: z.string().optional(),
  /** A strong ETag, else Last-Modified, as the server wrote it; null where it sent neither. */
  validator: z.string().nullable(),
});

/** What is being fetched, and by what it is known again. */
export interface Identity {
  readonly url: string;
  readonly validator: string | null;
}

/** An address as the notes have it. */
function noted(url: string): { readonly url: string; readonly digest?: string } {
  const masked = maskAddress(url);
  return masked === url ? { url } : { url: masked, digest: createHash('sha256').update(url).digest('hex') };
}

export class PartFile {
  readonly path: string;
  private readonly notes: string;

  constructor(private readonly target: string) {
    this.path = `${target}.part`;
    this.notes = `${this.path}.json`;
  }

  /** How many bytes are there of the file at `url`, and the validator to ask for the rest with. */
  async begun(url: string): Promise<{ readonly bytes: number; readonly validator: string } | undefined> {
    try {
      const known = identity.parse(JSON.parse(await readFile(this.notes, 'utf8')));
      const { size } = await stat(this.path);
      const { url: masked, digest } = noted(url);
      const same = known.url === masked && known.digest === digest;
      if (!same || known.validator === null || size === 0) return undefined;
      return { bytes: size, validator: known.validator };
    } catch {
      // Missing or unreadable: there is nothing to go on with.
      return undefined;
    }
  }

  /** Opens it to be written from its end on, or anew. */
  async open({ url, validator }: Identity, anew: boolean): Promise<FileHandle> {
    const file = await open(this.path, anew ? 'w' : 'a');
    await writeFile(this.notes, JSON.stringify({ ...noted(url), validator }));
    return file;
  }

  /** Gives it its final name. */
  async finish(): Promise<void> {
    await rename(this.path, this.target);
    await rm(this.notes, { force: true });
  }

  /** Puts it aside under another name, so that the next transfer begins anew. */
  async reject(): Promise<string> {
    const aside = `${this.target}.rejected`;
    await rename(this.path, aside);
    await rm(this.notes, { force: true });
    return aside;
  }
}
