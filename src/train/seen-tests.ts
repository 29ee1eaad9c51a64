/** Refuses a backbone or weights that have learned from the pictures that a run is tested on. */
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { partsBy, readSplit, type Split, type Store, splitMethodSchema, splitName } from '../data/index.js';
import { exists } from '../files/index.js';
import type { TrainingOrigin } from '../metadata/index.js';
import { formatNumber } from '../report/index.js';
import { type Recipe, RecipeError } from './recipe/index.js';
import type { RunData } from './run-data.js';

/**
 * Refuses a backbone or weights that have learned from pictures of the parts that the run is neither trained on nor chosen by. A
 * picture of another import of the same set is known by the split's method, which divides this store in the same way.
 * @throws RecipeError with the number of pictures.
 */
export async function refuseSeenTests(
  { name, network }: Recipe,
  { stores, tests }: Pick<RunData, 'stores' | 'tests'>,
  trainedOn: readonly TrainingOrigin[],
): Promise<void> {
  const field = network.backbone === undefined ? 'weights' : 'backbone';
  for (const [i, store] of stores.stores.entries()) {
    const seen = new Set<number>();
    let own: TrainingOrigin['method'];
    for (const origin of trainedOn) {
      if (origin.set !== store.info.id) continue;
      const split = await splitOf(store, origin);
      if (split !== undefined) own = split.method;
      for (const row of split?.parts.get(origin.part) ?? []) seen.add(row);
    }
    for (const [part, rows] of tests[i]!) {
      const count = rows.reduce((sum, row) => sum + Number(seen.has(row)), 0);
      if (count === 0) continue;
      throw new RecipeError(
        `Recipe '${name}': network.${field}: expected one that has learned from no picture to test on, found ${network[field]}, which has learned from ${formatNumber(count)} of the ${formatNumber(rows.length)} of part '${part}' of ${store.folder}; its own split leaves them out: --set data.split='${JSON.stringify(own)}'`,
      );
    }
  }
}

/** The split that a network has learned from parts of; undefined where it cannot be made here. */
async function splitOf(store: Store, { method, seed }: TrainingOrigin): Promise<Split | undefined> {
  const parsed = splitMethodSchema.safeParse(method);
  if (!parsed.success || seed === undefined) return undefined;
  const file = join(store.folder, `${splitName(parsed.data)}.split.json`);
  const given = parsed.data.name === 'given';
  if (await exists(file)) {
    const stored = await readSplit(file, store);
    if (given || (isDeepStrictEqual(stored.method, parsed.data) && stored.seed === seed)) return stored;
  }
  return given ? undefined : partsBy(store, parsed.data, seed);
}
