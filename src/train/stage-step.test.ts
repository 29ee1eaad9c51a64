/** The rates of a stage's parameters, read off one update of plain gradient descent. */
import { describe, expect, it } from 'vitest';
import { randomWeights } from '../networks/index.js';
import { float32Values, type Tensor } from '../onnx/index.js';
import { feedsOf } from './feed.js';
import { type Assembled, assemble, weightNames } from './graph/index.js';
import { noiseFor } from './noise.js';
import { type RecipeDocument, recipeSchema } from './recipe/schema.js';
import { layersFromHeads, stageStep } from './stage-step.js';
import { StepRunner } from './step-runner.js';

const SIDE = 16;
const BATCH = 4;

function recipeOf(stage: Partial<RecipeDocument['stages'][number]>) {
  return recipeSchema.parse({
    name: 'test',
    title: '',
    source: '',
    reports: '',
    network: { name: 'small-cnn' },
    input: { size: SIDE, margin: 0 },
    heads: { age: { classes: 'groups-8' } },
    batch: BATCH,
    stages: [{ name: 'only', epochs: 1, rate: 1, optimizer: { kind: 'sgd', momentum: 0 }, ...stage }],
  });
}

/** How far one update moves each parameter, in the direction of its gradient. */
async function moved(stage: Partial<RecipeDocument['stages'][number]>) {
  const recipe = recipeOf(stage);
  const assembled = assemble(recipe, randomWeights(1));
  const before = new Map(
    weightNames(assembled).map((name): [string, Tensor] => [
      name,
      assembled.forward.graph.initializers.get(name)!,
    ]),
  );
  const step = stageStep(recipe, recipe.stages[0]!, assembled, before);
  const runner = await StepRunner.create(step, 'standard', { threads: 1 });
  const faces = {
    images: Float32Array.from({ length: BATCH * 3 * SIDE * SIDE }, (_, i) => Math.sin(i)),
    ages: [{ age: 3 }, { age: 30 }, { age: 50 }, { age: 80 }],
    genders: [undefined, undefined, undefined, undefined],
    mix: undefined,
  };
  const [feeds] = feedsOf(faces, assembled, 0);
  await runner.update([{ ...feeds!, ...noiseFor(step.noise, 0, 1, 0) }], 0.01, 1);
  const after = await runner.getState(['weight']);
  await runner.dispose();
  const by = (name: string) => {
    const [a, b] = [float32Values(before.get(name)!), float32Values(after.get(name)!)];
    // The entry that moves furthest, in double precision.
    return a.reduce((most, v, i) => (Math.abs(b[i]! - v) > Math.abs(most) ? b[i]! - v : most), 0);
  };
  return { assembled, by };
}

describe('the decay of rates by layers', () => {
  it('counts layers from the heads, biases and norms with the weights before them', () => {
    const assembled = assemble(recipeOf({}), randomWeights(1));
    const depths = layersFromHeads(assembled);
    const depthOf = (name: string) => depths.get(assembled.backbone.find((n) => n.startsWith(name))!);
    expect(['conv1', 'norm1', 'conv2', 'norm2', 'conv3', 'norm3', 'fc1'].map(depthOf)).toEqual([
      4, 4, 3, 3, 2, 2, 1,
    ]);
    const shapes = { a: [3], b: [4, 3], c: [4], d: [2, 4] };
    const initializers = new Map(Object.entries(shapes).map(([name, dims]) => [name, { dims }]));
    const made = { forward: { graph: { initializers } }, backbone: Object.keys(shapes) };
    expect([...layersFromHeads(made as unknown as Assembled).values()]).toEqual([2, 2, 2, 1]);
  });

  it('shortens updates by its powers, times the rate of the backbone, and leaves heads unchanged', async () => {
    const plain = await moved({});
    const decayed = await moved({ layerDecay: 0.5, backboneRate: 0.8 });
    const { backbone, heads } = plain.assembled;
    const depths = layersFromHeads(plain.assembled);
    for (const name of backbone.filter((parameter) => /weight|scale/.test(parameter))) {
      const factor = 0.8 * 0.5 ** depths.get(name)!;
      expect(decayed.by(name) / plain.by(name), name).toBeCloseTo(factor, 2);
    }
    for (const name of heads) expect(decayed.by(name) / plain.by(name), name).toBeCloseTo(1, 4);
  });
});
