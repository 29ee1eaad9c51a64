/**
 * The trained graph as a file: the forward graph with its parameters as inputs, described in its metadata. With a
 * checkpoint's weights it is complete, independent of the files that the run started from.
 */

import * as z from 'zod';
import type { AgeClass } from '../../age/index.js';
import { AgewiseError } from '../../errors/index.js';
import { inputSchema } from '../../metadata/index.js';
import { readModelFile, writeModelFile } from '../../onnx/file.js';
import {
  elementCount,
  float32,
  type Model,
  type Tensor,
  type ValueInfo,
  withMetadata,
} from '../../onnx/index.js';
import { type Assembled, weightNames } from './assembled.js';

const KEY = 'agewise.training';

const names = z.array(z.string()).readonly();
const ageClass: z.ZodType<AgeClass> = z.strictObject({ from: z.int(), to: z.int() });

const factsSchema = z.strictObject({
  images: z.string(),
  input: inputSchema,
  classes: z.array(ageClass).optional(),
  gender: z.boolean(),
  losses: names,
  backbone: names,
  heads: names,
  statistics: names,
  // Graphs of before had none.
  branches: z
    .array(z.strictObject({ name: z.string(), share: z.number() }))
    .readonly()
    .default([]),
  shares: names.default([]),
  description: z.string(),
});

/** Thrown if the file was not written by `writeAssembled`. */
export class GraphFileError extends AgewiseError {
  override readonly name = 'GraphFileError';
}

export async function writeAssembled(path: string, assembled: Assembled): Promise<void> {
  const { forward, ...facts } = assembled;
  const { graph } = forward;
  const initializers = new Map(graph.initializers);
  const inputs = weightNames(assembled).map((name): ValueInfo => {
    const { dtype, dims } = initializers.get(name)!;
    initializers.delete(name);
    return { name, type: { dtype, shape: dims } };
  });
  const bare: Model = { ...forward, graph: { ...graph, initializers, inputs: [...graph.inputs, ...inputs] } };
  await writeModelFile(path, withMetadata(bare, KEY, JSON.stringify(facts)));
}

/**
 * The graph, with zeros as weights.
 * @throws GraphFileError if the file is of something else; ModelError if it is not a model.
 */
export async function readAssembled(path: string): Promise<Assembled> {
  const model = await readModelFile(path);
  const text = model.metadata.get(KEY);
  const facts = factsSchema.safeParse(text === undefined ? undefined : JSON.parse(text));
  if (!facts.success) throw new GraphFileError(`${path}: expected the graph of a run, found another model`);
  const { classes, ...rest } = facts.data;
  const weights = new Set(weightNames(facts.data as Assembled));
  const { graph } = model;
  const zeros = graph.inputs.filter(({ name }) => weights.has(name)).map(zerosOf);
  const metadata = new Map(model.metadata);
  metadata.delete(KEY);
  const forward: Model = {
    ...model,
    metadata,
    graph: {
      ...graph,
      inputs: graph.inputs.filter(({ name }) => !weights.has(name)),
      initializers: new Map([...graph.initializers, ...zeros.map((t) => [t.name, t] as const)]),
    },
  };
  return { forward, classes, ...rest };
}

function zerosOf({ name, type }: ValueInfo): Tensor {
  const shape = type!.shape as readonly number[];
  return float32(name, shape, new Float32Array(elementCount(shape)));
}
