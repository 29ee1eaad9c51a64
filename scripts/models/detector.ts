/**
 * The face detector: MediaPipe's full-range network from its TFLite file, from the pixels of a picture to the grid of scores
 * and boxes.
 *
 * Inputs: `image` uint8 [1, H, W, 3], interleaved RGB; `least` float32, the logit below which a cell is left out. Outputs: of the
 * K cells of 4×4 pixels that remain `cells` int64 [K], row · columns + column, with ⌈W/32⌉·8 columns, `logits` float32 [K],
 * `points` float32 [16, K], the box and six points, and `evidence` float32 [K], by which the second look judges.
 */
import { readFileSync } from 'node:fs';
import { importTflite } from '../../src/onnx/import/index.js';
import {
  alignChannels,
  append,
  cut,
  float32,
  float32Values,
  type Graph,
  GraphBuilder,
  type Model,
  rename,
  toFloat16,
  type Value,
} from '../../src/onnx/index.js';
import { forPixels, MIDDLE, splitWidening } from './detector-form.js';
import { packageFile } from './source.js';

export const DETECTOR_PACKAGE = { name: '@mediapipe/face_detection', version: '0.4.1657300184' };
const FILE = 'face_detection_full_range.tflite';
const FILE_SHA256 = '99bf9494d84f50acc6617d89873f71bf6635a841ea699c17cb3377f9507cfec3';

/** Channels in a block of ONNX Runtime's convolutions on AVX-512; those of AVX2 are half as large. */
const CHANNEL_BLOCK = 16;

/** The network's last features, of every cell, and its deepest, of every 8 × 8 cells. */
const FEATURES = { last: 'activation_46', deepest: 'activation_30' } as const;

const LAST_CHANNELS = 48;
const DEEPEST_CHANNELS = 384;
/** The channels of both. */
export const EVIDENCE_CHANNELS = LAST_CHANNELS + DEEPEST_CHANNELS;

/** Weights of the features' channels, the last ones first, and what is added; fit-evidence.ts finds them. */
export interface EvidenceWeights {
  readonly weights: readonly number[];
  readonly bias: number;
}

const fitted = () =>
  JSON.parse(readFileSync(new URL('face-evidence.json', import.meta.url), 'utf8')) as EvidenceWeights;

/**
 * The detector, its weights in float16 as the source has them.
 * @param evidence the weights of `evidence`; 'features' for the features themselves, `features` float32 [channels, K], to fit
 * weights to
 */
export async function buildDetector(
  cache: string,
  evidence: EvidenceWeights | 'features' = fitted(),
): Promise<Model> {
  const bytes = await packageFile(DETECTOR_PACKAGE, FILE, FILE_SHA256, cache);
  const whole = importTflite(bytes, { inputShapes: { input: ['N', 3, 'H', 'W'] } });
  const trunk = cut(whole, { outputs: Object.values(FEATURES) });
  const network = toFloat16(splitWidening(alignChannels(rename(trunk, { input: 'canvas' }), CHANNEL_BLOCK)));
  const opset = network.opsets.get('')!;
  const form = append(buildInput(opset), forPixels(network, 'canvas'), { canvas: 'canvas' });
  return append(form, buildOutput(opset, whole.graph, evidence), FEATURES);
}

/** The box and six points, two numbers each. */
const REGRESSION_CHANNELS = 16;

/** The network halves its canvas five times. */
const CANVAS_MULTIPLE = 32;

/** From pixels to the network's canvas: the picture in the upper left corner, mid-grey beyond it, as `forPixels` asks. */
function buildInput(opset: number): Model {
  const g = new GraphBuilder({ opset, name: 'face-detector' });
  const image = g.input('image', 'uint8', [1, 'H', 'W', 3]);
  const planes = g.op('Cast', [g.op('Transpose', [image], { perm: [0, 3, 1, 2] })], { to: 'float32' });
  const size = g.op('Slice', [g.op('Shape', [image]), g.ints([1]), g.ints([3])]);
  // Mod takes the divisor's sign: what is missing to the next multiple.
  const missing = g.op('Mod', [g.op('Neg', [size]), g.ints([CANVAS_MULTIPLE])]);
  const beyond = g.op('Add', [missing, g.ints([1])]);
  const pads = g.op('Concat', [g.ints([0, 0, 0, 0, 0, 0]), beyond], { axis: 0 });
  g.output(g.op('Pad', [planes, pads, g.scalar(MIDDLE)]), 'canvas');
  return g.build();
}

