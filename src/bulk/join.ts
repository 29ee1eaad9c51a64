/** Joins the estimates of shards, stretches or every n-th picture, into one file in the order of the inputs. */
import { writeWholeShared } from '../files/index.js';
import { BulkError } from './error.js';
import { type EstimateRow, INDEX } from './estimate-rows.js';
import { EstimatesReader, writeEstimates } from './estimates-file.js';
import { type EstimateRequest, sameRequest } from './request.js';

/** A shard's file, and the index of its first picture. */
export interface Part {
  readonly path: string;
  readonly first: number;
}

export interface Joined {
  readonly rows: number;
  readonly pictures: number;
}

/**
 * Writes the file that a single process would have written, the whole file or none. A part is open only while its pictures
 * are copied.
 * @param parts in any order
 * @param expected the number of pictures and, if known, of rows
 * @throws BulkError if a picture is missing or duplicated, a part belongs to another request or cannot be read, or a count
 *   differs
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

/**
 * The number of rows in memory, of all parts together: some 20 MB. Parts with every n-th picture are open at the same time,
 * so each has an n-th of them.
 */
const MOST_ROWS = 2 ** 15;

/** The open parts, by the index of the next picture of each. */
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
    found: `picture ${part.index}, which is also in '${other.path}'`,
  });
}

class OpenPart {
  /** The next row. */
  head: EstimateRow | undefined;

  private constructor(
    readonly path: string,
    private readonly reader: EstimatesReader,
    private readonly rows: AsyncGenerator<EstimateRow>,
  ) {}

  static async open(path: string, request: EstimateRequest): Promise<OpenPart> {
    const reader = await EstimatesReader.open(path);
    const { shard, ...own } = reader.info.request;
    const rows = reader.rows(Math.ceil(MOST_ROWS / (shard?.of ?? 1)));
    const part = new OpenPart(path, reader, rows);
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
