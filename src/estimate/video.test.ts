import { describe, expect, it } from 'vitest';
import type { FaceData } from './face-data.js';
import { testFace } from './testing.js';
import { FaceFollower, viewWeight } from './video.js';

const QUALITY = { size: 120, sharpness: 0.2, turn: 0 };

/** A face that is certain to be of one age. */
function face(age: number, x = 100, more: Partial<FaceData> = {}): FaceData {
  return testFace(age, {
    box: { x, y: 50, width: 80, height: 80 },
    landmarks: null,
    std: 0,
    interval: [age - 8, age + 10],
    gender: { label: 'female', probability: 0.8 },
    view: { quality: QUALITY, appearance: new Float32Array(0) },
    ...more,
  });
}

const see = (follower: FaceFollower, time: number, faces: readonly FaceData[]) => {
  follower.next(time);
  return follower.take(time, faces);
};

describe('a follower', () => {
  it('averages distribution, interval and gender of all views of a face', () => {
    const follower = new FaceFollower({ detectEvery: 1 });
    see(follower, 0, [face(30)]);
    const [found] = see(follower, 1e-9, [
      face(40, 100, { gender: { label: 'male', probability: 0.7 }, interval: [30, 54] }),
    ]);
    expect(found!.face.age).toBeCloseTo(35, 6);
    expect(found!.face.std).toBeCloseTo(5, 6);
    expect(found!.face.interval[0]).toBeCloseTo(35 - 9, 6);
    expect(found!.face.interval[1]).toBeCloseTo(35 + 12, 6);
    expect(found!.face.gender).toEqual({ label: 'female', probability: expect.closeTo(0.55, 6) });
    expect(found!.face.atLeast(35)).toBeCloseTo(0.5, 6);
    expect(found!.single.age).toBe(40);
  });

  it('keeps the groups of a model of groups, and has no ages if none are predicted', () => {
    const classes = [
      { from: 0, to: 19 },
      { from: 20, to: 39 },
      { from: 40, to: 100 },
    ];
    const grouped = (...probabilities: number[]) =>
      face(30, 100, { distribution: { classes, probabilities } });
    const follower = new FaceFollower({ detectEvery: 1 });
    see(follower, 0, [grouped(0.1, 0.8, 0.1)]);
    const [found] = see(follower, 1e-9, [grouped(0.1, 0.3, 0.6)]);
    expect(found!.face.distribution.classes).toEqual(classes);
    expect(found!.face.group).toEqual({ from: 20, to: 39, probability: expect.closeTo(0.55, 6) });

    const nothing = { classes: [], probabilities: [] };
    const silent = new FaceFollower({ detectEvery: 1 });
    const genderAlone = face(30, 100, {
      ...{ age: Number.NaN, median: Number.NaN, std: Number.NaN, interval: [Number.NaN, Number.NaN] },
      distribution: nothing,
    });
    see(silent, 0, [genderAlone]);
    const [one] = see(silent, 0.1, [genderAlone]);
    expect(one!.face).toMatchObject({ age: Number.NaN, interval: [Number.NaN, Number.NaN] });
    expect(one!.face).not.toHaveProperty('group');
    expect(one!.face.gender).toEqual({ label: 'female', probability: expect.closeTo(0.8, 6) });
  });

  it('counts a blurred view less', () => {
    const blurred = { quality: { ...QUALITY, sharpness: 0.006 }, appearance: new Float32Array(0) };
    const follower = new FaceFollower({ detectEvery: 1 });
    see(follower, 0, [face(30)]);
    const [found] = see(follower, 0.1, [face(60, 100, { view: blurred })]);
    expect(found!.face.age).toBeLessThan(31);
    expect(found!.weight).toBeLessThan(0.02);
  });

  it('takes nothing over from a face that is behind another', () => {
    const follower = new FaceFollower({ detectEvery: 1 });
    see(follower, 0, [face(30, 100), face(60, 200)]);
    see(follower, 0.1, [face(30, 130), face(60, 170)]);
    const covered = see(follower, 0.2, [face(60, 155), face(60, 145)]);
    expect(covered.map(({ weight }) => weight)).toEqual([0, 0]);
    expect(covered.map(({ face }) => face.age)).toEqual([30, 60].map((age) => expect.closeTo(age, 9)));
  });

  it('looks for faces in every fifth frame, and predicts where they are in the others', () => {
    const follower = new FaceFollower();
    const asked = Array.from({ length: 11 }, (_, i) => {
      const { faces, quick } = follower.next(i / 20);
      expect(quick).toBe(true);
      follower.take(i / 20, [face(30, faces?.[0]?.box.x ?? 100 + 10 * i)]);
      return faces?.map(({ box }) => Math.round(box.x));
    });
    expect(asked.slice(0, 6)).toEqual([undefined, [100], [100], [100], [100], undefined]);
    const [seventh, eighth] = asked.slice(6) as number[][];
    expect(seventh![0]).toBeGreaterThan(150);
    expect(eighth![0]).toBeGreaterThan(seventh![0]!);
    expect(asked[10]).toBeUndefined();
  });

  it('looks for faces in each frame until there is one', () => {
    const follower = new FaceFollower();
    for (const time of [0, 0.1, 0.2]) {
      expect(follower.next(time).faces).toBeUndefined();
      follower.take(time, []);
    }
  });

  it('looks for faces in each frame where frames are rare', () => {
    const follower = new FaceFollower();
    for (const time of [0, 0.5, 1, 1.5]) {
      expect(follower.next(time).faces).toBeUndefined();
      expect(follower.take(time, [face(30)]).map(({ id }) => id)).toEqual([1]);
    }
  });

  it('does not follow what is hardly a face', () => {
    expect(see(new FaceFollower(), 0, [face(30, 100, { score: 0.4 })])).toEqual([]);
  });
});

describe('the weight of a view', () => {
  it('is 1 for a sharp, large one from the front, less for each flaw, never nothing', () => {
    expect(viewWeight(QUALITY)).toBe(1);
    expect(viewWeight(undefined)).toBe(1);
    for (const flaw of [{ size: 40 }, { sharpness: 0.03 }, { turn: 0.4 }]) {
      const weight = viewWeight({ ...QUALITY, ...flaw });
      expect(weight).toBeLessThanOrEqual(0.5);
      expect(weight).toBeGreaterThan(0.2);
    }
    expect(viewWeight({ size: 10, sharpness: 0, turn: 2 })).toBeGreaterThan(0);
  });
});
