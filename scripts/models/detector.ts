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
const DEEPEST_CELLS = 8;

const LAST_CHANNELS = 48;
/** The channels of both. */
export const EVIDENCE_CHANNELS = LAST_CHANNELS + 384;

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
  // The two reshapes that follow flatten the grid of cells, which decoding needs unflattened.
  const grid = cut(whole, { outputs: ['classifier_face_4', 'regressor_face_4', ...Object.values(FEATURES)] });
  const named = rename(grid, { input: 'canvas', classifier_face_4: 'cls', regressor_face_4: 'reg' });
  const opset = named.opsets.get('')!;
  const judging = append(named, buildEvidence(opset, evidence), FEATURES);
  const network = forPixels(toFloat16(splitWidening(alignChannels(judging, CHANNEL_BLOCK))), 'canvas');
  const output = evidence === 'features' ? 'features' : 'evidence';
  return append(append(buildInput(opset), network, { canvas: 'canvas' }), buildOutput(opset, output), {
    cls: 'cls',
    reg: 'reg',
    cell: 'cell',
  });
}

/** A number for each cell by the weights, or the features themselves. */
function buildEvidence(opset: number, evidence: EvidenceWeights | 'features'): Model {
  const g = new GraphBuilder({ opset, name: 'evidence' });
  const last = g.input('last', 'float32', [1, LAST_CHANNELS, 'rows', 'columns']);
  const deepest = g.input('deepest', 'float32', [
    1,
    EVIDENCE_CHANNELS - LAST_CHANNELS,
    'deep rows',
    'deep columns',
  ]);
  const enlarged = (value: Value) =>
    g.op('Resize', [value, undefined, g.constant(float32('', [4], [1, 1, DEEPEST_CELLS, DEEPEST_CELLS]))], {
      mode: 'linear',
    });
  if (evidence === 'features') {
    g.output(g.op('Concat', [last, enlarged(deepest)], { axis: 1 }), 'cell');
    return g.build();
  }
  const weighted = (value: Value, from: number, to: number, bias: number) => {
    const weights = g.constant(float32('', [1, to - from, 1, 1], evidence.weights.slice(from, to)));
    return g.op('Conv', [value, weights, g.constant(float32('', [1], [bias]))]);
  };
  const deep = enlarged(weighted(deepest, LAST_CHANNELS, EVIDENCE_CHANNELS, evidence.bias));
  g.output(g.op('Add', [weighted(last, 0, LAST_CHANNELS, 0), deep]), 'cell');
  return g.build();
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
function buildOutput(opset: number, judgement: 'evidence' | 'features'): Model {
  const g = new GraphBuilder({ opset, name: 'cells' });
  const cls = g.reshape(g.input('cls', 'float32', [1, 1, 'rows', 'columns']), [-1]);
  const reg = g.reshape(g.input('reg', 'float32', [1, REGRESSION_CHANNELS, 'rows', 'columns']), [
    REGRESSION_CHANNELS,
    -1,
  ]);
  const least = g.input('least', 'float32', []);
  const found = g.op('NonZero', [g.op('GreaterOrEqual', [cls, least])]);
  const cells = g.op('Squeeze', [found, g.ints([0])]);
  g.output(cells, 'cells');
  g.output(g.op('Gather', [cls, cells], { axis: 0 }), 'logits');
  g.output(g.op('Gather', [reg, cells], { axis: 1 }), 'points');
  const channels = judgement === 'evidence' ? 1 : EVIDENCE_CHANNELS;
  const cell = g.input('cell', 'float32', [1, channels, 'rows', 'columns']);
  const [shape, axis] = channels === 1 ? [[-1], 0] : [[channels, -1], 1];
  g.output(g.op('Gather', [g.reshape(cell, shape), cells], { axis }), judgement);
  return g.build();
}
