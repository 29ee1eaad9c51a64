/** Backbones from files of others: cut where heads begin, in the form that trains. */
import {
  METADATA_KEY,
  type ModelMetadata,
  NETWORK_INPUT_KEY,
  type NetworkInput,
  readMetadata,
  type TrainingOrigin,
} from '../../metadata/index.js';
import { suggestion } from '../../names/index.js';
import {
  checkExecutions,
  cut,
  dynamicBatch,
  formatShape,
  GraphBuilder,
  inferTypes,
  keepZeroPadding,
  type Model,
  node,
  plainConstants,
  producers,
  raiseOpset,
  type Shape,
  trainingForm,
  type Value,
  type ValueInfo,
  withMetadata,
} from '../../onnx/index.js';
import { type LocateOptions, locate } from '../../registry/node.js';
import { naming, WeightsError } from './error.js';
import { findFeatures, isFlat } from './find-features.js';
import { trainableParameters } from './parameters.js';
import { type KnownInput, statedInput } from './preprocessing.js';
import { readNetwork } from './read-network.js';

export interface BackboneOptions extends LocateOptions {
  /** An `.onnx` file, a TensorFlow.js graph model's `model.json`, `shipped:NAME` or `made:NAME`. */
  readonly file: string;
  /**
   * The value for heads to read: `[N, F]`, or maps `[N, F, H, W]`, which are averaged; found automatically if left out.
   */
  readonly features?: string;
  /** Whether maps `[N, F, H, W]` are wanted, the last before the features, and not their means. */
  readonly maps?: boolean;
  /** The network, already read; `file` is then its name in messages. */
  readonly model?: Model | undefined;
  /** Facts of the input, which override those stated in the file. */
  readonly input?: Partial<NetworkInput>;
}

export interface Backbone {
  /** From images `[N, 3, H, W]` to features `[N, F]`, in training form: batch norm uses batch statistics. */
  readonly model: Model;
  /** The name of the image input. */
  readonly images: string;
  /** The name of the output. */
  readonly features: string;
  /** The expected input; margin, crop and alignment if the file states them. */
  readonly input: NetworkInput & KnownInput;
  /** The float32 initializers that can be trained, in order from input to output. */
  readonly parameters: readonly string[];
  /** What it was trained on; undefined if it does not say. */
  readonly trainedOn?: readonly TrainingOrigin[] | undefined;
}

/**
 * Loads a backbone. Its weights become float32 initializers, whatever their stored type; the batch size becomes
 * variable; images become channels first; older operators are converted to the opset in which graphs are built.
 * @throws WeightsError, in one sentence that names the file, if it cannot be read, has no single image input, says too little about its pictures, or its features cannot be found.
 */
export async function loadBackbone(options: BackboneOptions): Promise<Backbone> {
  const { file } = options;
  const path = options.model ? file : await locate(file, options);
  const given = options.input ?? {};
  const read = options.model ?? (await readNetwork(path, given));
  const stated = await statedInput(read, path);
  return naming(file, () => {
    checkExecutions(read);
    const metadata = read.metadata.has(METADATA_KEY) ? readMetadata(read, file) : undefined;
    const predictions = predictionOutputs(metadata);
    const bare = [METADATA_KEY, NETWORK_INPUT_KEY].reduce((m, key) => withMetadata(m, key, undefined), read);
    const plain = plainConstants(bare);
    const { model, images, input } = resized(plain, file, stated, given);
    const name = options.features ?? findFeatures(model, file, predictions);
    const trunk = options.maps
      ? {
          model: cut(model, { outputs: [mapsBefore(model, file, name)] }),
          features: mapsBefore(model, file, name),
        }
      : endingIn(model, file, name);
    const trained = trainingForm(trunk.model);
    const parameters = trainableParameters(trained.graph);
    const { trainedOn } = metadata ?? {};
    return { model: trained, images, features: trunk.features, input, parameters, trainedOn };
  });
}

/**
 * `withPictures` of the given facts over the stated ones.
 * @throws WeightsError if its layers do not fit pictures of another size than it was made for.
 */
function resized(model: Model, file: string, stated: KnownInput, given: Partial<NetworkInput>) {
  const { width = stated.width, height = stated.height } = given;
  try {
    return withPictures(model, file, { ...stated, ...given });
  } catch (cause) {
    if (width === stated.width && height === stated.height) throw cause;
    const expected = `a network that takes pictures of ${width}×${height}`;
    const found = `one made for ${stated.width}×${stated.height}, whose layers do not fit`;
    throw new WeightsError({ subject: file, expected, found }, { cause });
  }
}

/** The outputs of a model of ours: predictions, which are not features. */
function predictionOutputs(metadata: ModelMetadata | undefined): Set<string> {
  if (metadata === undefined) return new Set();
  const { age, gender } = metadata;
  return new Set([...(age ? [age.name, ...(age.members ?? [])] : []), ...(gender ? [gender.name] : [])]);
}

