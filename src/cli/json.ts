/** `--json`: one object per line for each picture (https://jsonlines.org). */
import type { Format } from './format.js';

export const jsonFormat: Format = {
  includesErrors: true,
  head: () => '',
  picture: (record) => `${JSON.stringify(record)}\n`,
  tail: () => '',
};
