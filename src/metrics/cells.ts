/**
 * Faces in cells: how many there are in each, and sums of values over each, as functions of weights. Figures are made of
 * these. For the bootstrap they are taken of several draws at once, by vector instructions of WebAssembly (cells.wat), in
 * a tenth of the time of the same loops in JavaScript; counts are the same, and so are sums to the last digit.
 */
import { growTo, lazyKernels, type Memory } from '../wasm/index.js';
import { CELL_KERNELS } from './cell-kernels.js';

/** How often each face counts, from 0. */
export type Weights = ArrayLike<number> | Draw;

/** A weight of 1 for each face. */
export const onceEach = (faces: number): Uint16Array => new Uint16Array(faces).fill(1);

/** The number of draws whose sums are taken together. */
export const TOGETHER = 16;

/** Draws of the bootstrap whose sums are taken together. */
export interface Draws {
  /** `[units, TOGETHER]`: how often each unit is drawn. They must not change as long as they are used. */
  readonly times: Uint16Array;
  /** The unit of each face, the same array for all draws; absent if each face is a unit of its own. */
  readonly unitOf?: Int32Array | undefined;
}

/** The weights of one of several draws. */
export class Draw {
  constructor(
    readonly draws: Draws,
    /** Its place among them. */
    readonly place: number,
  ) {}

  /** How often a face counts. */
  of(face: number): number {
    const { times, unitOf } = this.draws;
    return times[(unitOf === undefined ? face : unitOf[face]!) * TOGETHER + this.place]!;
  }
}

/** How often a face counts. */
export const weightOf = (weights: Weights, face: number): number =>
  weights instanceof Draw ? weights.of(face) : weights[face]!;

/** Faces in the order of their cells. */
export interface CellOrder {
  /** The index of each face that has a cell. */
  readonly order: Int32Array;
  /** The place in `order` behind the last face of each cell. */
  readonly ends: Int32Array;
}

/** @param cells of each face, from 0 below `size`; a face of any other is left out */
export function orderByCell(cells: ArrayLike<number>, size: number): CellOrder {
  const counts = new Int32Array(size);
  for (let i = 0; i < cells.length; i++) if (cells[i]! >= 0 && cells[i]! < size) counts[cells[i]!]!++;
  const next = new Int32Array(size);
  for (let cell = 1; cell < size; cell++) next[cell] = next[cell - 1]! + counts[cell - 1]!;
  const order = new Int32Array(size === 0 ? 0 : next[size - 1]! + counts[size - 1]!);
  for (let i = 0; i < cells.length; i++) {
    if (cells[i]! >= 0 && cells[i]! < size) order[next[cells[i]!]!++] = i;
  }
  return { order, ends: next };
}

/** Sums of the last draws. */
interface Last<T> {
  readonly draws: Draws;
  /** `[TOGETHER, cells]`, and the same by draw. */
  readonly sums: T;
  readonly ofDraw: readonly T[];
}

/**
 * The sums of a draw, of those that `take` makes of all draws together when the first of them is asked for.
 * @param key whose sums they are, with the last ones in `lasts`
 */
function sumsOfDraw<K extends object, T extends Int32Array | Float64Array>(
  lasts: WeakMap<K, Last<T>>,
  key: K,
  { draws, place }: Draw,
  take: (key: K, draws: Draws, out?: T) => T,
): T {
  let last = lasts.get(key);
  if (last?.draws !== draws) {
    const sums = take(key, draws, last?.sums);
    const cells = sums.length / TOGETHER;
    const ofDraw =
      last?.ofDraw ??
      Array.from({ length: TOGETHER }, (_, n) => sums.subarray(n * cells, (n + 1) * cells) as T);
    last = { draws, sums, ofDraw };
    lasts.set(key, last);
  }
  return last.ofDraw[place]!;
}

const lastCounts = new WeakMap<CellOrder, Last<Int32Array>>();

/** The sums of each cell in a draw, as `countCells` has them, without a copy: they hold until other draws are counted. */
export const countsOfDraw = (cells: CellOrder, draw: Draw): Int32Array =>
  sumsOfDraw(lastCounts, cells, draw, countTogether);

/** Sets the count of each cell to the sum of its faces' weights. */
export function countCells(cells: CellOrder, weights: Weights, counts: Float64Array): void {
  const { order, ends } = cells;
  if (weights instanceof Draw) {
    counts.set(countsOfDraw(cells, weights));
    return;
  }
  let n = 0;
  for (let cell = 0; cell < ends.length; cell++) {
    const end = ends[cell]!;
    let sum = 0;
    for (; n < end; n++) sum += weights[order[n]!]!;
    counts[cell] = sum;
  }
}

