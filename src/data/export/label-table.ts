/** The labels of a store's rows as the rows of a CSV file, whose columns the reader of CSV files knows. */
import { stringify } from 'csv-stringify/sync';
import { plainText } from '../plain-text.js';
import { labelCells } from '../store/columns.js';
import type { StoreRow } from '../store/index.js';

const LABELS = ['age', 'age_min', 'age_max', 'age_std', 'gender', 'race', 'identity'] as const;
const BOX = ['face_x', 'face_y', 'face_width', 'face_height'] as const;

/** `source_path` is the picture's path in the data set. */
export const TITLES = ['row', 'path', ...LABELS, ...BOX, 'source', 'source_path', 'split'] as const;

export const tableHead = (): string => stringify([TITLES]);

/** @param path the path of the row's picture for the file's reader */
export function tableRow(row: StoreRow, path: string): string {
  const cells = labelCells(row, row.source);
  const box = row.faceBox;
  const boxCells = [box?.x, box?.y, box?.width, box?.height];
  const labels = LABELS.map((name) => cells[name]);
  const all = [row.index, path, ...labels, ...boxCells, row.source, row.path, row.split];
  return stringify([all.map((cell) => (typeof cell === 'string' ? plainText(cell) : cell))]);
}
