/** A look over a whole store: its labels in one pass, its pictures' headers in another, and the rows worth showing. */
import { OLDEST } from '../../age/index.js';
import type { Store, StoreRow } from '../store/index.js';
import { ageIrregularities } from './ages.js';
import { conflictingGroups, representatives } from './conflicts.js';
import { LabelColumns } from './labels.js';
import { rejectCounts } from './rejects.js';
import { sampleBands } from './samples.js';
import { pictureSizes } from './sizes.js';
import type { Inspection, RowSummary } from './types.js';

/** The parts of a store that are needed. */
export type InspectedStore = Pick<Store, 'folder' | 'info' | 'length' | 'rows' | 'image' | 'duplicates'>;

export interface InspectOptions {
  /** The seed of the sample. Default: 0. */
  readonly seed?: number;
  /** Pictures sampled of each age band. Default: 24. */
  readonly sample?: number;
  /** Called with how many pictures have been looked at. */
  readonly onPicture?: (done: number) => void;
  readonly signal?: AbortSignal;
}

const SAMPLE = 24;
/** The maximum number of conflicts shown, widest first, and of pictures for each. */
const MOST_CONFLICTS = 24;
const MOST_OF_CONFLICT = 4;
const MOST_EXTREME = 24;

export async function inspectStore(
  store: InspectedStore,
  { seed = 0, sample = SAMPLE, onPicture = () => {}, signal }: InspectOptions = {},
): Promise<Inspection> {
  const labels = new LabelColumns(store.length);
  for await (const row of store.rows()) {
    signal?.throwIfAborted();
    labels.add(row);
  }
  const pictures = await pictureSizes(store.length, (row) => store.image(row), onPicture, signal);

  const groups = await store.duplicates();
  const conflicts = conflictingGroups(groups, labels);
  const worst = conflicts
    .slice(0, MOST_CONFLICTS)
    .map((conflict) => ({ ...conflict, rows: representatives(conflict.rows, labels, MOST_OF_CONFLICT) }));
  const extreme = extremeRows(labels.from);
  const oldest = extreme.slice(0, MOST_EXTREME);
  const { names, groupOf } = labels.groups();
  const samples = sampleBands(groupOf, sample, seed, names.length);
  const summaries = await summariesOf(store, [
    ...oldest,
    ...worst.flatMap(({ rows }) => rows),
    ...samples.flat(),
  ]);
  const summary = (row: number) => summaries.get(row)!;
  const bandCounts = countBands(groupOf, names.length);

  return {
    store: store.info,
    rows: store.length,
    kinds: labels.kinds(),
    ages: labels.histogram(),
    irregularities: ageIrregularities(labels.yearCounts()),
    table: labels.table(),
    genders: labels.genderCounts(),
    sources: labels.sources.named(),
    splits: labels.splits.named(),
    identities: labels.identityCounts(),
    pictures,
    duplicates: {
      groups: groups.length,
      rows: groups.reduce((sum, group) => sum + group.length, 0),
      largest: groups.reduce((most, group) => Math.max(most, group.length), 0),
    },
    suspicious: {
      conflicts: {
        count: conflicts.length,
        worst: worst.map((conflict) => ({ ...conflict, rows: conflict.rows.map(summary) })),
      },
      extreme: { count: extreme.length, oldest: oldest.map(summary) },
    },
    rejects: await rejectCounts(store.folder, store.info),
    samples: samples.map((rows, band) => ({
      band: names[band]!,
      count: bandCounts[band]!,
      rows: rows.map(summary),
    })),
    seed,
  };
}

/** Rows above the oldest age of networks, oldest first. */
function extremeRows(from: Float32Array): number[] {
  const rows: number[] = [];
  from.forEach((age, row) => {
    if (age > OLDEST) rows.push(row);
  });
  return rows.sort((a, b) => from[b]! - from[a]! || a - b);
}

function countBands(band: Uint8Array, length: number): number[] {
  const counts = new Array<number>(length).fill(0);
  for (const index of band) if (index < counts.length) counts[index]!++;
  return counts;
}

/** A second pass over the labels for the few rows shown: keeping all of them would take far more memory. */
async function summariesOf(
  store: InspectedStore,
  rows: readonly number[],
): Promise<ReadonlyMap<number, RowSummary>> {
  const requested = new Set(rows);
  const found = new Map<number, RowSummary>();
  if (requested.size === 0) return found;
  for await (const row of store.rows()) {
    if (requested.has(row.index)) found.set(row.index, summarize(row));
    if (found.size === requested.size) break;
  }
  return found;
}

function summarize({ index, path, face, age, gender, race }: StoreRow): RowSummary {
  const known = {
    ...(face && { face }),
    ...(age && { age }),
    ...(gender && { gender }),
    ...(race && { race }),
  };
  return { index, path, ...known };
}
