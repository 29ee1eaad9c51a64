/** Models in a browser: shipped ones by name, others by URL. */
import type { AgewiseErrorOptions } from '../errors/index.js';
import { ModelFileError } from './error.js';
import type { ModelSource } from './types.js';

export { ModelFileError } from './error.js';

/** A plain name, as opposed to a URL. */
const NAME = /^[\w-]+$/;

/**
 * Downloads models.
 * @param folder the URL of the folder with the shipped models
 * @returns a function that throws ModelFileError, in one sentence that names the model
 */
export function modelFetcher(folder: string | URL): (model: string | URL) => Promise<ModelSource> {
  return async (model) => {
    const given = String(model);
    const base = new URL(folder, globalThis.location?.href).href.replace(/\/?$/, '/');
    const address = NAME.test(given)
      ? new URL(`${given}.onnx`, base)
      : new URL(given, globalThis.location?.href);
    const failed = (problem: string, options: AgewiseErrorOptions) =>
      new ModelFileError(
        { subject: `Model '${given}'`, problem: `${address} cannot be fetched: ${problem}` },
        options,
      );
    let response: Response;
    try {
      response = await fetch(address);
    } catch (error) {
      throw failed((error as Error).message, { cause: error });
    }
    if (!response.ok) {
      const answer = `${response.status} ${response.statusText}`.trim();
      throw failed(`the answer was ${answer}`, { kind: 'missing' });
    }
    return { bytes: new Uint8Array(await response.arrayBuffer()), name: given };
  };
}
