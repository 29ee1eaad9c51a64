/** Compares the rows of two files of estimates: `same-rows.ts ONE.parquet OTHER.parquet`. */
import { EstimatesReader } from '../../src/bulk/node.js';

async function rowsOf(path: string): Promise<string[]> {
  const reader = await EstimatesReader.open(path);
  const rows: string[] = [];
  for await (const row of reader.rows())
    rows.push(JSON.stringify(row, (_, value) => (typeof value === 'bigint' ? Number(value) : value)));
  await reader.close();
  return rows;
}

const [one, other] = await Promise.all(process.argv.slice(2, 4).map(rowsOf));
const at = one!.findIndex((row, i) => row !== other![i]);
if (one!.length === other!.length && at < 0) console.log(`${one!.length} rows, the same in both`);
else {
  console.error(
    `expected the same rows, found ${one!.length} and ${other!.length}; row ${at} is the first that differs`,
  );
  process.exitCode = 1;
}
