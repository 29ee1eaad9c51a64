/** The speed of the loader, compared with plain decoding of the same pictures and with a training step. */
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import sharp from 'sharp';
import { ageTarget, yearClasses } from '../../src/age/index.js';
import { type TrainingStep, trainingStep } from '../../src/autodiff/index.js';
import type { Batch, Loader, LoaderOptions, Store } from '../../src/data/index.js';
import { crossEntropy, weightedMean } from '../../src/losses/index.js';
import type { InputSpec } from '../../src/metadata/index.js';
import { classificationHead, randomWeights } from '../../src/networks/index.js';
import { GraphBuilder } from '../../src/onnx/index.js';
import { floatTensor } from '../../src/runtime/index.js';
import { chooseTarget, StepRunner } from '../../src/train/index.js';
import { writeFaceStore } from './face-store.js';
import { type BenchNetwork, resnet18, TorchLayers } from './networks.js';
import { ROOT } from './paths.js';
import { formatTable, percent, type Requirement } from './report.js';
import { mean, median } from './statistics.js';
import { timeInterleaved } from './timing.js';

const PICTURES = 1024;
const STORED_SIDE = 128;
const BATCH = 64;
const ROUNDS = 5;
const WARMUP = 2;
const TRAINING_ROUNDS = 2;
const THREADS = 2;
const STEPS = 7;
/** The number of untimed ones among those. */
const UNTIMED_STEPS = 3;
const CLASSES = yearClasses();
const RATE = 1e-3;

const INPUT: InputSpec = {
  width: 112,
  height: 112,
  color: 'RGB',
  layout: 'NCHW',
  mean: [127.5, 127.5, 127.5],
  scale: [1 / 64, 1 / 64, 1 / 64],
  margin: 0,
  crop: 'square',
  alignment: 'none',
};

type Data = typeof import('../../src/data/index.js');

/** The built package, whose threads need no compiler. */
function builtData(): Promise<Data> {
  return import(pathToFileURL(path.join(ROOT, process.env.AGEWISE_DIST ?? 'dist', 'data', 'index.js')).href);
}

/** Prints pictures per second and how long a training step waits; returns the requirements. */
export async function loaderBench(): Promise<readonly Requirement[]> {
  const { folder, remove } = await writeFaceStore(PICTURES, STORED_SIDE);
  try {
    const data = await builtData();
    const store = await data.Store.open(folder);
    const speed = await compareWithSharp(data, store);
    const wait = await besideTraining(data, store);
    await store.close();
    return [
      {
        name: 'loader, of bare sharp decoding',
        measured: speed,
        bound: 0.5,
        kind: 'at least',
        format: (ratio) => ratio.toFixed(2),
      },
      {
        name: 'waiting for a batch, of a step',
        measured: wait,
        bound: 0.05,
        kind: 'at most',
        format: percent,
      },
    ];
  } finally {
    await remove();
  }
}

/** @returns the loader's pictures a second, augmented, over sharp's */
async function compareWithSharp({ Loader }: Data, store: Store): Promise<number> {
  const pictures: Uint8Array[] = [];
  for (let row = 0; row < store.length; row++) pictures.push(await store.image(row));
  const open = (options: Partial<LoaderOptions>) =>
    Loader.create(store, { input: INPUT, batch: BATCH, workers: THREADS, ...options });
  const plain = await open({});
  const augmented = await open({ augment: {} });
  let epoch = 0;
  const names = {
    sharp: 'bare sharp, decoding alone',
    plain: 'loader, without augmentation',
    augmented: 'loader, with its default augmentation',
  };
  // Processor time, which other programs hardly affect.
  const busy: Record<keyof typeof names, number[]> = { sharp: [], plain: [], augmented: [] };
  const counted = (name: keyof typeof names, work: () => Promise<void>) => async () => {
    const start = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(start);
    busy[name].push((user + system) / 1e3 / PICTURES);
  };
  const times = await timeInterleaved(
    {
      sharp: counted('sharp', () => decodeAll(pictures)),
      plain: counted('plain', () => oneEpoch(plain, epoch++)),
      augmented: counted('augmented', () => oneEpoch(augmented, epoch++)),
    },
    { warmup: WARMUP, rounds: ROUNDS },
  );
  await plain.close();
  await augmented.close();
  const rate = (milliseconds: readonly number[]) => (1000 * PICTURES) / median(milliseconds);
  const reference = rate(times.sharp);
  console.log(
    `${PICTURES} pictures of ${STORED_SIDE} px, to batches of ${BATCH} at ${INPUT.width} px, ${THREADS} threads\n`,
  );
  console.log(
    formatTable(
      ['', 'pictures/s', 'of bare sharp', 'processor ms each'],
      (Object.keys(names) as (keyof typeof names)[]).map((name) => [
        names[name],
        rate(times[name]).toFixed(0),
        (rate(times[name]) / reference).toFixed(2),
        median(busy[name].slice(WARMUP)).toFixed(2),
      ]),
    ),
  );
  return rate(times.augmented) / reference;
}

