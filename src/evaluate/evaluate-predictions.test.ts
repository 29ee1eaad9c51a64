import { describe, expect, it } from 'vitest';
import { CLASS_SETS } from '../age/index.js';
import { YEARS } from '../metrics/index.js';
import type { CardMetadata } from './card-metadata.js';
import { evaluatePredictions } from './evaluate-predictions.js';
import { headlineFigures } from './figure-text.js';
import type { PredictedFace, PredictedModel, Predictions } from './predictions.js';

const at = (age: number) => Float32Array.from({ length: YEARS }, (_, year) => Number(year === age));

const face = (age: number, ages: readonly number[], rest: Partial<PredictedFace> = {}): PredictedFace => ({
  file: `${age}.jpg`,
  label: { age },
  columns: { race: 'a', set: 'made' },
  predictions: ages.map((age) => ({ years: at(age), female: undefined })),
  ...rest,
});

const model = (name: string, changes: Partial<PredictedModel> = {}): PredictedModel => ({
  name,
  sha256: '',
  youngest: 0,
  oldest: 100,
  memberOf: null,
  calibratedOn: null,
  trainedOn: null,
  interval: null,
  ...changes,
});

const STORE = {
  path: 'made.store',
  title: 'Made',
  set: 'made',
  fingerprint: 'f',
  split: 'hash',
  part: 'test',
  rows: 'r',
};

const predictions = (faces: readonly PredictedFace[], models = [model('m')], data = STORE): Predictions => ({
  info: { models, data, cropped: true, flip: false },
  faces,
  leftOut: [],
});

const evaluate = (of: Predictions) => evaluatePredictions(of, { draws: 3 });
const notes = (of: Predictions) => evaluate(of)[0]!.origin!.notes;

describe('figures of predictions', () => {
  it('exist for each model and for their mean', () => {
    const [first, second, both] = evaluate(predictions([face(30, [34, 30])], [model('a'), model('b')]));
    const error = (of: typeof first) => of!.all.age.mean!.figures.mae!.value;
    expect([error(first), error(second), error(both)]).toEqual([4, 0, 2]);
    expect(both!.origin).toMatchObject({ name: 'ensemble', models: [{ name: 'a' }, { name: 'b' }] });
  });

  it('are of gender alone for a network of gender alone, whose ages do not count in the mean of models', () => {
    const facts = (age: CardMetadata['age'], gender: object | null): CardMetadata => ({
      name: '',
      input: { width: 1, height: 1, color: 'RGB', margin: 0 },
      age,
      gender,
      provenance: { backbone: '', data: '', recipe: '', licence: '', source: '' },
    });
    const uniform = new Float32Array(YEARS).fill(1 / YEARS);
    const models = [
      model('ages', { facts: facts({ classes: [{ from: 0, to: 0 }] }, null) }),
      model('genders', { facts: facts(null, {}) }),
    ];
    const seen = face(30, [], {
      gender: 'female',
      predictions: [
        { years: at(34), female: undefined },
        { years: uniform, female: 0.9 },
      ],
    });
    const [, genders, both] = evaluate(predictions([seen], models));
    expect(headlineFigures(genders!).map(({ name }) => name)).toEqual([
      'gender accuracy',
      'balanced gender accuracy',
      'gender F1, mean of both',
    ]);
    expect(both!.all.age.mean!.figures.mae!.value).toBe(4);
    expect(both!.all.gender!.figures.accuracy!.value).toBe(1);
  });

  it('count faces that were not found, and leave out pictures that could not be read', () => {
    const unread = face(20, [], { predictions: undefined, problem: '20.jpg: it is empty' });
    const [found] = evaluate(predictions([face(30, [31]), face(40, [], { predictions: undefined }), unread]));
    expect(found!.all.faces).toEqual({ total: 2, notFound: 1, notFoundShare: 0.5 });
    expect(found!.origin!.unreadable).toEqual([{ file: '20.jpg', problem: '20.jpg: it is empty' }]);
  });

  it('distinguish data sets if there are several', () => {
    const other = face(30, [31], { columns: { set: 'other' } });
    const columns = (faces: PredictedFace[]) => evaluate(predictions(faces))[0]!.groups.map((g) => g.column);
    expect(columns([face(30, [31])])).not.toContain('set');
    expect(columns([face(30, [31]), other])).toContain('set');
  });

  it('are first those of its own groups, for a model of groups', () => {
    const groups = CLASS_SETS['groups-8'];
    const ofGroups = (names: readonly string[]) => names.map((name) => model(name, { groups }));
    // 30 is 26-35, 17 is 6-18; the last of three is one group off.
    const faces = [face(30, [33, 33]), face(17, [10, 10]), face(40, [30, 30])];
    const [first, , both] = evaluate(predictions(faces, ofGroups(['a', 'b'])));
    for (const found of [first!, both!]) {
      expect(Object.keys(found.classes)).toEqual(['groups-8']);
      const [probable] = found.classes['groups-8']!;
      expect(probable!.figures.figures.accuracy!.value).toBeCloseTo(2 / 3, 12);
      expect(probable!.figures.figures.oneOff!.value).toBe(1);
      const headline = headlineFigures(found).slice(0, 2);
      expect(headline.map(({ name, figure }) => [name, figure.value])).toEqual([
        ['age group accuracy', expect.closeTo(2 / 3, 12)],
        ['age group or the next, accuracy', 1],
      ]);
    }
    const [requested] = evaluatePredictions(predictions(faces, ofGroups(['a', 'b'])), {
      draws: 3,
      classSets: {
        own: [
          { from: 0, to: 17 },
          { from: 18, to: 100 },
        ],
      },
    });
    expect(Object.keys(requested!.classes)).toEqual(['own']);
    const years = evaluate(predictions([face(30, [33])]))[0]!;
    expect(Object.keys(years.classes)).toEqual(['adience', 'groups-14', 'groups-8']);
    expect(headlineFigures(years)[0]!.name).toBe('MAE, years');
  });

  it('need faces with labels', () => {
    const unlabelled = face(30, [31], { label: undefined });
    expect(() => evaluate(predictions([unlabelled]))).toThrow(
      'made.store: expected faces with ages or genders, found none',
    );
    expect(() => evaluate(predictions([]))).toThrow(
      'made.store: expected pictures to evaluate on, found none',
    );
  });
});

