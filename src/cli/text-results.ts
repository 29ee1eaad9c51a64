/** A file of results as text: what would have been printed. */
import { open } from 'node:fs/promises';
import type { WriteRecords } from '../bulk/node.js';
import type { Format } from './format.js';

/** Characters that are gathered before they are written. */
const PIECE = 2 ** 16;

export const textResults =
  (format: Format): WriteRecords =>
  async (path, records) => {
    const file = await open(path, 'wx');
    try {
      let text = format.head();
      for await (const { record } of records) {
        text += format.picture(record);
        if (text.length < PIECE) continue;
        await file.write(text);
        text = '';
      }
      await file.write(text);
    } finally {
      await file.close();
    }
  };
