/**
 * TensorFlow.js graph models to the ONNX graph. Images become NCHW and weights OIHW; quantised weights are
 * widened to float32.
 * Format: https://github.com/tensorflow/tfjs/tree/master/tfjs-converter
 */
import * as z from 'zod';
import type { Model, Shape } from '../graph.js';
import { dependencyOrder } from '../traverse.js';
import { ImportError, imported, unsupported } from './errors.js';
import { elementType, type NodeDef, nodeDef, TfjsNode } from './tfjs-node.js';
import { TFJS_OPERATORS } from './tfjs-operators.js';
import { decodeWeights } from './tfjs-weights.js';
import { type SourceValue, Translation } from './translation.js';

export interface TfjsOptions {
  /**
   * Shapes of inputs by node name, NCHW for images, instead of the file's. Needed if the file does not give the rank of
   * an input.
   */
  readonly inputShapes?: Readonly<Record<string, Shape>>;
  /**
   * Names of the nodes whose values become outputs, instead of the file's; nodes that they do not need are left out.
   */
  readonly outputs?: readonly string[];
}

const graphModel = z.object({
  format: z.literal('graph-model').optional(),
  modelTopology: z.object({
    node: z.array(nodeDef),
  }),
  weightsManifest: z.array(
    z.object({
      weights: z.array(
        z.object({
          name: z.string(),
          shape: z.array(z.number().int().nonnegative()),
          dtype: z.string(),
          quantization: z
            .object({ dtype: z.string(), scale: z.number().optional(), min: z.number().optional() })
            .optional(),
        }),
      ),
    }),
  ),
  signature: z
    .object({ outputs: z.record(z.string(), z.object({ name: z.string().optional() })).optional() })
    .nullish(),
});

/**
 * The ONNX graph of a TensorFlow.js graph model. Inputs and outputs are named after the file's nodes; those of
 * four dimensions are NCHW, all others are in the file's own order.
 * @param modelJson the parsed `model.json`.
 * @param weights the bytes of all weight files, joined in the order of `weightsManifest`.
 * @throws ImportError if this is not a graph model, or an operator or one of its attributes is not supported.
 */
export function importTfjs(modelJson: unknown, weights: Uint8Array, options: TfjsOptions = {}): Model {
  const parsed = graphModel.safeParse(modelJson);
  if (!parsed.success) {
    throw new ImportError(`The JSON is not a TensorFlow.js graph model: ${z.prettifyError(parsed.error)}`);
  }
  const { modelTopology, weightsManifest, signature } = parsed.data;
  const nodes = new Map(modelTopology.node.map((node) => [node.name, node]));
  const constants = decodeWeights(
    // Optional fields left out are absent here, not undefined.
    weightsManifest.flatMap((group) => group.weights) as Parameters<typeof decodeWeights>[0],
    weights,
  );
  const t = new Translation('tfjs');
  const values = new Map<string, readonly SourceValue[]>();

  const translate = (node: NodeDef): readonly SourceValue[] => {
    const translation = TFJS_OPERATORS[node.op];
    if (node.op === 'Const') {
      const constant = constants.get(node.name);
      if (!constant) throw new ImportError(`Constant '${node.name}' is missing from the weights`);
      return [t.constant(constant)];
    }
    if (node.op === 'Placeholder') return [input(t, node, options.inputShapes?.[node.name])];
    if (!translation) throw unsupported(node.op, node.name, 'it has no translation');
    const inputs = dataInputs(node).map((name) => resolve(values, name));
    const made = translation(new TfjsNode(t, node, inputs));
    return 'name' in made ? [made] : made;
  };

  const outputs = options.outputs ?? outputNames(modelTopology.node, signature?.outputs);
  for (const name of Object.keys(options.inputShapes ?? {})) {
    if (nodes.get(name)?.op !== 'Placeholder') {
      throw new ImportError(`The model has no input '${name}' to give a shape to`);
    }
  }
  return imported('The TensorFlow.js graph model', () => {
    for (const node of needed(nodes, outputs)) values.set(node.name, translate(node));
    return t.finish(new Map(outputs.map((name) => [name, resolve(values, name)])));
  });
}

/** The outputs named by the file, or else the nodes that no other uses. */
function outputNames(
  nodes: readonly NodeDef[],
  signature: Readonly<Record<string, { name?: string | undefined }>> | undefined,
): string[] {
  const named = Object.values(signature ?? {}).flatMap(({ name }) => (name ? [name.replace(/:0$/, '')] : []));
  if (named.length) return named;
  const used = new Set(nodes.flatMap((node) => dataInputs(node).map((name) => reference(name).node)));
  return nodes.filter((node) => !used.has(node.name) && node.op !== 'Const').map((node) => node.name);
}

/** A node's inputs without control dependencies, which order side effects and carry no value. */
const dataInputs = (node: NodeDef): string[] => (node.input ?? []).filter((name) => !name.startsWith('^'));

/** 'node:2' is the third output of a node, 'node' its first. */
function reference(name: string): { node: string; index: number } {
  const match = /^(.*):(\d+)$/.exec(name);
  return match ? { node: match[1]!, index: Number(match[2]) } : { node: name, index: 0 };
}

function resolve(values: ReadonlyMap<string, readonly SourceValue[]>, name: string): SourceValue {
  const { node, index } = reference(name);
  const value = values.get(node)?.[index];
  if (!value) throw new ImportError(`The model has no value '${name}'`);
  return value;
}

/** The nodes that the outputs depend on, each after its inputs. */
function needed(nodes: ReadonlyMap<string, NodeDef>, outputs: readonly string[]): NodeDef[] {
  const find = (name: string): NodeDef => {
    const node = nodes.get(reference(name).node);
    if (!node) throw new ImportError(`The model has no node '${reference(name).node}'`);
    return node;
  };
  return dependencyOrder(
    outputs.map(find),
    (node) => dataInputs(node).map(find),
    ({ name }) => {
      throw new ImportError(`The model has a cycle through '${name}'; loops are not supported`);
    },
  );
}

function input(t: Translation, node: NodeDef, given: Shape | undefined): SourceValue {
  const dtype = elementType(node.attr?.dtype?.type ?? 'DT_FLOAT', node.name);
  const shape = node.attr?.shape?.shape;
  const own = shape && !shape.unknownRank ? (shape.dim ?? []).map((d) => sizeOf(d.size)) : undefined;
  return t.input(node.name, dtype, own, given);
}

/** A dimension of a placeholder: -1 is unknown, and 0 is not written. */
const sizeOf = (size: string | number | undefined): number | null => {
  const number = Number(size ?? 0);
  return number < 0 ? null : number;
};
