/**
 * Trains a small residual network from scratch on UTKFace, and writes it as a model that `agewise` estimates with:
 *
 *     npx tsx examples/train-from-scratch.ts ../shared/data/utkface ../runs/scratch [--epochs 20] [--threads 2]
 *     npx agewise estimate FACES --cropped --model ../runs/scratch/model.onnx
 *
 * Started again with the same folder it goes on where it was stopped, however it was stopped: what a step sees
 * depends on the seed and the step's number alone.
 */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { classAges, exactTarget, yearClasses } from '../src/age/index.js';
import { inferenceGraph, stateWeights, trainingStep } from '../src/autodiff/index.js';
import { crossEntropy, expectedAge, weightedMean } from '../src/losses/index.js';
import {
  FORMAT_VERSION,
  METADATA_KEY,
  type ModelMetadataDocument,
  parseMetadata,
} from '../src/metadata/index.js';
import { writeModelFile } from '../src/onnx/file.js';
import { GraphBuilder, type Model, type Value, withMetadata, writeModel } from '../src/onnx/index.js';
import { floatData, floatTensor } from '../src/runtime/index.js';
import { createSession } from '../src/runtime/node.js';
import { chooseTarget, loadCheckpoint, StepRunner, saveCheckpoint } from '../src/train/index.js';
import { flipTensor, type PixelImage, preprocess } from '../src/vision/index.js';
import { decodeImage } from '../src/vision/node.js';

const SIDE = 64;
const WIDTHS = [32, 64, 128, 256];
const BATCH = 64;
const PEAK_RATE = 0.05;
const WARM_UP_STEPS = 200;
const SEED = 1;
const VALIDATION_SHARE = 0.2;
/** Pixels of the chip by which a crop is shifted at most, and the share by which it is scaled. */
const SHIFT = 12;
const SCALE = 0.1;
const SAVE_EVERY = 50;

const CLASSES = yearClasses();
const METADATA: ModelMetadataDocument = {
  formatVersion: FORMAT_VERSION,
  name: 'scratch',
  input: {
    width: SIDE,
    height: SIDE,
    color: 'RGB',
    layout: 'NCHW',
    mean: [127.5, 127.5, 127.5],
    scale: [1 / 64, 1 / 64, 1 / 64],
    margin: 0.1,
    crop: 'square',
    alignment: 'none',
  },
  age: { name: 'age', activation: 'logits', classes: CLASSES.map((c) => c.from) },
  gender: null,
  provenance: {
    backbone: `residual network of ${WIDTHS.join(', ')} channels, from scratch`,
    data: 'UTKFace',
    recipe: 'examples/train-from-scratch.ts',
    licence: 'as UTKFace: research',
    source: 'trained here',
  },
  metrics: {},
};
const INPUT = parseMetadata(METADATA, METADATA.name).input;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { epochs: { type: 'string', default: '20' }, threads: { type: 'string', default: '2' } },
});
const [data, folder] = positionals;
if (data === undefined || folder === undefined) throw new Error('usage: train-from-scratch.ts DATA FOLDER');
const epochs = Number(values.epochs);
const threads = Number(values.threads);

interface Face {
  readonly image: PixelImage;
  readonly age: number;
}

