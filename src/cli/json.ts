/** `--json`: one object per line for each picture (https://jsonlines.org). */
import type { Format } from './format.js';
import { jsonText } from './text.js';

export const jsonFormat: Format = {
  includesErrors: true,
  head: () => '',
  picture: jsonText,
  tail: () => '',
};