/** As many pictures in hand as the loader has threads. */
async function decodeAll(pictures: readonly Uint8Array[]): Promise<void> {
  let next = 0;
  const work = async () => {
    while (next < pictures.length) await sharp(pictures[next++]).raw().toBuffer();
  };
  await Promise.all(Array.from({ length: THREADS }, work));
}

async function oneEpoch(loader: Loader, epoch: number): Promise<void> {
  for await (const _ of loader.batches({ epoch, epochs: epoch + 1 }));
}

/** @returns the mean wait for a batch, in steps */
async function besideTraining({ Loader }: Data, store: Store): Promise<number> {
  const network = resnet18;
  const runner = await StepRunner.create(stepOf(network), await chooseTarget('cpu'), { threads: THREADS });
  const loader = await Loader.create(store, { input: INPUT, batch: network.batch, workers: 1, augment: {} });
  const batches = loader.batches();
  let count = 0;
  const train = async (images: Float32Array, ages: Batch['ages']) => {
    const inputs = {
      images: floatTensor(images, [network.batch, 3, network.size, network.size]),
      target: floatTensor(targetsOf(ages), [network.batch, CLASSES.length]),
    };
    await runner.update(inputs, RATE, ++count);
  };
  const alone: number[] = [];
  const fed: number[] = [];
  const waits: number[] = [];
  for (let round = 0; round < TRAINING_ROUNDS; round++) {
    const { value: first } = await batches.next();
    const [images, ages] = [first!.images.slice(), first!.ages];
    for (let i = 0; i < STEPS; i++) {
      const start = performance.now();
      await train(images, ages);
      if (i >= UNTIMED_STEPS) alone.push(performance.now() - start);
    }
    for (let i = 0; i < STEPS; i++) {
      const start = performance.now();
      const { value: batch } = await batches.next();
      const ready = performance.now();
      await train(batch!.images, batch!.ages);
      // The first batches were ready beforehand.
      if (i < UNTIMED_STEPS) continue;
      waits.push(ready - start);
      fed.push(performance.now() - ready);
    }
  }
  await batches.return();
  await loader.close();
  await runner.dispose();
  const wait = mean(waits);
  console.log(
    `\nA step of ${network.name}, ${network.batch} pictures of ${network.size} px, ${THREADS} threads of ${availableParallelism()}\n`,
  );
  console.log(
    formatTable(
      ['', 'ms'],
      [
        ['the step, on one batch again and again', median(alone).toFixed(0)],
        ['the step, while one thread more makes batches', median(fed).toFixed(0)],
        ['waiting for a batch', wait.toFixed(2)],
      ],
    ),
  );
  return wait / median(fed);
}

function stepOf(network: BenchNetwork): TrainingStep {
  const g = new GraphBuilder({ name: network.name });
  const l = new TorchLayers(g, randomWeights(1));
  const images = g.input('images', 'float32', [network.batch, 3, network.size, network.size]);
  const logits = classificationHead(l, network.build(l, images), CLASSES.length, { name: 'head' });
  const target = g.input('target', 'float32', [network.batch, CLASSES.length]);
  g.output(weightedMean(g, crossEntropy(g, logits, target)), 'loss');
  return trainingStep(g.build(), {
    loss: 'loss',
    groups: [{ parameters: l.trainable }],
    optimizer: { kind: 'sgd', momentum: 0.9, nesterov: true },
  });
}

function targetsOf(ages: Batch['ages']): Float32Array {
  const targets = new Float32Array(ages.length * CLASSES.length);
  ages.forEach((age, i) => {
    if (age !== undefined) targets.set(ageTarget(CLASSES, age), i * CLASSES.length);
  });
  return targets;
}
