/** Runs networks forward in their form for evaluation, with a head as classifiers have it. */
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { evaluationGraph } from '../../src/autodiff/index.js';
import { classificationHead, Layers, type Network, type WeightSource } from '../../src/networks/index.js';
import { GraphBuilder, type Model, writeModel } from '../../src/onnx/index.js';

export interface Pictures {
  /** `[N, 3, H, W]` */
  readonly dims: readonly number[];
  readonly values: Float32Array;
}

/** The logits `[N, outputs]` of a network for each of its heads, row-major. */
export async function logitsOf(
  network: Network,
  pictures: Pictures,
  heads: Readonly<Record<string, number>>,
  weights: WeightSource,
): Promise<Map<string, Float32Array>> {
  const g = new GraphBuilder({ name: network.name });
  const given = new Map<string, OrtTensor>();
  const l = new Layers(g, (name, dims, initial) => {
    const values = weights(name, dims, initial);
    given.set(name, new OrtTensor('float32', values, [...dims]));
    return values;
  });
  const end = network.build(l, g.input('images', 'float32', pictures.dims));
  for (const [name, outputs] of Object.entries(heads)) {
    g.output(classificationHead(l, end, outputs, { name, bias: network.headBias ?? true }), `logits.${name}`);
  }
  given.set('images', new OrtTensor('float32', pictures.values, [...pictures.dims]));
  return run(evaluationGraph(g.build()), given, Object.keys(heads));
}

/** Weights are fed, not written into the model: half a gigabyte of them is not copied then. */
async function run(
  model: Model,
  given: ReadonlyMap<string, OrtTensor>,
  heads: readonly string[],
): Promise<Map<string, Float32Array>> {
  const { graph } = model;
  const initializers = new Map(graph.initializers);
  const fed = [...graph.initializers.values()].filter(({ name }) => given.has(name));
  for (const { name } of fed) initializers.delete(name);
  const inputs = [
    ...graph.inputs,
    ...fed.map(({ name, dtype, dims }) => ({ name, type: { dtype, shape: dims } })),
  ];
  const bytes = writeModel({ ...model, graph: { ...graph, inputs, initializers } });
  const session = await InferenceSession.create(bytes, { logSeverityLevel: 3, intraOpNumThreads: 2 });
  try {
    const feeds = Object.fromEntries(inputs.map(({ name }) => [name, given.get(name)!]));
    const outputs = await session.run(feeds);
    return new Map(heads.map((name) => [name, outputs[`logits.${name}`]!.data as Float32Array]));
  } finally {
    await session.release();
  }
}
