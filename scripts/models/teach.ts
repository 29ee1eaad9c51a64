/**
 * Writes the mean predictions of models on stores, as targets for students (`heads.age.teacher` of a recipe):
 *
 *     npx tsx scripts/models/teach.ts --model RUN.onnx [--model ...] --data STORE [--data ...] --out FILE
 *
 * --model    a model made by `agewise export`; several are averaged
 * --data     a store
 * --out      the file, safetensors of 110 bytes a face
 * --split    the split of the stores, default hash
 * --part     the part of the split to predict; default train, since students must not see the others
 * --threads  threads on the CPU
 */
import { parseArgs } from 'node:util';
import { writeTeacher } from '../../src/train/index.js';
import { teach } from './teacher.js';

/** The number of faces between lines of progress. */
const EVERY = 5000;

const { values } = parseArgs({
  options: {
    model: { type: 'string', multiple: true, default: [] },
    data: { type: 'string', multiple: true, default: [] },
    out: { type: 'string' },
    split: { type: 'string', default: 'hash' },
    part: { type: 'string', default: 'train' },
    threads: { type: 'string' },
  },
});
const { model, data, out, split, part, threads } = values;
if (model.length === 0 || data.length === 0 || out === undefined) {
  throw new Error('usage: teach.ts --model RUN.onnx ... --data STORE ... --out FILE');
}

let processed = 0;
const faces = await teach(model, data, {
  split,
  part,
  threads: threads === undefined ? undefined : Number(threads),
  onProgress(done, total) {
    if (done < processed + EVERY && done < total) return;
    processed = done;
    console.error(`${done} of ${total}`);
  },
});
await writeTeacher(out, faces);
console.log(`${out}: ${faces.length} faces of ${model.length} models`);
