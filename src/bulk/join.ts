/** Joins shards' estimates into one file in the order of the inputs, whether shards are stretches or every n-th picture. */
import { writeWholeShared } from '../files/index.js';
import { BulkError } from './error.js';
import { type EstimateRow, INDEX } from './estimate-rows.js';
import { EstimatesReader, writeEstimates } from './estimates-file.js';
import { type EstimateRequest, sameRequest } from './request.js';

/** A shard's file, and the place of its first picture among all. */
export interface Part {
  readonly path: string;
  readonly first: number;
}

export interface Joined {
  readonly rows: number;
  readonly pictures: number;
}

/**
 * Writes the file that a single process would have written, as a whole or not at all. A part is open only while its pictures
 * have their turn.
 * @param parts in any order
 * @param expected how many pictures and, where it is known, rows there must be
 * @throws BulkError where a picture is missing or there twice, a part is of another request or cannot be read, or the
 *   counts are others
 */
export function joinEstimates(
  out: string,
  parts: readonly Part[],
  request: EstimateRequest,
  expected: { readonly pictures?: number; readonly rows?: number } = {},
): Promise<Joined> {
  return writeWholeShared(out, async (partial) => {
    const joined = await writeEstimates(partial, request, joinedRows(parts, request));
    for (const what of ['pictures', 'rows'] as const) {
      if (expected[what] === undefined || expected[what] === joined[what]) continue;
      throw new BulkError({
        subject: out,
        expected: `${expected[what]} ${what}`,
        found: `${joined[what]}`,
      });
    }
    return joined;
  });
}

/** The parts that are open, by the place of the picture that each has next. */
type Heads = Map<number, OpenPart>;

async function* joinedRows(parts: readonly Part[], request: EstimateRequest): AsyncGenerator<EstimateRow> {
  const waiting = parts.toSorted((a, b) => a.first - b.first);
  const heads: Heads = new Map();
  try {
    for (let index = 0; ; index++) {
      while (waiting.length > 0 && waiting[0]!.first <= index) {
        await putBack(heads, await OpenPart.open(waiting.shift()!.path, request));
      }
      const part = heads.get(index);
      if (part === undefined) {
        const rest = [...heads.keys(), ...waiting.map(({ first }) => first)];
        if (rest.length === 0) return;
        const found = `none before picture ${Math.min(...rest)}`;
        throw new BulkError({ subject: 'shards', expected: `picture ${index} in one of them`, found });
      }
      heads.delete(index);
      for (; part.head !== undefined && part.index === index; await part.advance()) yield part.head;
      await putBack(heads, part);
    }
  } finally {
    for (const part of heads.values()) await part.close();
  }
}

async function putBack(heads: Heads, part: OpenPart): Promise<void> {
  if (part.head === undefined) return part.close();
  const other = heads.get(part.index);
  if (other === undefined) {
    heads.set(part.index, part);
    return;
  }
  await part.close();
  throw new BulkError({
    subject: part.path,
    expected: 'pictures that no other shard has',
    found: `picture ${part.index}, which '${other.path}' has too`,
  });
}

class OpenPart {
  /** The row that comes next. */
  head: EstimateRow | undefined;

  private constructor(
    readonly path: string,
    private readonly reader: EstimatesReader,
    private readonly rows: AsyncGenerator<EstimateRow>,
  ) {}

  static async open(path: string, request: EstimateRequest): Promise<OpenPart> {
    const reader = await EstimatesReader.open(path);
    const part = new OpenPart(path, reader, reader.rows());
    const { shard: _, ...own } = reader.info.request;
    if (!sameRequest(own, request)) {
      await reader.close();
      throw new BulkError({
        subject: path,
        expected: 'estimates of the same inputs, by the same models and options',
        found: 'others',
      });
    }
    await part.advance();
    return part;
  }

  get index(): number {
    return Number(this.head![INDEX]);
  }

  async advance(): Promise<void> {
    const { done, value } = await this.rows.next();
    this.head = done ? undefined : (value as EstimateRow);
  }

  close(): Promise<void> {
    return this.reader.close();
  }
}
