/** The layouts of a lowered model's state, as its metadata holds them. */
import type { Model } from '../../../onnx/index.js';
import { type BlockSize, LAYOUTS, type Layout } from './layouts.js';

const KEY = 'agewise.layouts';

/** The layouts of a lowered model's inputs and outputs; those not named are plain. */
export interface Layouts {
  readonly block: BlockSize;
  readonly byName: ReadonlyMap<string, Layout>;
}

export function withLayouts(
  metadata: Model['metadata'],
  block: BlockSize,
  layouts: ReadonlyMap<string, Layout>,
): Model['metadata'] {
  if (layouts.size === 0) return metadata;
  return new Map([...metadata, [KEY, JSON.stringify({ block, layouts: Object.fromEntries(layouts) })]]);
}

/**
 * The layouts of a lowered model's state, for `pack` and `unpack`; undefined if all are plain.
 * @throws RangeError if the metadata is malformed.
 */
export function layoutsOf(model: Model): Layouts | undefined {
  const text = model.metadata.get(KEY);
  if (text === undefined) return undefined;
  const { block, layouts } = JSON.parse(text) as { block: unknown; layouts: Record<string, unknown> };
  if (block !== 8 && block !== 16)
    throw new RangeError(`Metadata '${KEY}': blocks of ${block} are not known`);
  const byName = new Map<string, Layout>();
  for (const [name, layout] of Object.entries(layouts)) {
    const known = LAYOUTS.find((one) => one === layout);
    if (known === undefined) {
      throw new RangeError(`Metadata '${KEY}': layout '${layout}' of '${name}' is not known`);
    }
    byName.set(name, known);
  }
  return { block, byName };
}
