/**
 * Data sets, from files to batches, compared with plain sharp on the same pictures.
 *
 *     npm run bench:data [-- --rows 500000 --pictures 1500 --rounds 7]
 *
 * - import: pictures of UTKFace into a store at 128 px, and sharp alone decoding, resizing and encoding them; a fifth of them
 *   with their faces cut out by the detector, and sharp and the detector alone.
 * - large store: rows made by repeating pictures under new names are imported, inspected and iterated, each in its own process,
 *   whose peak resident set is reported.
 * - loader: batches of 112 px from a store at 128 px, and sharp alone decoding it; how long a training step waits.
 */
import { parseArgs } from 'node:util';
import { importBench } from './lib/data-import.js';
import { loaderBench } from './lib/data-loader.js';
import { largeStoreBench } from './lib/large-store.js';
import { positiveNumber, runBenchmark } from './lib/report.js';

await runBenchmark(async () => {
  const { values } = parseArgs({
    options: {
      rows: { type: 'string', default: '500000' },
      pictures: { type: 'string', default: '1500' },
      rounds: { type: 'string', default: '7' },
    },
  });
  const rows = positiveNumber('--rows', values.rows);
  const options = {
    pictures: positiveNumber('--pictures', values.pictures),
    rounds: positiveNumber('--rounds', values.rounds),
  };
  return [...(await importBench(options)), ...(await largeStoreBench(rows)), ...(await loaderBench())];
});
