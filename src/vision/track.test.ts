import { describe, expect, it } from 'vitest';
import { FaceTracker, type Sighted } from './track.js';

const SIZE = 80;
const face = (x: number, y = 100, size = SIZE, more: Partial<Sighted> = {}): Sighted => ({
  box: { x: x - size / 2, y: y - size / 2, width: size, height: size },
  ...more,
});

/** Looks of two people: uncorrelated. */
const ANN = [1, -1, 1, -1];
const BOB = [1, 1, -1, -1];

/** The ids of a run of frames, by 0.1 s. */
function ids(frames: readonly (readonly Sighted[])[], tracker = new FaceTracker(), every = 0.1) {
  return frames.map((faces, i) => tracker.update(i * every, faces).map((place) => place?.id));
}

describe('a tracker', () => {
  it('keeps the number of a face that moves and grows, and gives a new one to a face that enters', () => {
    const frames = Array.from({ length: 20 }, (_, i) => [
      face(100 + 12 * i, 100 + 3 * i, SIZE * 1.03 ** i),
      ...(i >= 10 ? [face(600)] : []),
    ]);
    const found = ids(frames);
    expect(found.slice(0, 10)).toEqual(new Array(10).fill([1]));
    expect(found.slice(10)).toEqual(new Array(10).fill([1, 2]));
  });

  it('predicts where a face should be by now: where its motion leads, its points with it', () => {
    const tracker = new FaceTracker();
    const at = (x: number) => ({
      ...face(x),
      landmarks: {
        rightEye: { x: x - 15, y: 90 },
        leftEye: { x: x + 15, y: 90 },
        nose: { x, y: 105 },
        mouth: { x, y: 120 },
      },
    });
    for (let i = 0; i <= 10; i++) tracker.update(i / 10, [at(100 + 10 * i)]);
    const [place] = tracker.predict(1.05);
    expect(place!.box.x + SIZE / 2).toBeCloseTo(205, 0);
    expect(place!.landmarks!.nose.x).toBeCloseTo(205, 0);
  });

  it('knows a face again after a gap, but not after its memory has ended', () => {
    const tracker = new FaceTracker({ memory: 1 });
    const frame = (time: number) => tracker.update(time, [face(100 + 20 * time)])[0]!.id;
    expect([0, 0.1, 0.2, 1.1, 1.2].map(frame)).toEqual([1, 1, 1, 1, 1]);
    expect(tracker.predict(2.3)).toEqual([]);
    expect(frame(2.3)).toBe(2);
  });

  it('knows a face again where frames are rarer than its memory is long', () => {
    const frames = Array.from({ length: 4 }, () => [face(100)]);
    expect(ids(frames, new FaceTracker({ memory: 1 }), 0.9)).toEqual([[1], [1], [1], [1]]);
    const tracker = new FaceTracker({ memory: 1 });
    const at = (time: number) => tracker.update(time, [face(100)])[0]!.id;
    expect([0, 0.9, 2.9, 4.9, 6.9].map(at).slice(2)).toEqual([1, 1, 1]);
  });

  it.each([
    ['by their motion', undefined, undefined],
    ['by their looks too', ANN, BOB],
  ])('keeps two faces apart that cross and hide each other, %s', (_, ann, bob) => {
    const tracker = new FaceTracker();
    const [left, right]: Sighted[][] = [[], []];
    const found: (number | undefined)[][] = [];
    for (let i = 0; i <= 40; i++) {
      const a = face(100 + 10 * i, 100, SIZE, { appearance: ann });
      const b = face(500 - 10 * i, 104, SIZE, { appearance: bob });
      left!.push(a);
      right!.push(b);
      // In the middle only the one in front is found.
      const hidden = Math.abs(i - 20) < 4;
      found.push(tracker.update(i / 30, hidden ? [a] : i % 2 ? [a, b] : [b, a]).map((place) => place?.id));
    }
    const [first] = found;
    const name = new Map([
      ['a', first![1]],
      ['b', first![0]],
    ]);
    found.forEach((pair, i) => {
      if (Math.abs(i - 20) < 4) return;
      expect(pair).toEqual(i % 2 ? [name.get('a'), name.get('b')] : [name.get('b'), name.get('a')]);
    });
  });

  it('keeps two faces apart by their looks that meet and turn back', () => {
    const tracker = new FaceTracker();
    for (let i = 0; i <= 40; i++) {
      const way = i <= 20 ? 10 * i : 10 * (40 - i);
      const [ann, bob] = tracker.update(i / 30, [
        face(100 + way * 0.95, 100, SIZE, { appearance: ANN }),
        face(500 - way * 0.95, 100, SIZE, { appearance: BOB }),
      ]);
      expect([ann!.id, bob!.id]).toEqual([1, 2]);
    }
  });

  it('says of faces that overlap that they are covered, and of others that they are not', () => {
    const tracker = new FaceTracker();
    const apart = tracker.update(0, [face(100), face(300)]);
    expect(apart.map((place) => place!.covered)).toEqual([false, false]);
    for (let i = 1; i <= 16; i++) tracker.update(i / 10, [face(100 + 10 * i), face(300)]);
    expect(tracker.predict(1.7).map((place) => place.covered)).toEqual([true, true]);
  });

  it('treats a face that suddenly looks different as another one, as after a cut', () => {
    const frames = Array.from({ length: 12 }, (_, i) => [
      face(100, 100, SIZE, { appearance: i < 6 ? ANN : BOB }),
    ]);
    expect(ids(frames).map(([id]) => id)).toEqual([1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2]);
  });

  it('takes a doubtful face for one that it follows, but not for a new one', () => {
    const doubtful = { doubtful: true };
    const found = ids([
      [face(100, 100, SIZE, doubtful)],
      [face(100)],
      [face(104, 100, SIZE, doubtful), face(400, 100, SIZE, doubtful)],
    ]);
    expect(found).toEqual([[undefined], [1], [1, undefined]]);
  });
});
