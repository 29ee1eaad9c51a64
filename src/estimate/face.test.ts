import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { FaceEstimate, faceEstimate } from './face.js';
import { faceJson } from './face-json.js';
import { ROUNDED, UNROUNDED } from './testing.js';

const year = (age: number) => ({ from: age, to: age });

const face = new FaceEstimate({
  ...UNROUNDED,
  distribution: {
    classes: [year(17), { from: 18, to: 100 }],
    probabilities: Float32Array.of(0.25, 0.75),
  },
});

describe('a face', () => {
  it('is plain data but for its methods, which a clone gets back', () => {
    const clone = structuredClone(face);
    expect(clone).toEqual({ ...face });
    expect(Object.keys(clone)).toEqual(Object.keys(face));
    expect(new FaceEstimate(clone)).toStrictEqual(face);
    expect(new FaceEstimate(clone).atLeast(18)).toBe(face.atLeast(18));
  });

  it('gives the probability of an age or older, and refuses what is no age', () => {
    expect(face.atLeast(18)).toBeCloseTo(0.75);
    expect(() => (face.atLeast as () => number)()).toThrow(TypeError);
    expect(() => face.atLeast(Number.NaN)).toThrow(/t: expected an age in years, found NaN/);
  });

  it('has the JSON that the command line prints: rounded, the distribution by years', () => {
    const json = JSON.parse(JSON.stringify(face));
    expect(json).toEqual({
      ...ROUNDED,
      distribution: [
        { from: 17, to: 17, p: 0.25 },
        { from: 18, to: 100, p: 0.75 },
      ],
    });
    expect(faceJson(structuredClone(face))).toEqual(json);
  });

  it('is printed short', () => {
    const printed = inspect({ width: 640, height: 480, faces: [face] });
    expect(printed).toMatch(/FaceEstimate \{\s+age: 34\.6,\s+interval: \[ 21, 49 \],\s+gender: 'female'/);
    expect(printed).not.toMatch(/probabilities|rightEye/);
    expect(printed.length).toBeLessThan(400);
    expect(inspect({ a: { b: face } }, { depth: 0 })).not.toMatch(/age/);
  });
});

describe('a face of a model of groups', () => {
  it('has the most probable group, also in JSON', () => {
    const classes = [
      { from: 1, to: 40 },
      { from: 41, to: 45 },
      { from: 46, to: 100 },
    ];
    const place = { box: { x: 0, y: 0, width: 9, height: 9 }, score: null, landmarks: null };
    const prediction = { age: { classes, probabilities: [0.45, 0.2, 0.35] }, female: undefined };
    const estimate = faceEstimate(place, [prediction]);
    expect(estimate.group).toEqual({ from: 1, to: 40, probability: 0.45 });
    expect(faceJson(estimate).group).toEqual({ label: '1-40', from: 1, to: 40, probability: 0.45 });
    expect(structuredClone(estimate).group).toEqual(estimate.group);
    // Models of other classes say years together.
    const years = { age: { classes: [year(20), year(30)], probabilities: [1, 0] }, female: undefined };
    expect(faceEstimate(place, [prediction, years]).group).toBeUndefined();
  });
});

describe('a face of several networks', () => {
  const place = { box: { x: 0, y: 0, width: 9, height: 9 }, score: null, landmarks: null };
  const surely = (age: number) => ({ classes: [year(age)], probabilities: [1] });
  const prediction = (age: number, model: number, members?: number[]) => ({
    age: surely(age),
    female: undefined,
    model,
    members: members?.map(surely),
  });

  it('has the age of each, over its views', () => {
    const estimate = faceEstimate(place, [
      prediction(20, 0),
      prediction(30, 0),
      prediction(60, 1),
      prediction(64, 1),
    ]);
    expect(estimate.members).toEqual([25, 62]);
    expect(estimate.age).toBeCloseTo(43.5);
    expect(faceEstimate(place, [prediction(20, 0), prediction(30, 0)]).members).toBeUndefined();
  });

  it('has the age of each that one model averages', () => {
    const estimate = faceEstimate(place, [prediction(30, 0, [28, 32]), prediction(40, 0, [38, 44])]);
    expect(estimate.members).toEqual([33, 38]);
  });

  it('has no age from a model that predicts only gender', () => {
    const gender = { age: { classes: [], probabilities: [] }, female: 0.75, model: 1 };
    const estimate = faceEstimate(place, [prediction(30, 0), gender]);
    expect([estimate.age, estimate.members, estimate.gender]).toEqual([
      30,
      undefined,
      { label: 'female', probability: 0.75 },
    ]);
    const alone = faceEstimate(place, [gender]);
    expect([alone.age, alone.median, alone.std, ...alone.interval].every(Number.isNaN)).toBe(true);
    expect(alone.atLeast(18)).toBeNaN();
    expect(JSON.parse(JSON.stringify(alone))).toMatchObject({
      age: null,
      interval: [null, null],
      distribution: [],
    });
  });
});

describe('several predictions of a face', () => {
  const at = (age: number, female?: number) => ({
    age: { classes: [year(20), year(40)], probabilities: age === 20 ? [1, 0] : [0, 1] },
    female,
  });
  const place = { box: { x: 0, y: 0, width: 1, height: 1 }, score: null, landmarks: null };

  it('are averaged as distributions, and as probabilities of a gender', () => {
    const { age, std, gender } = faceEstimate(place, [at(20, 0.1), at(40, 0.5)]);
    expect([age, std]).toEqual([30, 10]);
    expect(gender).toEqual({ label: 'male', probability: 0.7 });
  });

  it('have the gender of those that predict one, and none if none does', () => {
    expect(faceEstimate(place, [at(20), at(40, 0.9)]).gender).toEqual({ label: 'female', probability: 0.9 });
    expect(faceEstimate(place, [at(20)])).not.toHaveProperty('gender');
  });
});
