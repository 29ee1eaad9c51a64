/**
 * Fine-tunes the packaged face network on your own pictures, in folders named by age (`faces/25/anna.jpg`):
 *
 *     npx tsx examples/fine-tune.ts faces out --epochs 6
 *     npx agewise estimate portraits --cropped --model out/model.onnx
 *
 * It prints how many faces it learns from and how many it chooses the best weights by, then how far off those are:
 *
 *     800 faces to learn from, 200 to choose by
 *     epoch 1: off by 9.3 years
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { importDataset, readerOf } from 'agewise/data';
import { writeModelFile } from 'agewise/onnx/file';
import { checkRecipe, exportRuns, train } from 'agewise/train';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { epochs: { type: 'string', default: '6' }, margin: { type: 'string' } },
});
const [faces, out] = positionals;
if (faces === undefined || out === undefined) throw new Error('usage: fine-tune.ts FACES OUT');

const optimizer = { kind: 'adamw', weightDecay: 0.05 } as const;
const recipe = checkRecipe(
  {
    name: 'fine-tuned',
    title: 'HSE-FaceRes fine-tuned',
    source: 'examples/fine-tune.ts',
    reports: 'nothing',
    network: { backbone: 'shipped:agewise-base' },
    // How much around a face the pictures show, as a share of its box; measured if left out.
    input: { size: 96, ...(values.margin !== undefined && { margin: Number(values.margin) }) },
    heads: { age: { spread: 2 } },
    data: { split: { name: 'shares', shares: { train: 0.8, validation: 0.2 }, stratify: false } },
    batch: 4,
    stages: [
      // The new head first, so that its noise does not spoil the backbone.
      { name: 'head', train: 'heads', epochs: 1, rate: 1e-3, optimizer },
      { name: 'whole', epochs: Number(values.epochs), rate: 2e-4, backboneRate: 0.4, optimizer },
    ],
  },
  'fine-tuned',
);

const store = join(out, 'store');
await importDataset(faces, store, { reader: readerOf('folders') });
const run = join(out, 'run');
await train(recipe, run, [store], {
  onStart: (start) =>
    console.log(`${start.faces.train} faces to learn from, ${start.faces.validation} to choose by`),
  onEntry: (entry) => {
    if (entry.kind !== 'epoch' || entry.validation?.mae === undefined) return;
    console.log(`epoch ${entry.epoch}: off by ${entry.validation.mae.toFixed(1)} years`);
  },
});
const { model } = await exportRuns([run]);
await writeModelFile(join(out, 'model.onnx'), model);