/** A number in 0..1 that depends on what it is for alone (a hash by multiplication, after Murmur3). */
function random(...keys: number[]): number {
  let h = SEED;
  for (const key of keys) {
    h = Math.imul(h ^ key, 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    h ^= h >>> 16;
  }
  return (h >>> 0) / 2 ** 32;
}

/** The order of an epoch. */
function shuffled(count: number, epoch: number): number[] {
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random(epoch, i, 1) * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

async function readFaces(): Promise<{ training: Face[]; validation: Face[] }> {
  const names = (await readdir(data!)).filter((name) => /^\d+_[01]_[0-4]_\d/.test(name)).sort();
  const faces: Face[] = [];
  for (let i = 0; i < names.length; i += BATCH) {
    const part = names.slice(i, i + BATCH);
    const images = await Promise.all(part.map((name) => decodeImage(join(data!, name))));
    faces.push(...images.map((image, k) => ({ image, age: Number.parseInt(part[k]!, 10) })));
  }
  const order = shuffled(faces.length, -1).map((i) => faces[i]!);
  const split = Math.round(faces.length * VALIDATION_SHARE);
  return { training: order.slice(split), validation: order.slice(0, split) };
}

function network(): Model {
  const g = new GraphBuilder({ name: 'scratch' });
  let seed = 0;
  const normal = (count: number, deviation: number) => {
    seed++;
    return Float32Array.from({ length: count }, (_, i) => {
      const [u, v] = [random(seed, i, 2), random(seed, i, 3)];
      return Math.sqrt(-2 * Math.log(1 - u)) * Math.cos(2 * Math.PI * v) * deviation;
    });
  };
  // He et al., ICCV 2015, equation 10.
  const convolution = (x: Value, inputs: number, outputs: number, kernel: number, stride: number) => {
    const weight = normal(outputs * inputs * kernel ** 2, Math.sqrt(2 / (inputs * kernel ** 2)));
    const w = g.parameter('weight', 'float32', [outputs, inputs, kernel, kernel], weight);
    const pad = (kernel - 1) / 2;
    return g.op('Conv', [x, w], { strides: [stride, stride], pads: [pad, pad, pad, pad] });
  };
  const norm = (x: Value, channels: number) => {
    const of = (name: string, value: number) =>
      g.parameter(name, 'float32', [channels], new Float32Array(channels).fill(value));
    const inputs = [x, of('scale', 1), of('bias', 0), of('mean', 0), of('variance', 1)];
    return g.ops('BatchNormalization', 3, inputs, { training_mode: 1, momentum: 0.9 })[0];
  };
  const unit = (name: string, x: Value, inputs: number, outputs: number, kernel: number, stride: number) =>
    g.scope(name, () => norm(convolution(x, inputs, outputs, kernel, stride), outputs));
  const relu = (x: Value) => g.op('Relu', [x]);

  let x = relu(unit('stem', g.input('image', 'float32', [BATCH, 3, SIDE, SIDE]), 3, WIDTHS[0]!, 3, 1));
  let channels = WIDTHS[0]!;
  WIDTHS.forEach((width, stage) => {
    for (const [block, stride] of [2, 1].entries()) {
      const from = channels;
      const given = x;
      g.scope(`stage${stage}.block${block}`, () => {
        const inner = relu(unit('first', given, from, width, 3, stride));
        const skip = stride === 1 ? given : unit('skip', given, from, width, 1, stride);
        x = relu(g.op('Add', [unit('second', inner, width, width, 3, 1), skip]));
      });
      channels = width;
    }
  });
  const features = g.op('Flatten', [g.op('GlobalAveragePool', [x])]);
  const weight = g.parameter(
    'age.weight',
    'float32',
    [channels, CLASSES.length],
    normal(channels * CLASSES.length, 0.01),
  );
  const bias = g.parameter('age.bias', 'float32', [CLASSES.length], new Float32Array(CLASSES.length));
  const logits = g.op('Add', [g.op('MatMul', [features, weight]), bias]);
  g.output(
    weightedMean(g, crossEntropy(g, logits, g.input('target', 'float32', [BATCH, CLASSES.length]))),
    'loss',
  );
  g.output(expectedAge(g, g.op('Softmax', [logits], { axis: 1 }), classAges(CLASSES)), 'expected');
  g.output(logits, 'age');
  return g.build();
}

/** Crops shifted, scaled and mirrored by chance; whole pictures where `step` is not given. */
function batch(faces: readonly Face[], step?: number) {
  const size = 3 * SIDE * SIDE;
  const image = new Float32Array(BATCH * size);
  const target = new Float32Array(BATCH * CLASSES.length);
  faces.forEach((face, i) => {
    const { width, height } = face.image;
    const chance = (what: number) => random(step!, i, what) * 2 - 1;
    const scale = step === undefined ? 1 : 1 + SCALE * chance(4);
    const box = {
      x: (width * (1 - scale)) / 2 + (step === undefined ? 0 : SHIFT * chance(5)),
      y: (height * (1 - scale)) / 2 + (step === undefined ? 0 : SHIFT * chance(6)),
      width: width * scale,
      height: height * scale,
    };
    preprocess(face.image, { box }, { ...INPUT, margin: 0 }, image, i * size);
    if (step !== undefined && chance(7) < 0) flipTensor(image, i * size, INPUT);
    target.set(exactTarget(CLASSES, Math.min(face.age, 100)), i * CLASSES.length);
  });
  return {
    image: floatTensor(image, [BATCH, 3, SIDE, SIDE]),
    target: floatTensor(target, [BATCH, CLASSES.length]),
  };
}

async function validate(model: Model, faces: readonly Face[]): Promise<number> {
  const session = await createSession(writeModel(model), 'validation', { threads });
  let sum = 0;
  for (let i = 0; i < faces.length; i += BATCH) {
    const part = faces.slice(i, i + BATCH);
    const { expected } = await session.run({ image: batch(part).image }, ['expected']);
    const ages = floatData(expected!);
    part.forEach((face, k) => {
      sum += Math.abs(ages[k]! - face.age);
    });
  }
  await session.dispose();
  return sum / faces.length;
}

const { training, validation } = await readFaces();
console.log(`${training.length} faces to train on, ${validation.length} to validate`);
const forward = network();
const frozen = /\.(mean|variance)$/;
const parameters = [...forward.graph.initializers.values()]
  .filter(
    (t) =>
      t.dtype === 'float32' &&
      t.dims.length > 0 &&
      /\.(weight|scale|bias)$/.test(t.name) &&
      !frozen.test(t.name),
  )
  .map((t) => t.name);
const step = trainingStep(forward, {
  loss: 'loss',
  groups: [{ parameters }],
  optimizer: { kind: 'sgd', momentum: 0.9, nesterov: true, weightDecay: 5e-4 },
});
const runner = await StepRunner.create(step, await chooseTarget(), { threads });

interface Progress {
  readonly step: number;
}
const checkpoint = join(folder, 'last.safetensors');
let done = 0;
if (existsSync(checkpoint)) {
  const { state, progress } = await loadCheckpoint<Progress>(checkpoint);
  runner.setState(state);
  done = progress.step;
  console.log(`going on after step ${done}`);
}

const stepsPerEpoch = Math.floor(training.length / BATCH);
const total = epochs * stepsPerEpoch;
for (let epoch = Math.floor(done / stepsPerEpoch); epoch < epochs; epoch++) {
  const order = shuffled(training.length, epoch);
  const start = performance.now();
  let losses = 0;
  let steps = 0;
  for (let at = done % stepsPerEpoch; at < stepsPerEpoch; at++) {
    const faces = order.slice(at * BATCH, (at + 1) * BATCH).map((i) => training[i]!);
    // A half cosine after the warm-up (Loshchilov and Hutter, ICLR 2017).
    const rate =
      Math.min((done + 1) / WARM_UP_STEPS, (1 + Math.cos((Math.PI * done) / total)) / 2) * PEAK_RATE;
    const { outputs } = await runner.update(batch(faces, done), rate, done + 1);
    done++;
    steps++;
    losses += floatData(outputs.loss!)[0]!;
    if (done % SAVE_EVERY === 0) {
      await saveCheckpoint(checkpoint, { state: await runner.getState(), progress: { step: done } });
      const perSecond = (steps * BATCH * 1000) / (performance.now() - start);
      console.log(
        `step ${done} of ${total}  loss ${(losses / steps).toFixed(4)}  ${perSecond.toFixed(0)} images/s`,
      );
    }
  }
  const weights = stateWeights(step.state, await runner.getState());
  const mae = await validate(inferenceGraph(forward, weights, ['expected']), validation);
  console.log(`epoch ${epoch + 1} of ${epochs}  validation MAE ${mae.toFixed(3)} years`);
  const metadata = { ...METADATA, metrics: { 'UTKFace, validation fifth': { mae } } };
  const model = inferenceGraph(forward, weights, ['age']);
  await writeModelFile(
    join(folder, 'model.onnx'),
    withMetadata(model, METADATA_KEY, JSON.stringify(metadata)),
  );
}
await runner.dispose();