/** The model with its one image input as `[N, 3, H, W]`, of the final picture size. */
function withPictures(model: Model, file: string, known: KnownInput) {
  const found = imageInput(model, file);
  const last = found.shape[1] !== 3 && found.shape[3] === 3;
  const [height, width] = last ? [found.shape[1], found.shape[2]] : [found.shape[2], found.shape[3]];
  const input = complete(file, { ...sized(height, width), ...known });
  const size: Shape = last ? ['N', input.height, input.width, 3] : ['N', 3, input.height, input.width];
  const inputs = model.graph.inputs.map(
    (i): ValueInfo => (i.name === found.name ? { name: i.name, type: { dtype: 'float32', shape: size } } : i),
  );
  const open = dynamicBatch({ ...model, graph: { ...model.graph, inputs } });
  const fitted = keepZeroPadding(raiseOpset(open, new GraphBuilder().opset));
  return last
    ? { ...channelsFirst(fitted, found.name, input), input }
    : { model: fitted, images: found.name, input };
}

const sized = (height: unknown, width: unknown): KnownInput => ({
  ...(typeof height === 'number' && { height }),
  ...(typeof width === 'number' && { width }),
});

function imageInput({ graph }: Model, file: string): { name: string; shape: Shape } {
  const [input] = graph.inputs;
  const shape = input?.type?.shape;
  const channels =
    shape?.[1] === 3 || shape?.[3] === 3 || shape?.[1] === undefined || typeof shape[1] !== 'number';
  if (graph.inputs.length === 1 && input?.type?.dtype === 'float32' && shape?.length === 4 && channels) {
    return { name: input.name, shape };
  }
  const described = graph.inputs.map(
    (i) => `'${i.name}' ${i.type?.dtype ?? ''} ${formatShape(i.type?.shape)}`,
  );
  throw new WeightsError(
    `${file}: expected one input of float32 images [N, 3, H, W], found ${described.join(', ') || 'none'}`,
  );
}

function complete(file: string, known: KnownInput): NetworkInput & KnownInput {
  const { width, height, color, mean, scale } = known;
  const missing = Object.entries({ width, height, color, mean, scale }).flatMap(([name, value]) =>
    value === undefined ? [name] : [],
  );
  if (width && height && color && mean && scale) return { ...known, width, height, color, mean, scale };
  throw new WeightsError(
    `${file}: does not say what pictures it wants; give the ${missing.join(', ')} of its input`,
  );
}

/** A model with images `[N, H, W, 3]`, preceded by a transpose. */
function channelsFirst(model: Model, name: string, { height, width }: NetworkInput) {
  const { graph } = model;
  const images = `${name}.channels_first`;
  const first: ValueInfo = { name: images, type: { dtype: 'float32', shape: ['N', 3, height, width] } };
  const turn = node('Transpose', [images], [name], { perm: [0, 2, 3, 1] });
  return { model: { ...model, graph: { ...graph, nodes: [turn, ...graph.nodes], inputs: [first] } }, images };
}

/** The last maps `[N, F, H, W]`, of more than one pixel, on the way to a value. */
function mapsBefore(model: Model, file: string, name: string): string {
  const types = inferTypes(model);
  const made = producers(model.graph);
  for (let at: string | undefined = name; at !== undefined; at = made.get(at)?.inputs[0]) {
    const shape = types.get(at)?.shape;
    if (shape?.length === 4 && made.has(at) && !isFlat(shape) && typeof shape[1] === 'number') return at;
  }
  throw new WeightsError({
    subject: file,
    expected: 'a backbone with maps [N, F, H, W], of which features are made',
    found: `none before '${name}'`,
  });
}

/** Features `[N, F]` or maps `[N, F, H, W]`. */
const isReadable = (shape: Shape | undefined): boolean =>
  (shape?.length === 2 || shape?.length === 4) && typeof shape[1] === 'number';

/** The part of the model up to a value, reduced to `[N, F]`. */
function endingIn(model: Model, file: string, name: string): { model: Model; features: string } {
  const types = inferTypes(model);
  const shape = types.get(name)?.shape;
  if (shape === undefined) {
    const values = model.graph.nodes.flatMap(({ outputs }) => outputs);
    const advice = suggestion(
      name,
      values.filter((value) => isReadable(types.get(value)?.shape)),
    );
    throw new WeightsError(`${file}: has no value '${name}' of a known shape${advice}`);
  }
  if (!isReadable(shape)) {
    throw new WeightsError(
      `${file}: expected '${name}' to be [N, F] or maps [N, F, H, W], found ${formatShape(shape)}`,
    );
  }
  if (shape.length === 2) return { model: cut(model, { outputs: [name] }), features: name };
  const g = GraphBuilder.from(cut(model, { outputs: [name] }));
  const maps = g.value(name);
  const pooled: Value = isFlat(shape) ? maps : g.op('GlobalAveragePool', [maps]);
  const features = g.op('Flatten', [pooled], {}, { name: `${name}.flat` });
  g.output(features);
  return { model: g.build(), features: features.name };
}
