/** Where the file of a backbone or of weights is. */
import { shippedModelPath, shippedModels } from '../../estimate/index.js';
import { WeightsError } from './error.js';

// biome-ignore lint/suspicious/noEmptyInterface: filled in with addresses
export interface LocateOptions {}

const SHIPPED = 'shipped:';

/**
 * The path of a file: of a model that ships for `shipped:NAME`, else the path itself.
 * @throws WeightsError where no model ships by that name.
 */
export async function locate(source: string, _options: LocateOptions = {}): Promise<string> {
  if (!source.startsWith(SHIPPED)) return source;
  const path = await shippedModelPath(source.slice(SHIPPED.length));
  if (path !== undefined) return path;
  const names = (await shippedModels()).map(({ name }) => name);
  throw new WeightsError(`${source}: expected a model that ships, one of ${names.join(', ')}`);
}
