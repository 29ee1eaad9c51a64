/**
 * Trains your own network with your own loss, both written as functions over the graph, in your own loop. The faces lie
 * in folders named by age (`faces/25/anna.jpg`):
 *
 *     npx tsx examples/own-network.ts faces out --epochs 20
 *     npx agewise estimate portraits --cropped --model out/model.onnx
 *
 * It prints the mean loss of each epoch:
 *
 *     epoch 1: loss 4.61
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type AgeLabel, ageTarget, yearClasses } from 'agewise/age';
import { inferenceGraph, stateWeights, trainingStep } from 'agewise/autodiff';
import { importDataset, Loader, readerOf, Store } from 'agewise/data';
import { crossEntropy, weightedMean } from 'agewise/losses';
import { FORMAT_VERSION, METADATA_KEY, type ModelMetadataDocument, parseMetadata } from 'agewise/metadata';
import { Layers, randomWeights } from 'agewise/networks';
import { GraphBuilder, withMetadata } from 'agewise/onnx';
import { writeModelFile } from 'agewise/onnx/file';
import { floatData, floatTensor } from 'agewise/runtime';
import { chooseTarget, StepRunner } from 'agewise/train';

const SIDE = 48;
const WIDTHS = [16, 32, 64];
const BATCH = 8;
const RATE = 2e-3;
const SEED = 1;
/** In years: an age counts for the years beside it too. */
const SPREAD = 2;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { epochs: { type: 'string', default: '20' } },
});
const [faces, out] = positionals;
if (faces === undefined || out === undefined) throw new Error('usage: own-network.ts FACES OUT');

const classes = yearClasses();
// The facts that go into the model's file, so that an estimate crops and scales faces as training did.
const facts: ModelMetadataDocument = {
  formatVersion: FORMAT_VERSION,
  name: 'own',
  input: {
    ...{ width: SIDE, height: SIDE, color: 'RGB', layout: 'NCHW' },
    ...{ mean: [127.5, 127.5, 127.5], scale: [1 / 64, 1 / 64, 1 / 64] },
    ...{ margin: 0, crop: 'square', alignment: 'none' },
  },
  age: { name: 'age', activation: 'logits', classes: classes.map((c) => c.from) },
  gender: null,
  provenance: {
    backbone: `residual network of ${WIDTHS.join(', ')} channels, from scratch`,
    ...{ data: faces, recipe: 'examples/own-network.ts', licence: 'unknown', source: 'trained here' },
  },
  metrics: {},
};
const { input } = parseMetadata(facts, facts.name);

// The network: images [N, 3, H, W] to logits [N, 101]. N is left open.
const g = new GraphBuilder({ name: 'own' });
const layers = new Layers(g, randomWeights(SEED));
let x = g.input('images', 'float32', ['N', 3, SIDE, SIDE]);
for (const [i, width] of WIDTHS.entries()) {
  x = layers.scope(`stage${i}`, () => {
    const entry = layers.relu(layers.norm(layers.conv(x, 'conv1', width, 3, { stride: 2 }), 'norm1'));
    return layers.relu(g.op('Add', [layers.norm(layers.conv(entry, 'conv2', width, 3), 'norm2'), entry]));
  });
}
const features = g.op('Flatten', [g.op('GlobalAveragePool', [x])]);
const logits = layers.dense(features, 'age', classes.length);
const targets = g.input('targets', 'float32', ['N', classes.length]);
g.output(logits, 'age');
g.output(weightedMean(g, crossEntropy(g, logits, targets)), 'loss');
const network = g.build();

// Gradients and the optimizer make it a graph that is one training step.
const step = trainingStep(network, {
  loss: 'loss',
  groups: [{ parameters: layers.trainable }],
  optimizer: { kind: 'adamw', weightDecay: 0.01 },
});
const runner = await StepRunner.create(step, await chooseTarget());

const folder = join(out, 'store');
await importDataset(faces, folder, { reader: readerOf('folders') });
const store = await Store.open(folder);
const loader = await Loader.create(store, { input, batch: BATCH, augment: {}, workers: 1 });

const target = (label: AgeLabel) => {
  const wide = 'age' in label ? { age: label.age, std: SPREAD } : label;
  return [...ageTarget(classes, wide)];
};
let update = 0;
let sum = 0;
for await (const batch of loader.batches({ epochs: Number(values.epochs) })) {
  const ages = Float32Array.from(batch.ages.flatMap((age) => target(age!)));
  const { outputs } = await runner.update(
    {
      images: floatTensor(batch.images, [BATCH, 3, SIDE, SIDE]),
      targets: floatTensor(ages, [BATCH, classes.length]),
    },
    RATE,
    ++update,
  );
  sum += floatData(outputs.loss!)[0]!;
  if (batch.step === loader.stepsPerEpoch - 1) {
    console.log(`epoch ${batch.epoch + 1}: loss ${(sum / loader.stepsPerEpoch).toFixed(2)}`);
    sum = 0;
  }
}
await loader.close();
await store.close();

const weights = stateWeights(step.state, await runner.getState());
await runner.dispose();
const model = inferenceGraph(network, weights, ['age']);
await writeModelFile(join(out, 'model.onnx'), withMetadata(model, METADATA_KEY, JSON.stringify(facts)));
