import { AgewiseError, sentenceAbout } from '../../errors/index.js';

/** Thrown, in one sentence that names the file, if weights or a backbone cannot be read or do not match. */
export class WeightsError extends AgewiseError {
  override readonly name = 'WeightsError';
}

/** Runs `action` and converts its errors to a WeightsError that begins with `name`. */
export function naming<T>(name: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof WeightsError) throw error;
    throw new WeightsError(sentenceAbout(name, error), { cause: error });
  }
}

/** `a`, `b` and `c`. */
export function listed(items: readonly string[]): string {
  return items.length > 1 ? `${items.slice(0, -1).join(', ')} and ${items.at(-1)}` : (items[0] ?? 'none');
}

/** All names, each quoted, those that are numbered one after another as `'conv2d_3' to 'conv2d_7'`. */
export function joinRanges(names: readonly string[]): string {
  const parts: string[] = [];
  for (let i = 0; i < names.length; ) {
    let end = i;
    while (end + 1 < names.length && follows(names[end]!, names[end + 1]!)) end++;
    const [first, last] = [names[i]!, names[end]!];
    if (end - i >= 2) parts.push(`'${first}' to '${last}'`);
    else parts.push(...names.slice(i, end + 1).map((name) => `'${name}'`));
    i = end + 1;
  }
  return listed(parts);
}

function follows(a: string, b: string): boolean {
  const [, stem, number] = /^(.*?)(\d+)$/.exec(a) ?? [];
  return stem !== undefined && b === `${stem}${Number(number) + 1}`;
}

/** `a`, `b` and 3 more: a list cut to its first few items. */
export function few(items: readonly string[], most = 8): string {
  const more = items.length - most;
  return more > 0 ? `${items.slice(0, most).join(', ')} and ${more} more` : listed(items);
}
