import { describe, expect, it } from 'vitest';
import { type FaceRow, faceTable, YEARS } from '../metrics/index.js';
import { compareModels, isDecided } from './compare.js';
import { comparisonPage, crossRows, differenceText } from './compare-page.js';
import { writeYears } from './figure-text.js';
import { labelledOf } from './peers/peer.js';
import { HOSTILE } from './testing.js';

const DATA = { title: 'Made', path: 'made', part: null };

const sure = (age: number) => Float32Array.from({ length: YEARS }, (_, y) => Number(y === age));

/** 60 faces aged 10 to 69, estimated too old by `off`; those at `missed` not found. */
const table = (off: (i: number) => number, missed: readonly number[] = [], single = false) =>
  faceTable(
    Array.from({ length: 60 }, (_, i): FaceRow => {
      const estimate = 10 + i + off(i);
      return {
        label: { age: 10 + i },
        gender: i % 2 === 0 ? 'female' : 'male',
        prediction: missed.includes(i)
          ? undefined
          : { age: single ? { mean: estimate } : { years: sure(estimate) }, female: i % 4 === 0 ? 0.9 : 0.1 },
      };
    }),
  );

describe('a comparison', () => {
  const first = { name: 'first', table: table(() => 2), trainedOn: 'elsewhere' };
  const second = { name: `peer ${HOSTILE}`, table: table((i) => (i % 2 === 0 ? 4 : 5), [0, 7], true) };
  const found = compareModels([first, second], DATA, { draws: 200, seed: 3 });

  it('uses the faces that all found, except for age checks', () => {
    expect([found.faces, found.common]).toEqual([60, 58]);
    expect(found.models.map(({ notFound }) => notFound)).toEqual([0, 2]);
    const [a, b] = found.models.map(({ figures }) => figures);
    expect(a!.mae!.value).toBeCloseTo(2, 9);
    // Of 58 faces 29 are off by 4 and 29 by 5.
    expect(b!.mae!.value).toBeCloseTo(4.5, 9);
    // Of 8 minors the first estimates those of 16 and 17 as 18 or older, the peer those from 14 or 13, of 17 not found.
    expect(a!.falseAdults!.value).toBeCloseTo(2 / 8, 9);
    expect(b!.falseAdults!.value).toBeCloseTo(4 / 8, 9);
    // A single age has no likelihood.
    expect([a!.nll!.value === null, b!.nll!.value]).toEqual([false, null]);
  });

  it('pairs the draws: the interval of a difference is narrower than either figure’s', () => {
    const { mae, bias, gender } = found.models[1]!.differences!;
    expect(mae!.value).toBeCloseTo(2.5, 9);
    expect(mae!.high! - mae!.low!).toBeLessThan(0.5);
    expect(isDecided(mae!) && isDecided(bias!)).toBe(true);
    expect(gender).toEqual({ value: 0, low: 0, high: 0 });
    expect(found.models[0]!.differences).toBeNull();
    expect(compareModels([first, second], DATA, { draws: 200, seed: 3 })).toEqual(found);
  });

  it('is refused for different faces, and if no face is found by all', () => {
    const fewer = { name: 'fewer', table: faceTable([{ label: { age: 1 } }]) };
    expect(() => compareModels([first, fewer], DATA)).toThrow(
      "Model 'fewer': expected predictions of the same 60 faces as those of 'first', found 1 faces",
    );
    const none = { name: 'none', table: table(() => 0, [...Array(60).keys()]) };
    expect(() => compareModels([first, none], DATA)).toThrow('made: expected faces that every model finds');
  });

  it('makes a page that compares every model with the first, and escapes names', () => {
    const page = comparisonPage([found, { ...found, data: { ...DATA, title: 'Other' } }]);
    expect(page).toContain('Differences from first');
    expect(page).toContain('by training and test data');
    expect(page).not.toContain('<script>');
    expect(crossRows([found, found])[0]).toEqual(['first', 'elsewhere', '2.00', '2.00']);
    expect(differenceText({ value: -0.5, low: -0.75, high: -0.25 }, writeYears)).toBe(
      '−0.50 (−0.75 to −0.25) *',
    );
  });
});

it('takes the face in the labelled box, or the largest', () => {
  const faces = [10, 100].map((x, i) => ({ box: { x, y: 0, width: 20 + 10 * i, height: 20 }, i }));
  expect(labelledOf(faces, { x: 5, y: 0, width: 20, height: 20 })?.i).toBe(0);
  expect(labelledOf(faces, undefined)?.i).toBe(1);
  expect(labelledOf(faces, { x: 300, y: 0, width: 9, height: 9 })).toBeUndefined();
});
