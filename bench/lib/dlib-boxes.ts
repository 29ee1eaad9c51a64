/** The annotations of dlib's example photographs. */
import { readFile } from 'node:fs/promises';
import type { Box } from '../../src/vision/index.js';

/** Boxes by file name, from a file in the format of dlib's imglab. */
export async function readDlibBoxes(file: string): Promise<Map<string, Box[]>> {
  return parseDlibBoxes(await readFile(file, 'latin1'));
}

/** Throws if an image has a box without its four numbers. */
export function parseDlibBoxes(xml: string): Map<string, Box[]> {
  const boxes = new Map<string, Box[]>();
  for (const [, name, body] of xml.matchAll(/<image\s+file='([^']+)'\s*>(.*?)<\/image>/gs)) {
    boxes.set(
      name!,
      [...body!.matchAll(/<box\s([^>]*)>/g)].map(([, attributes]) => ({
        x: readNumber(attributes!, 'left'),
        y: readNumber(attributes!, 'top'),
        width: readNumber(attributes!, 'width'),
        height: readNumber(attributes!, 'height'),
      })),
    );
  }
  return boxes;
}

function readNumber(attributes: string, name: string): number {
  const value = new RegExp(`\\b${name}='(-?\\d+)'`).exec(attributes)?.[1];
  if (value === undefined) throw new Error(`a box has no ${name}: ${attributes}`);
  return Number(value);
}
