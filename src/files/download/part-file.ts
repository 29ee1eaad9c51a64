/**
 * A partial download: `NAME.part`, and beside it `NAME.part.json`, which identifies the file. The final name appears
 * only when the file is complete and verified.
 */

import { createHash } from 'node:crypto';
import { type FileHandle, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { maskAddress } from '../../errors/index.js';

/** Loads zod only here, since every command loads this file. */
async function readNotes(path: string) {
  const { notesSchema } = await import('./notes.js');
  return notesSchema.parse(JSON.parse(await readFile(path, 'utf8')));
}

/** What is being downloaded, and how its version is recognized. */
export interface Identity {
  readonly url: string;
  readonly validator: string | null;
}

/** A URL as stored in `NAME.part.json`. */
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

  /** How many bytes of the file at `url` are on disk, and the validator for requesting the rest. */
  async resumable(url: string): Promise<{ readonly bytes: number; readonly validator: string } | undefined> {
    try {
      const known = await readNotes(this.notes);
      const { size } = await stat(this.path);
      const { url: masked, digest } = noted(url);
      const same = known.url === masked && known.digest === digest;
      if (!same || known.validator === null || size === 0) return undefined;
      return { bytes: size, validator: known.validator };
    } catch {
      // Missing or unreadable: there is nothing to resume.
      return undefined;
    }
  }

  /** Opens it for appending, or from scratch. */
  async open({ url, validator }: Identity, fresh: boolean): Promise<FileHandle> {
    const file = await open(this.path, fresh ? 'w' : 'a');
    await writeFile(this.notes, JSON.stringify({ ...noted(url), validator }));
    return file;
  }

  /** Gives it its final name. */
  async finish(): Promise<void> {
    await rename(this.path, this.target);
    await rm(this.notes, { force: true });
  }

  /** Renames it, so that the next transfer starts from scratch. */
  async reject(): Promise<string> {
    const aside = `${this.target}.rejected`;
    await rename(this.path, aside);
    await rm(this.notes, { force: true });
    return aside;
  }
}