/** A finite value for each face of some cells. */
export interface CellValues {
  readonly cells: CellOrder;
  /** In the order of `cells`. */
  readonly inOrder: Float64Array;
}

/** @param values by face */
export function valuesByCell(cells: CellOrder, values: ArrayLike<number>): CellValues {
  const inOrder = new Float64Array(cells.order.length);
  for (let n = 0; n < inOrder.length; n++) inOrder[n] = values[cells.order[n]!]!;
  return { cells, inOrder };
}

const lastSums = new WeakMap<CellValues, Last<Float64Array>>();

/** Sets each sum to that of weight · value over the faces of a cell. */
export function sumCells(values: CellValues, weights: Weights, sums: Float64Array): void {
  const {
    cells: { order, ends },
    inOrder,
  } = values;
  if (weights instanceof Draw) {
    sums.set(sumsOfDraw(lastSums, values, weights, sumTogether));
    return;
  }
  let n = 0;
  for (let cell = 0; cell < ends.length; cell++) {
    const end = ends[cell]!;
    let sum = 0;
    for (; n < end; n++) sum += weights[order[n]!]! * inOrder[n]!;
    sums[cell] = sum;
  }
}

function countTogether(cells: CellOrder, draws: Draws, out?: Int32Array): Int32Array {
  const size = TOGETHER * cells.ends.length;
  const counts = out ?? new Int32Array(size);
  if (size === 0) return counts;
  const { kernels, order, ends, free } = load(cells, draws, size * I32);
  kernels.countCells(order, ends, cells.ends.length, WEIGHTS, free);
  counts.set(new Int32Array(kernels.memory.buffer, free, size));
  return counts;
}

function sumTogether({ cells, inOrder }: CellValues, draws: Draws, out?: Float64Array): Float64Array {
  const size = TOGETHER * cells.ends.length;
  const sums = out ?? new Float64Array(size);
  if (size === 0) return sums;
  const { kernels, order, ends, free } = load(cells, draws, (inOrder.length + size) * F64);
  new Float64Array(kernels.memory.buffer, free, inOrder.length).set(inOrder);
  const to = free + inOrder.length * F64;
  kernels.sumCells(order, ends, cells.ends.length, WEIGHTS, free, to);
  sums.set(new Float64Array(kernels.memory.buffer, to, size));
  return sums;
}

const U16 = Uint16Array.BYTES_PER_ELEMENT;
const I32 = Int32Array.BYTES_PER_ELEMENT;
const F64 = Float64Array.BYTES_PER_ELEMENT;

/** The address of the weights. */
const WEIGHTS = 0;

/** The functions and the memory of cells.wat; addresses are in bytes. */
interface Kernels {
  readonly memory: Memory;
  countCells(order: number, ends: number, cells: number, weights: number, out: number): void;
  sumCells(order: number, ends: number, cells: number, weights: number, values: number, out: number): void;
}

const loadKernels = lazyKernels<Kernels>(CELL_KERNELS);

/** The weights in the kernels' memory. */
let loaded: WeakRef<Uint16Array> | undefined;

interface Units {
  readonly unitOf: Int32Array;
  /** Of the faces in the order of some cells. */
  readonly inOrder: Int32Array;
}

const lastUnits = new WeakMap<CellOrder, Units>();

/** The unit of each face in the order of cells. */
function unitsInOrder(cells: CellOrder, unitOf: Int32Array): Int32Array {
  let last = lastUnits.get(cells);
  if (last?.unitOf !== unitOf) {
    last = { unitOf, inOrder: cells.order.map((face) => unitOf[face]!) };
    lastUnits.set(cells, last);
  }
  return last.inOrder;
}

/** Copies weights and cells into the kernels' memory, which grows to the largest that was needed. */
function load(cells: CellOrder, { times, unitOf }: Draws, free: number) {
  const { ends } = cells;
  const order = unitOf === undefined ? cells.order : unitsInOrder(cells, unitOf);
  const kernels = loadKernels();
  const { memory } = kernels;
  const atOrder = WEIGHTS + times.length * U16;
  const atEnds = atOrder + order.length * I32;
  const atFree = F64 * Math.ceil((atEnds + ends.length * I32) / F64);
  growTo(memory, atFree + free);
  if (loaded?.deref() !== times) {
    new Uint16Array(memory.buffer, WEIGHTS, times.length).set(times);
    loaded = new WeakRef(times);
  }
  new Int32Array(memory.buffer, atOrder, order.length).set(order);
  new Int32Array(memory.buffer, atEnds, ends.length).set(ends);
  return { kernels, order: atOrder, ends: atEnds, free: atFree };
}
