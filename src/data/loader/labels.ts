/** The labels of a loader's rows, read once. */
import type { AgeLabel } from '../../age/index.js';
import { detectorBox, type KnownBoxes } from '../framing/index.js';
import type { RowSource } from '../store/index.js';
import { DataError, type Gender } from '../types.js';

/** Columns over the loader's rows; a row's index in them is its member number. */
export interface Labels {
  /** Row numbers, in shared memory. */
  readonly rows: Uint32Array;
  readonly ages: readonly (AgeLabel | undefined)[];
  readonly genders: readonly (Gender | undefined)[];
  /** Which of several stores each row is in; undefined if there is one. */
  readonly stores: Uint8Array | undefined;
  /** x, y, width and height of each face in its stored picture, NaN if there is no box; undefined if no row has one. */
  readonly boxes: Float64Array | undefined;
}

/**
 * @param selected row numbers; default all
 * @param known where the detector's box lies in the boxes of each store, which it then takes the place of
 * @throws DataError for a row that the store does not have, or none at all.
 */
export async function readLabels(
  store: Omit<LabelledRows, 'image'>,
  selected: Uint32Array = Uint32Array.from({ length: store.length }, (_, row) => row),
  known: readonly (KnownBoxes | undefined)[] = [],
): Promise<Labels> {
  if (selected.length === 0) throw new DataError(`${store.folder}: expected rows to load, found none`);
  const outside = selected.find((row) => row >= store.length);
  if (outside !== undefined) {
    throw new DataError(`${store.folder}: expected rows 0 to ${store.length - 1}, found ${outside}`);
  }
  const rows = new Uint32Array(new SharedArrayBuffer(selected.byteLength));
  rows.set(selected);
  const ages = new Array<AgeLabel | undefined>(rows.length);
  const genders = new Array<Gender | undefined>(rows.length);
  const boxes = new Float64Array(
    new SharedArrayBuffer(rows.length * 4 * Float64Array.BYTES_PER_ELEMENT),
  ).fill(Number.NaN);
  let boxed = false;
  const members = membersOf(rows, store.length);
  for await (const { index, age, gender, faceBox } of store.rows()) {
    for (let member = members.first[index]!; member !== NONE; member = members.next[member]!) {
      ages[member] = age;
      genders[member] = gender;
      if (faceBox === undefined) continue;
      const lies = known[store.storeOf?.(index) ?? 0];
      const { x, y, width, height } = lies ? detectorBox(faceBox, lies) : faceBox;
      boxes.set([x, y, width, height], 4 * member);
      boxed = true;
    }
  }
  const several = store.folders !== undefined && store.folders.length > 1;
  const stores = several ? shared(Uint8Array.from(rows, (row) => store.storeOf!(row))) : undefined;
  return { rows, ages, genders, stores, boxes: boxed ? boxes : undefined };
}

/** The labels of some of the rows, from one member number up to another. */
export function labelsBetween(labels: Labels, from: number, to: number): Labels {
  return {
    rows: labels.rows.subarray(from, to),
    ages: labels.ages.slice(from, to),
    genders: labels.genders.slice(from, to),
    stores: labels.stores?.subarray(from, to),
    boxes: labels.boxes?.subarray(4 * from, 4 * to),
  };
}

/** The source of labels and pictures: one store, or several as one. */
export interface LabelledRows extends RowSource {
  readonly folders?: readonly string[];
  storeOf?(row: number): number;
}

function shared(values: Uint8Array): Uint8Array {
  const memory = new Uint8Array(new SharedArrayBuffer(values.length));
  memory.set(values);
  return memory;
}

const NONE = 0xffffffff;

/** Linked lists of each row's members, since a row may be loaded more than once. */
function membersOf(rows: Uint32Array, length: number): { first: Uint32Array; next: Uint32Array } {
  const first = new Uint32Array(length).fill(NONE);
  const next = new Uint32Array(rows.length);
  for (let member = rows.length - 1; member >= 0; member--) {
    next[member] = first[rows[member]!]!;
    first[rows[member]!] = member;
  }
  return { first, next };
}
