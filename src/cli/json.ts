/** `--json`: one object a line for each picture (https://jsonlines.org). */
import type { Format } from './format.js';

export const jsonFormat: Format = {
  tellsErrors: true,
  head: () => '',
  picture: (record) => `${JSON.stringify(record)}\n`,
  tail: () => '',
};
