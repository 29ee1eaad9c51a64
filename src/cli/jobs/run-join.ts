/** Runs `agewise jobs join`: shards' files → one file. */
import { BulkError, type EstimatesInfo, estimatesInfo, joinEstimates } from '../../bulk/node.js';
import { exists } from '../../files/index.js';
import { Console } from '../console.js';
import { counted } from '../table.js';
import { EXIT, UsageError } from '../usage.js';

/** @returns the exit code */
export async function joinFiles(files: readonly string[]): Promise<number> {
  const [parts, out] = [files.slice(0, -1), files.at(-1)!];
  if (parts.length === 0)
    throw new UsageError(`expected the files of shards and the file to write, found only '${out}'`);
  if (await exists(out)) throw new UsageError(`${out}: expected a new name, found an existing file`);
  const infos: (EstimatesInfo & { readonly path: string })[] = [];
  for (const path of parts) {
    const info = await estimatesInfo(path);
    if (info === undefined) {
      throw new BulkError({
        subject: path,
        expected: 'estimates of a shard',
        found: 'another file, or none',
      });
    }
    infos.push({ path, ...info });
  }
  const { shard, ...request } = infos[0]!.request;
  checkShards(
    infos.flatMap((info) => info.request.shard ?? []),
    shard?.of,
  );
  const withPictures = infos.flatMap(({ path, first }) => (first === null ? [] : [{ path, first }]));
  const { pictures, rows } = await joinEstimates(out, withPictures, request);
  await new Console().note(`${counted(pictures, 'picture')}, ${counted(rows, 'row')} in ${out}`);
  return EXIT.done;
}

/** Only this notices that the last shards are missing. */
function checkShards(shards: readonly { readonly number: number; readonly of: number }[], of = 0): void {
  const numbers = new Set(shards.map(({ number }) => number));
  const missing = Array.from({ length: of }, (_, i) => i + 1).filter((number) => !numbers.has(number));
  if (missing.length === 0 && shards.every((shard) => shard.of === of)) return;
  throw new UsageError(
    missing.length > 0
      ? `expected all ${of} shards, found no shard ${missing[0]}`
      : `expected shards i/${of}, found others among them`,
  );
}
