/**
 * Trains a small network from scratch on pictures of faces, in folders named by age (`faces/25/anna.jpg`):
 *
 *     npx tsx examples/train-from-scratch.ts faces out --epochs 20
 *     npx agewise estimate portraits --cropped --model out/model.onnx
 *
 * After each epoch it prints how far off the network is on the fifth of the pictures that it does not learn from:
 *
 *     epoch 1: off by 14.2 years
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { importDataset, readerOf } from 'agewise/data';
import { writeModelFile } from 'agewise/onnx/file';
import { checkRecipe, exportRuns, train } from 'agewise/train';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { epochs: { type: 'string', default: '20' }, margin: { type: 'string' } },
});
const [faces, out] = positionals;
if (faces === undefined || out === undefined) throw new Error('usage: train-from-scratch.ts FACES OUT');

const recipe = checkRecipe(
  {
    name: 'scratch',
    title: 'A small network from scratch',
    source: 'examples/train-from-scratch.ts',
    reports: 'nothing',
    network: { name: 'small-cnn' },
    // How much around a face the pictures show, as a share of its box; measured if left out.
    input: { size: 64, ...(values.margin !== undefined && { margin: Number(values.margin) }) },
    // An age counts for the years beside it too.
    heads: { age: { spread: 2 } },
    data: { split: { name: 'shares', shares: { train: 0.8, validation: 0.2 }, stratify: false } },
    batch: 16,
    augment: { flip: { probability: 0.5 } },
    stages: [{ name: 'fit', epochs: Number(values.epochs), rate: 1e-3, optimizer: { kind: 'adamw' } }],
  },
  'scratch',
);

// The pictures become a store, in which near-duplicates are known, so that no face is on both sides of the split.
const store = join(out, 'store');
await importDataset(faces, store, { reader: readerOf('folders') });

const run = join(out, 'run');
await train(recipe, run, [store], {
  onEntry: (entry) => {
    if (entry.kind !== 'epoch' || entry.validation?.mae === undefined) return;
    console.log(`epoch ${entry.epoch}: off by ${entry.validation.mae.toFixed(1)} years`);
  },
});

const { model } = await exportRuns([run]);
await writeModelFile(join(out, 'model.onnx'), model);
