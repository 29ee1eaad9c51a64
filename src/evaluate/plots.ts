/** Data for a report's plots and lists: estimated against true ages, errors by age, the worst faces, counts of faces. */
import { GENDERS, OLDEST } from '../age/index.js';
import {
  countCells,
  type Decoding,
  type FaceTable,
  type Measure,
  onceEach,
  orderByCell,
  sumCells,
  valuesByCell,
  yearsOff,
} from '../metrics/index.js';
import type { AgeErrors, Density, Evaluation, FaceCount, WorstFace } from './document.js';
import { AGE_BAND, columnOf, DECODINGS, decoded } from './parts.js';
import { type Draws, figures } from './sections.js';

/** Narrower cells would hold one face each. */
const CELL_YEARS = 2;
/** Narrower bins have intervals too wide to be read. */
const BIN_YEARS = 5;
/** The number of faces listed as the worst. */
const WORST_FACES = 20;

export function plotData(
  table: FaceTable,
  draws: Draws,
): Pick<Evaluation, 'density' | 'errorsByAge' | 'worst' | 'counts'> {
  return {
    density: decoded((decoding) => density(table, decoding)),
    errorsByAge: decoded((decoding) => errorsByAge(table, decoding, draws)),
    worst: worstFaces(table),
    counts: faceCounts(table),
  };
}

/** The known age of a face with an estimate; NaN otherwise. */
const knownAge = ({ low, high }: FaceTable, estimates: Float64Array, i: number): number =>
  low[i] === high[i] && !Number.isNaN(estimates[i]!) ? low[i]! : Number.NaN;

const lowerEdge = (age: number, width: number): number => width * Math.floor(age / width);

function density(table: FaceTable, decoding: Decoding): Density | null {
  const estimates = table[decoding];
  const faces = new Map<string, number>();
  for (let i = 0; i < table.count; i++) {
    const age = knownAge(table, estimates, i);
    if (Number.isNaN(age)) continue;
    const cell = `${lowerEdge(age, CELL_YEARS)} ${lowerEdge(estimates[i]!, CELL_YEARS)}`;
    faces.set(cell, (faces.get(cell) ?? 0) + 1);
  }
  if (faces.size === 0) return null;
  const cells = [...faces].map(([cell, count]): [number, number, number] => {
    const [age, estimate] = cell.split(' ').map(Number);
    return [age!, estimate!, count];
  });
  return { cellYears: CELL_YEARS, cells: cells.sort((a, b) => a[0] - b[0] || a[1] - b[1]) };
}

/** The last bin includes all older faces. */
const BINS = Math.floor(OLDEST / BIN_YEARS);

function errorsByAge(table: FaceTable, decoding: Decoding, draws: Draws): AgeErrors[] | null {
  const estimates = table[decoding];
  const counts = new Array<number>(BINS).fill(0);
  let oldest = 0;
  const bins = Int8Array.from({ length: table.count }, (_, i) => {
    const age = knownAge(table, estimates, i);
    if (Number.isNaN(age)) return -1;
    const bin = Math.min(BINS - 1, Math.floor(age / BIN_YEARS));
    counts[bin]!++;
    oldest = Math.max(oldest, age);
    return bin;
  });
  if (counts.every((count) => count === 0)) return null;
  const cells = orderByCell(bins, BINS);
  const errors = estimates.map((estimate, i) => estimate - table.low[i]!);
  const [signed, absolute] = [errors, errors.map(Math.abs)].map((values) => valuesByCell(cells, values));
  const [faces, bias, mae] = Array.from({ length: 3 }, () => new Float64Array(BINS));
  const once = onceEach(table.count);
  const measure: Measure = (weights = once) => {
    countCells(cells, weights, faces!);
    sumCells(absolute!, weights, mae!);
    sumCells(signed!, weights, bias!);
    const means: Record<string, number> = {};
    for (let bin = 0; bin < BINS; bin++) {
      if (counts[bin] === 0) continue;
      means[`mae ${bin}`] = mae![bin]! / faces![bin]!;
      means[`bias ${bin}`] = bias![bin]! / faces![bin]!;
    }
    return means;
  };
  const found = figures(measure, table, draws);
  return counts.flatMap((n, bin) => {
    if (n === 0) return [];
    const from = bin * BIN_YEARS;
    const to = bin === BINS - 1 ? Math.max(oldest + 1, from + BIN_YEARS) : from + BIN_YEARS;
    return [{ from, to, n, mae: found[`mae ${bin}`]!, bias: found[`bias ${bin}`]! }];
  });
}

function worstFaces(table: FaceTable): WorstFace[] {
  const decoding = DECODINGS.find((name) => table[name].some((age) => !Number.isNaN(age)));
  if (decoding === undefined) return [];
  const faces: WorstFace[] = [];
  for (let i = 0; i < table.count; i++) {
    const [low, high, estimate] = [table.low[i]!, table.high[i]!, table[decoding][i]!];
    if (Number.isNaN(low) || Number.isNaN(estimate)) continue;
    const off = yearsOff(estimate, low === high ? { age: low } : { from: low, to: high });
    faces.push({ face: i, low, high, estimate, error: estimate < low ? -off : off });
  }
  return faces.sort((a, b) => Math.abs(b.error) - Math.abs(a.error) || a.face - b.face).slice(0, WORST_FACES);
}

function faceCounts(table: FaceTable): FaceCount[] {
  const { values: bands, codes: band } = columnOf(table, AGE_BAND);
  const race = table.columns.get('race');
  const found = new Map<string, { place: readonly number[]; faces: number }>();
  for (let i = 0; i < table.count; i++) {
    const place = [band[i]!, table.gender[i]!, race?.codes[i] ?? -1];
    const key = place.join(' ');
    const entry = found.get(key) ?? { place, faces: 0 };
    entry.faces++;
    found.set(key, entry);
  }
  const order = (a: readonly number[], b: readonly number[]) =>
    a.reduce((sofar, value, n) => sofar || last(value) - last(b[n]!), 0);
  return [...found.values()]
    .sort((a, b) => order(a.place, b.place))
    .map(({ place: [b, g, r], faces }) => ({
      ageBand: bands[b!] ?? null,
      gender: GENDERS[g!] ?? null,
      race: race?.values[r!] ?? null,
      faces,
    }));
}

/** Unknown values come last. */
const last = (code: number): number => (code < 0 ? Number.MAX_SAFE_INTEGER : code);
