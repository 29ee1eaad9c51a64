/** The functions of resample.wat, their memory, and the writers of rows that lie in it. */
import { growTo, lazyKernels, type Memory } from '../wasm/index.js';
import { RESAMPLE_KERNELS } from './resample-kernels.js';
import type { ByteRows, RowWriter, TensorRows } from './rows.js';

export const U16 = Uint16Array.BYTES_PER_ELEMENT;
export const I32 = Int32Array.BYTES_PER_ELEMENT;
const F32 = Float32Array.BYTES_PER_ELEMENT;
const F64 = Float64Array.BYTES_PER_ELEMENT;
/** Bytes of a vector. */
export const VECTOR = 16;
/** The most bytes that a function reads or writes beyond the last number. */
const BEYOND = 4 * VECTOR;
/** Doubles in front of rows of a tensor. */
const TERMS = 8;

/** The functions and the memory of resample.wat; addresses are in bytes. */
export interface Kernels {
  readonly memory: Memory;
  blendRows(taps: number, count: number, bytes: number, out: number): void;
  blendColumns(first: number, weights: number, pairs: number, count: number, out: number): void;
  sampleLine(
    pixels: number,
    pitch: number,
    count: number,
    x: number,
    y: number,
    stepX: number,
    stepY: number,
    lastX: number,
    lastY: number,
    out: number,
  ): void;
  writeBytes(row: number, count: number, out: number): void;
  writeTensor(
    row: number,
    count: number,
    terms: number,
    red: number,
    green: number,
    blue: number,
    step: number,
  ): void;
  writePlanes(row: number, count: number, terms: number, red: number, green: number, blue: number): void;
}

export const loadKernels = lazyKernels<Kernels>(RESAMPLE_KERNELS);

/** Numbers in the kernels' memory. */
export interface Numbers {
  readonly address: number;
  readonly numbers: Int32Array;
}

/** The addresses of pieces of memory of so many bytes, which grows to the most that was needed. */
export function place(memory: Memory, lengths: readonly number[]): number[] {
  let end = 0;
  const addresses = lengths.map((bytes) => {
    const address = end;
    end = roundUp(end + bytes + BEYOND, VECTOR);
    return address;
  });
  growTo(memory, end);
  return addresses;
}

export const roundUp = (bytes: number, to: number): number => Math.ceil(bytes / to) * to;

/** The bytes of memory of its own that a writer of `count` × `rows` pixels needs. */
export const bytesOfWriter = ({ tensor }: RowWriter, count: number, rows: number): number =>
  TERMS * F64 + 3 * count * F32 * (tensor && isDense(tensor, count, rows) ? rows : 1);

/** A writer of rows in the kernels' memory; `finish` is to be called after the last one. */
interface VectorWriter {
  readonly write: RowWriter;
  finish(): void;
}

const NOTHING = () => {};

/**
 * The same as a writer, in a third of its time.
 * @param row where the rows are
 * @param address of `bytesOfWriter` bytes
 */
export function vectorWriter(
  kernels: Kernels,
  write: RowWriter,
  row: Numbers,
  address: number,
  rows: number,
): VectorWriter {
  if (write.tensor) return tensorWriter(kernels, write.tensor, row, address, rows);
  return { write: write.bytes ? byteWriter(kernels, write.bytes, row, address) : write, finish: NOTHING };
}

function byteWriter(
  { memory, writeBytes }: Kernels,
  { out, width }: ByteRows,
  { address, numbers }: Numbers,
  bytesAt: number,
): RowWriter {
  const bytes = new Uint8Array(memory.buffer, bytesAt, numbers.length);
  return (_, y) => {
    writeBytes(address, numbers.length, bytesAt);
    out.set(bytes, y * width * 3);
  };
}

/** Whether an image of `width` × `height` pixels fills its part of a tensor without gaps. */
function isDense({ rowStart, step, channelStep }: TensorRows, width: number, height: number): boolean {
  const rowStep = rowStart(1) - rowStart(0);
  return rowStep === width * step && (step === 3 || channelStep === width * height);
}

function tensorWriter(
  { memory, writeTensor, writePlanes }: Kernels,
  tensor: TensorRows,
  row: Numbers,
  address: number,
  rows: number,
): VectorWriter {
  const { out, rowStart, step, channelStep, gain, bias, red } = tensor;
  const blue = 2 - red;
  const terms = [
    gain[red]!,
    gain[1]!,
    bias[red]!,
    bias[1]!,
    gain[blue]!,
    gain[blue]!,
    bias[blue]!,
    bias[blue]!,
  ];
  new Float64Array(memory.buffer, address, TERMS).set(terms);
  const count = row.numbers.length / 3;
  const start = address + TERMS * F64;
  const isPlanar = step === 1;
  if (isDense(tensor, count, rows)) {
    // All rows are collected and copied in one piece.
    const apart = channelStep * F32;
    const write = (_: Int32Array, y: number) => {
      const at = start + y * count * step * F32;
      const [redAt, greenAt, blueAt] = [at + red * apart, at + apart, at + blue * apart];
      if (isPlanar && count % 4 === 0) writePlanes(row.address, count, address, redAt, greenAt, blueAt);
      else writeTensor(row.address, count, address, redAt, greenAt, blueAt, step * F32);
    };
    const all = new Float32Array(memory.buffer, start, 3 * count * rows);
    return { write, finish: () => out.set(all, rowStart(0)) };
  }
  const apart = (isPlanar ? count : 1) * F32;
  const [redAt, greenAt, blueAt] = [start + red * apart, start + apart, start + blue * apart];
  const parts = isPlanar
    ? [0, 1, 2].map((c) => new Float32Array(memory.buffer, start + c * apart, count))
    : [new Float32Array(memory.buffer, start, 3 * count)];
  const write = (_: Int32Array, y: number) => {
    writeTensor(row.address, count, address, redAt, greenAt, blueAt, step * F32);
    const to = rowStart(y);
    for (let c = 0; c < parts.length; c++) out.set(parts[c]!, to + c * channelStep);
  };
  return { write, finish: NOTHING };
}
