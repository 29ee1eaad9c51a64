/** Models in a browser: shipped ones by name, others by URL. */
import { maskAddress } from '../errors/index.js';
import { ModelFileError } from './error.js';
import { SHIPPED_SHA256 } from './shipped-hashes.js';
import type { ModelSource } from './types.js';
import type { FetchFile } from './web-fetch.js';

export { ModelFileError } from './error.js';
export { fileFetcher } from './web-fetch.js';

/** A plain name, as opposed to a URL. */
const NAME = /^[\w-]+$/;
const HASH = /^#sha256=(.*)$/;
const SHA256 = /^[0-9a-f]{64}$/i;

export interface ModelFetcherOptions {
  /** The URL of the folder with the shipped models. */
  readonly folder: URL;
  /** The base of relative URLs. */
  readonly base: string;
  readonly fetchFile: FetchFile;
}

/**
 * Downloads models. A URL may end in `#sha256=…`, 64 hexadecimal digits: the hash that the file must have.
 * @returns a function that throws ModelFileError, in one sentence that names the model
 */
export function modelFetcher({
  folder,
  base,
  fetchFile,
}: ModelFetcherOptions): (model: string | URL) => Promise<ModelSource> {
  return async (model) => {
    const name = String(model);
    const subject = `Model '${maskAddress(name)}'`;
    const isName = NAME.test(name);
    const address = isName ? new URL(`${name}.onnx`, folder) : new URL(name, base);
    const sha256 = isName ? SHIPPED_SHA256[name] : statedHash(address, subject);
    return { bytes: await fetchFile(address, { subject, sha256 }), name };
  };
}

function statedHash(address: URL, subject: string): string | undefined {
  const stated = HASH.exec(address.hash)?.[1];
  if (stated === undefined) return undefined;
  if (!SHA256.test(stated)) {
    const found = `${stated.length} characters`;
    throw new ModelFileError({ subject, expected: '64 hexadecimal digits after #sha256=', found });
  }
  if (globalThis.crypto.subtle === undefined) {
    const problem =
      'its hash cannot be checked, because the page is not a secure context (HTTPS or localhost)';
    throw new ModelFileError({ subject, problem }, { kind: 'unsupported' });
  }
  return stated.toLowerCase();
}