describe('notes', () => {
  it('state which labels no class covers', () => {
    const faces = [face(30, [31]), face(90, [80]), face(3, [3]), face(95, [80])];
    expect(notes(predictions(faces, [model('m', { oldest: 80 })]))).toContain(
      "Model 'm' predicts ages from 0 to 80; 2 of 4 labels (50.0%) lie outside.",
    );
  });

  it('state that there are no minors', () => {
    const found = notes(predictions([face(17, [19]), face(30, [31])]));
    expect(found).toContain(
      'No face is known to be younger than 13, 16, so there is no false adult rate there.',
    );
  });

  it('state groups that are too small to be ranked', () => {
    const faces = Array.from({ length: 40 }, (_, i) =>
      face(30, [31], { columns: { race: i < 29 ? 'few' : 'fewer' } }),
    );
    expect(notes(predictions(faces))).toContain(
      'By race, few, fewer have fewer than 30 faces and are not ranked as best or worst.',
    );
    expect(notes(predictions(faces)).join()).not.toContain('By age band');
    // Ranks are by error, which faces that were not found have not.
    const lost = Array.from({ length: 40 }, (_, i) =>
      face(30, [31], { columns: { race: 'lost' }, ...(i >= 29 && { predictions: undefined }) }),
    );
    expect(notes(predictions(lost))).toContain(
      'By race, lost has fewer than 30 faces and is not ranked as best or worst.',
    );
  });

  it.each([
    ['of the same faces', {}, 'these very faces'],
    ['of another part', { part: 'validation', rows: 'v' }, undefined],
    ['of the store by another split', { split: 'shares', part: 'train', rows: 't' }, 'may have seen some'],
    ['of another store', { fingerprint: 'g' }, undefined],
  ])('state a calibration on faces %s', (_, changes, sentence) => {
    const { title, fingerprint, split, part, rows } = { ...STORE, ...changes };
    const other = { title: 'Other', fingerprint: 'o', split: null, part: null, rows: 'x', faces: 5 };
    const calibratedOn = [other, { title, fingerprint, split, part, rows, faces: 2 }];
    const found = notes(predictions([face(30, [31])], [model('m', { calibratedOn })])).join();
    if (sentence === undefined) expect(found).not.toContain('calibrated');
    else expect(found).toContain(sentence);
  });
});
