/** Splits a network before its last layer for ages, and joins it with a trained one. */
import type { AgeClass } from '../../age/index.js';
import { FORMAT_VERSION, type ModelMetadata, readMetadata, withDocument } from '../../metadata/index.js';
import {
  cut,
  everyName,
  float32,
  float32Values,
  floatAttribute,
  intAttribute,
  isOp,
  type Model,
  Names,
  type Node,
  plainConstants,
  producers,
  removeUnused,
} from '../../onnx/index.js';
import { floatData, floatTensor, type Session } from '../../runtime/index.js';
import { TrainingError } from '../training-error.js';

/** The weights of a fully connected layer: logits = features · weight + bias. */
export interface Layer {
  /** `[width, classes]`, row-major. */
  readonly weight: Float32Array;
  readonly bias: Float32Array;
}

export interface HeadNetwork {
  readonly metadata: ModelMetadata;
  readonly classes: readonly AgeClass[];
  /** The whole model. */
  readonly model: Model;
  /** From pictures to features, `[N, width]`, and logits, `[N, classes]`. */
  readonly backbone: Model;
  /** The names of the backbone's input and outputs. */
  readonly images: string;
  readonly features: string;
  readonly logits: string;
  /** The number of features. */
  readonly width: number;
  /** The last layer as it is. */
  readonly layer: Layer;
}

/** The features before a network's last layer, and the logits after it. */
export interface HeadView {
  readonly features: Float32Array;
  readonly logits: Float32Array;
}

/**
 * @throws MetadataError if the model's metadata are missing or invalid, TrainingError if its ages do not come from one fully
 * connected layer
 */
export function headNetwork(model: Model, name: string): HeadNetwork {
  const metadata = readMetadata(model, name);
  const plain = plainConstants(model);
  const { initializers, inputs } = plain.graph;
  const made = producers(plain.graph);
  const output = metadata.age?.name ?? '';
  const answer = made.get(output);
  const logits = answer && isOp(answer, 'Softmax') ? answer.inputs[0]! : output;
  const node = made.get(logits);
  const constants = node?.inputs.slice(1).map((input) => initializers.get(input));
  if (node === undefined || !isOp(node, 'Gemm') || constants!.includes(undefined)) {
    const expected = 'ages from one fully connected layer (Gemm)';
    const found = metadata.age === null ? 'no ages' : (node?.op ?? 'none');
    throw new TrainingError({ subject: `Model '${name}'`, expected, found }, { kind: 'input' });
  }
  const features = node.inputs[0]!;
  const { classes } = metadata.age!;
  const layer = layerOf(
    node,
    constants!.map((constant) => float32Values(constant!)),
    classes.length,
  );
  const [images] = inputs.filter((input) => !initializers.has(input.name));
  return {
    metadata,
    classes,
    model,
    backbone: cut(model, { outputs: [features, logits] }),
    images: images!.name,
    features,
    logits,
    width: layer.weight.length / classes.length,
    layer,
  };
}

/** The weights of a Gemm with its attributes applied. */
function layerOf(node: Node, [matrix, shift]: readonly Float32Array[], classes: number): Layer {
  const [alpha, beta] = [floatAttribute(node, 'alpha', 1), floatAttribute(node, 'beta', 1)];
  const width = matrix!.length / classes;
  const transposed = intAttribute(node, 'transB', 0) === 1;
  return {
    weight: Float32Array.from(matrix!, (_, i) => {
      const [feature, k] = [Math.floor(i / classes), i % classes];
      return alpha * matrix![transposed ? k * width + feature : i]!;
    }),
    bias: Float32Array.from({ length: classes }, (_, k) => beta * (shift?.[k % shift.length] ?? 0)),
  };
}

/** The backbone's outputs for prepared faces. */
export async function headViews(
  network: HeadNetwork,
  session: Session,
  crops: Float32Array,
  count: number,
): Promise<HeadView[]> {
  const { metadata, images, features, logits, width, classes } = network;
  const { width: columns, height: rows, layout } = metadata.input;
  const shape = layout === 'NCHW' ? [count, 3, rows, columns] : [count, rows, columns, 3];
  const outputs = await session.run({ [images]: floatTensor(crops, shape) }, [features, logits]);
  const part = (name: string, size: number, i: number) =>
    floatData(outputs[name]!).slice(i * size, (i + 1) * size);
  return Array.from({ length: count }, (_, i) => ({
    features: part(features, width, i),
    logits: part(logits, classes.length, i),
  }));
}

/**
 * The model with another last layer. It is no longer calibrated, and its figures no longer apply.
 * @param data a sentence part about the pictures that the layer was trained on, for the provenance
 */
export function withHead(network: HeadNetwork, { weight, bias }: Layer, data: string): Model {
  const { model, metadata, logits, features, width, classes } = network;
  const { calibration: _, ...facts } = metadata;
  const names = new Names(everyName(model.graph));
  const [matrix, shift] = [names.claim('age.weight'), names.claim('age.bias')];
  const initializers = new Map(model.graph.initializers);
  initializers.set(matrix, float32(matrix, [width, classes.length], weight));
  initializers.set(shift, float32(shift, [classes.length], bias));
  const nodes = model.graph.nodes.map(
    (node): Node =>
      node.outputs.includes(logits)
        ? { ...node, inputs: [features, matrix, shift], attributes: new Map() }
        : node,
  );
  const trained = removeUnused({ ...model, graph: { ...model.graph, nodes, initializers } });
  return withDocument(trained, {
    ...facts,
    age: {
      ...metadata.age!,
      classes: classes.map(({ from, to }) => (from === to ? from : [from, to])),
    },
    formatVersion: FORMAT_VERSION,
    name: `${metadata.name}-tuned`,
    provenance: { ...metadata.provenance, data: `${metadata.provenance.data}; ${data}` },
    metrics: {},
  });
}