/** Of the grid the cells that may hold a face: a hundred instead of fifty thousand. */
function buildOutput(opset: number, { initializers }: Graph, evidence: EvidenceWeights | 'features'): Model {
  const g = new GraphBuilder({ opset, name: 'cells' });
  const last = g.input('last', 'float32', [1, LAST_CHANNELS, 'rows', 'columns']);
  const deepest = g.input('deepest', 'float32', [1, DEEPEST_CHANNELS, 'deep rows', 'deep columns']);
  const ofEvidence = evidence === 'features' ? [] : evidence.weights;
  // One convolution for all: of a few channels each would cost as much as of a block of them.
  const parts = ['classifier_face_4', 'regressor_face_4'].map((name) => ({
    weights: [...float32Values(initializers.get(`${name}/Kernel_dequantize`)!)],
    bias: [...float32Values(initializers.get(`${name}/Bias_dequantize`)!)],
  }));
  if (evidence !== 'features') parts.push({ weights: ofEvidence.slice(0, LAST_CHANNELS), bias: [0] });
  const bias = parts.flatMap((part) => part.bias);
  const weights = parts.flatMap((part) => part.weights);
  const all = g.op('Conv', [
    last,
    g.constant(float32('', [bias.length, LAST_CHANNELS, 1, 1], weights)),
    g.constant(float32('', [bias.length], bias)),
  ]);
  const rows = g.reshape(all, [bias.length, -1]);
  const row = (values: Value, from: number, to = from + 1) =>
    g.op('Slice', [values, g.ints([from]), g.ints([to]), g.ints([0])]);
  const flat = (values: Value) => g.reshape(values, [-1]);

  const least = g.input('least', 'float32', []);
  const found = g.op('NonZero', [g.op('GreaterOrEqual', [flat(row(rows, 0)), least])]);
  const cells = g.op('Squeeze', [found, g.ints([0])]);
  g.output(cells, 'cells');
  const kept = g.op('Gather', [rows, cells], { axis: 1 });
  g.output(flat(row(kept, 0)), 'logits');
  g.output(row(kept, 1, 1 + REGRESSION_CHANNELS), 'points');

  // The deepest features between their cells' centres, in -1..1 from border to border.
  const sides = g.op('Gather', [g.op('Shape', [all]), g.ints([3, 2])], { axis: 0 });
  const columns = g.op('Slice', [sides, g.ints([0]), g.ints([1])]);
  const place = [g.op('Mod', [cells, columns]), g.op('Div', [cells, columns])];
  const centres = g.op('Add', [
    g.op(
      'Cast',
      [
        g.op(
          'Concat',
          place.map((axis) => g.reshape(axis, [-1, 1])),
          { axis: 1 },
        ),
      ],
      { to: 'float32' },
    ),
    g.scalar(0.5),
  ]);
  const doubled = g.op('Mul', [
    g.op('Div', [centres, g.op('Cast', [sides], { to: 'float32' })]),
    g.scalar(2),
  ]);
  const grid = g.reshape(g.op('Sub', [doubled, g.scalar(1)]), [1, 1, -1, 2]);
  const atCells = (values: Value) =>
    g.op('GridSample', [values, grid], { mode: 'bilinear', padding_mode: 'border', align_corners: 0 });
  if (evidence === 'features') {
    const features = [
      g.op('Gather', [g.reshape(last, [LAST_CHANNELS, -1]), cells], { axis: 1 }),
      g.reshape(atCells(deepest), [DEEPEST_CHANNELS, -1]),
    ];
    g.output(g.op('Concat', features, { axis: 0 }), 'features');
    return g.build();
  }
  const deep = g.op('Conv', [
    deepest,
    g.constant(float32('', [1, DEEPEST_CHANNELS, 1, 1], ofEvidence.slice(LAST_CHANNELS))),
    g.constant(float32('', [1], [evidence.bias])),
  ]);
  g.output(g.op('Add', [flat(row(kept, bias.length - 1)), flat(atCells(deep))]), 'evidence');
  return g.build();
}
