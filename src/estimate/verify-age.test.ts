import { describe, expect, it } from 'vitest';
import { noise } from '../vision/testing.js';
import { JUDGEABLE } from './about.js';
import type { FaceData } from './face-data.js';
import { testFace as face } from './testing.js';
import { verifyAge } from './verify-age.js';

const SIDE = 200;
const image = noise(SIDE, SIDE);
const RULE = { age: 18, challenge: 25 };

const verdict = (faces: readonly FaceData[], of = image) => {
  const { verdict, reason } = verifyAge(of, faces, RULE);
  return [verdict, reason];
};

describe('a verification of age', () => {
  it('passes from the challenge age on', () => {
    expect(verifyAge(image, [face(25)], RULE)).toMatchObject({
      verdict: 'pass',
      reason: 'the estimate of 25.0 is 25 or older',
      faces: 1,
      atLeast: 1,
      estimate: 25,
      interval: [20, 30],
      quality: { size: 100, turn: 0 },
    });
  });

  it('refers who may be old enough, and fails who is younger in all likelihood', () => {
    expect(verdict([face(24)])).toEqual(['refer', 'the estimate of 24.0 is younger than 25']);
    expect(verdict([face(13)])).toEqual(['refer', 'the estimate of 13.0 is younger than 25']);
    expect(verdict([face(12)])).toEqual(['fail', 'the whole interval, up to 17.0, is below 18']);
    expect(verifyAge(image, [face(12)], RULE).atLeast).toBe(0);
  });

  it('refers where there is not one face', () => {
    expect(verdict([])).toEqual(['refer', 'no face was found']);
    expect(verdict([face(40), face(50)])).toEqual(['refer', '2 faces were found, one is expected']);
    expect(verifyAge(image, [], RULE)).toMatchObject({
      atLeast: null,
      estimate: null,
      quality: null,
      faces: 0,
    });
  });

  it('refers a face that cannot be judged, however old it looks', () => {
    const small = face(60, { box: { x: 80, y: 80, width: 20, height: 30 } });
    expect(verdict([small])).toEqual([
      'refer',
      `the face is too small: 20 pixels, ${JUDGEABLE.size} are needed`,
    ]);
    const plain = { ...image, data: new Uint8Array(3 * SIDE * SIDE).fill(90) };
    expect(verdict([face(60)], plain)).toEqual([
      'refer',
      `the face is too blurred: a sharpness of 0.000, ${JUDGEABLE.sharpness} is needed`,
    ]);
    const aside = face(60, { landmarks: { ...face(60).landmarks!, nose: { x: 128, y: 110 } } });
    expect(verdict([aside])[1]).toMatch(
      /^the face is turned away too far: its nose lies 0\.70 eye distances aside/,
    );
  });

  it('judges a cropped face only by its age', () => {
    expect(verifyAge(image, [face(30, { landmarks: null })], RULE)).toMatchObject({
      verdict: 'pass',
      quality: null,
    });
  });

  it('needs a challenge age that is not below the age', () => {
    expect(() => verifyAge(image, [], { age: 18, challenge: 17 })).toThrow(
      'challenge: expected an age of 18 or more, found 17',
    );
  });
});
