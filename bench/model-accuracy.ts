/**
 * The accuracy of a model on stores: errors by age, gender and group, and the figures of age checks.
 *
 *     npx tsx bench/model-accuracy.ts MODEL STORE ... [--part test]
 *
 * Faces are cropped by the model's margin if a store has boxes, otherwise pictures are used whole.
 * Each store must be divided (`agewise data split STORE --method hash`).
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type AgeLabel, ageStatistics } from '../src/age/index.js';
import { boxesOf, Loader, readSplit, Store } from '../src/data/index.js';
import { decodeOutputs, readMetadata } from '../src/metadata/index.js';
import { readModel } from '../src/onnx/index.js';
import { floatData, floatTensor } from '../src/runtime/index.js';
import { createSession } from '../src/runtime/node.js';
import { formatTable, percent } from './lib/report.js';
import { mean } from './lib/statistics.js';

const BATCH = 32;
/** The years at which bands begin. */
const BANDS = [0, 3, 10, 20, 30, 40, 50, 60, 70, 80];

interface Face {
  readonly label: AgeLabel;
  readonly age: number;
  readonly interval: readonly [number, number];
  /** The largest probability of a year. */
  readonly spike: number;
  readonly genderIsRight: boolean;
}

const { values, positionals } = parseArgs({
  options: { part: { type: 'string', default: 'test' } },
  allowPositionals: true,
});
const [path, ...folders] = positionals;
if (path === undefined || folders.length === 0) throw new Error('usage: model-accuracy.ts MODEL STORE ...');

const bytes = await readFile(path);
const metadata = readMetadata(readModel(bytes), path);
const session = await createSession(bytes, path);
const { input, age, gender } = metadata;

for (const folder of folders) {
  const store = await Store.open(folder);
  const { parts } = await readSplit(join(folder, 'hash.split.json'), store);
  const loader = await Loader.create(store, {
    input,
    batch: BATCH,
    rows: parts.get(values.part)!,
    boxes: [store.info.boxes && boxesOf(store.info.boxes)],
    sampling: 'stored',
  });
  const faces: Face[] = [];
  for await (const batch of loader.batches({ epochs: 1 })) {
    const count = batch.rows.length;
    const images = floatTensor(batch.images, [count, 3, input.height, input.width]);
    const outputs = await session.run({ image: images }, [age!.name, gender!.name]);
    const answers = decodeOutputs(
      metadata,
      { age: floatData(outputs[age!.name]!), gender: floatData(outputs[gender!.name]!) },
      count,
    );
    answers.forEach((answer, i) => {
      const statistics = ageStatistics(answer.age);
      faces.push({
        label: batch.ages[i]!,
        age: statistics.mean,
        interval: statistics.interval,
        spike: Math.max(...Array.from(answer.age.probabilities)),
        genderIsRight: (answer.female! > 0.5 ? 'female' : 'male') === batch.genders[i],
      });
    });
  }
  report(store.info.title, faces);
  await loader.close();
  await store.close();
}
await session.dispose();

function report(title: string, faces: readonly Face[]): void {
  console.log(`\n${title}, part '${values.part}': ${faces.length} faces`);
  console.log(`gender accuracy                 ${percent(mean(faces.map((f) => Number(f.genderIsRight))))}`);
  const exact = faces.flatMap(({ label, ...face }) =>
    'from' in label ? [] : [{ ...face, label: label.age }],
  );
  if (exact.length === 0) {
    const inGroup = ({ label, age }: Face) =>
      'from' in label &&
      Math.floor(age + 0.5) >= label.from &&
      (label.to >= 100 || Math.floor(age + 0.5) <= label.to);
    console.log(`mean in the labelled group   ${percent(mean(faces.map((f) => Number(inGroup(f)))))}`);
    return;
  }
  type Exact = (typeof exact)[number];
  const row = (name: string, some: readonly Exact[]) => [
    name,
    String(some.length),
    mean(some.map((f) => Math.abs(f.age - f.label))).toFixed(2),
    mean(some.map((f) => f.age - f.label)).toFixed(2),
    percent(mean(some.map((f) => Number(f.genderIsRight)))),
  ];
  const bands = BANDS.map((from, i) => {
    const to = BANDS[i + 1] ?? Number.POSITIVE_INFINITY;
    const name = Number.isFinite(to) ? `${from}-${to - 1}` : `${from}+`;
    return { name, some: exact.filter((f) => f.label >= from && f.label < to) };
  });
  const rows = [
    ...bands.filter(({ some }) => some.length > 0).map(({ name, some }) => row(name, some)),
    row('all', exact),
  ];
  console.log(formatTable(['age', 'faces', 'MAE, years', 'bias, years', 'gender accuracy'], rows));
  const shareOf = (name: string, some: readonly Exact[], is: (f: Exact) => boolean) =>
    console.log(`${name.padEnd(38)}${percent(mean(some.map((f) => Number(is(f)))))} of ${some.length}`);
  const between = (from: number, to: number) => exact.filter((f) => f.label >= from && f.label < to + 1);
  shareOf('13 to 17, estimated as 18 or older', between(13, 17), (f) => f.age >= 18);
  shareOf('14 to 17, pass challenge 25', between(14, 17), (f) => f.age >= 25);
  shareOf('25 and older, referred at challenge 25', between(25, 200), (f) => f.age < 25);
  shareOf('inside the 90% interval', exact, (f) => f.interval[0] <= f.label && f.label <= f.interval[1]);
  shareOf(
    'estimated as 4 or older, over 25% in one year',
    exact.filter((f) => f.age >= 4),
    (f) => f.spike > 0.25,
  );
}
