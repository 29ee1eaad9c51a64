/**
 * Data sets, from files to batches, compared with plain sharp on the same pictures.
 *
 *     npm run bench:data [-- rows]
 *
 * - import: pictures of UTKFace into a store at 128 px, and sharp alone decoding, resizing and encoding them.
 * - large store: rows (500,000 unless given) made by repeating pictures under new names are imported, inspected and
 *   iterated, each in its own process, whose peak resident set is reported.
 * - loader: batches of 112 px from a store at 128 px, and sharp alone decoding it; how long a training step waits.
 */
import { importBench } from './lib/data-import.js';
import { loaderBench } from './lib/data-loader.js';
import { largeStoreBench } from './lib/large-store.js';
import { runBenchmark, UsageError } from './lib/report.js';

const ROWS = 500_000;

await runBenchmark(async () => {
  const rows = Number(process.argv[2] ?? ROWS);
  if (!(Number.isInteger(rows) && rows > 0)) {
    throw new UsageError(`rows: expected a positive whole number, found '${process.argv[2]}'`);
  }
  return [...(await importBench()), ...(await largeStoreBench(rows)), ...(await loaderBench())];
});
