import { describe, expect, it } from 'vitest';
import type { Model } from '../onnx/index.js';
import { readMetadata } from './document.js';
import { MetadataError } from './error.js';
import { testDocument, testInput } from './testing.js';

const document = testDocument({
  input: testInput({ width: 64, height: 64, color: 'BGR', mean: [104, 117, 124], margin: 0.4 }),
  age: { name: 'age', activation: 'logits', classes: [[0, 9], 10, [11, 100]] },
  gender: { name: 'gender', activation: 'probabilities', labels: ['female', 'male'] },
  provenance: { backbone: 'none', data: 'none', recipe: 'none', licence: 'none', source: 'none' },
});

const calibration = {
  temperature: 0.5,
  spread: 1.5,
  logWeights: null,
  bias: { knots: [0, 50], ages: [1, 49] },
  femaleFrom: 0.4,
  interval: { coverage: 0.9, widening: -1 },
  fittedOn: [{ title: 'Made', fingerprint: 'f', split: 'hash', part: 'validation', rows: 'r', faces: 99 }],
};

const model = (metadata: unknown, ages: number | string = 3): Model => ({
  irVersion: 9,
  opsets: new Map([['', 20]]),
  producerName: '',
  producerVersion: '',
  metadata: new Map(metadata === undefined ? [] : [['agewise', JSON.stringify(metadata)]]),
  graph: {
    name: 'g',
    nodes: [],
    inputs: [],
    initializers: new Map(),
    valueInfo: new Map(),
    outputs: [
      { name: 'age', type: { dtype: 'float32', shape: ['N', ages] } },
      { name: 'gender', type: { dtype: 'float32', shape: ['N', 2] } },
    ],
  },
});

const withInput = (m: Model, shape: (number | string)[]): Model => ({
  ...m,
  graph: { ...m.graph, inputs: [{ name: 'image', type: { dtype: 'float32', shape } }] },
});

const problem = (m: Model, given?: unknown): string => {
  try {
    readMetadata(m, 'm.onnx', given);
  } catch (error) {
    expect(error).toBeInstanceOf(MetadataError);
    return (error as Error).message;
  }
  throw new Error('No error was thrown');
};

describe('readMetadata', () => {
  it('reads the document that the model carries', () => {
    const metadata = readMetadata(model(document), 'm.onnx');
    expect(metadata.age!.classes).toEqual([
      { from: 0, to: 9 },
      { from: 10, to: 10 },
      { from: 11, to: 100 },
    ]);
    expect(metadata.input.margin).toBe(0.4);
  });

  it('reads a calibration in version 2', () => {
    const metadata = readMetadata(model({ ...document, formatVersion: 2, calibration }), 'm.onnx');
    expect(metadata.calibration).toEqual(calibration);
    expect(readMetadata(model({ ...document, formatVersion: 2 }), 'm.onnx').calibration).toBeUndefined();
  });

  it('reads calibrations from before there were weights of years and lists of stores', () => {
    const { logWeights: _, ...rest } = calibration;
    const before = { ...rest, fittedOn: calibration.fittedOn[0] };
    const metadata = readMetadata(model({ ...document, formatVersion: 2, calibration: before }), 'm.onnx');
    expect(metadata.calibration).toEqual(calibration);
  });

  it('takes a document given for a model that has none', () => {
    expect(readMetadata(model(undefined), 'm.onnx', document).name).toBe('test');
  });

  it.each([
    ['no metadata', model(undefined), /'m\.onnx' has no metadata property 'agewise'/],
    [
      'a class count that the output contradicts',
      model(document, 101),
      /3 age classes, its output 'age' has 101/,
    ],
    [
      'an output that the graph lacks',
      model({ ...document, age: { ...document.age, name: 'prob' } }),
      /names an output 'prob', the graph has 'age', 'gender'/,
    ],
    [
      'a graph without outputs',
      { ...model(document), graph: { ...model(document).graph, outputs: [] } },
      /the graph has none$/,
    ],
    ['another format version', model({ ...document, formatVersion: 3 }), /at 'formatVersion'/],
    [
      'a calibration in version 1',
      model({ ...document, calibration }),
      /at 'calibration': expected none in version 1/,
    ],
    [
      'knots that go back',
      model({
        ...document,
        formatVersion: 2,
        calibration: { ...calibration, bias: { knots: [10, 5], ages: [1, 2] } },
      }),
      /at 'calibration\.bias': expected as many ages as knots, and knots in ascending order/,
    ],
    [
      'weights of other years',
      model({ ...document, formatVersion: 2, calibration: { ...calibration, logWeights: [0, 1] } }),
      /at 'calibration\.logWeights'/,
    ],
    ['an unknown field', model({ ...document, colour: 'red' }), /Unrecognized key: "colour"/],
    [
      'one gender twice',
      model({ ...document, gender: { ...document.gender, labels: ['male', 'male'] } }),
      /at 'gender\.labels'/,
    ],
    [
      'an input larger than any network has',
      model({ ...document, input: { ...document.input, width: 2_000_000 } }),
      /at 'input\.width'/,
    ],
    [
      'an input that the graph contradicts',
      withInput(model(document), ['N', 3, 64, 96]),
      /has an input of \[N, 3, 64, 64\], its input 'image' is \[N, 3, 64, 96\]/,
    ],
    [
      'overlapping classes',
      model({ ...document, age: { ...document.age, classes: [[0, 9], [9, 20], 30] } }),
      /9\.\.20 does not come after 0\.\.9/,
    ],
  ])('refuses %s in one sentence', (_, m, sentence) => {
    expect(problem(m)).toMatch(sentence);
  });

  it('refuses text that is not JSON', () => {
    const broken = { ...model(undefined), metadata: new Map([['agewise', '{']]) };
    expect(problem(broken)).toMatch(/not JSON/);
  });
});
