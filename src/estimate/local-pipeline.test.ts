import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PixelImage } from '../vision/index.js';
import type { Present } from './inputs.js';
import { LocalPipeline, type Platform } from './local-pipeline.js';
import { nodePlatform } from './node-platform.js';
import { constantModel } from './testing.js';

const SIDE = 16;
const grey = (level: number): PixelImage => ({
  width: SIDE,
  height: SIDE,
  data: new Uint8Array(3 * SIDE * SIDE).fill(level),
});

/** Notes how many faces each run of a network takes. */
function countingPlatform(): { platform: Platform; runs: number[] } {
  const runs: number[] = [];
  const createSession: Platform['createSession'] = async (...parameters) => {
    const session = await nodePlatform.createSession(...parameters);
    const run = session.run.bind(session);
    session.run = (inputs, outputs) => {
      runs.push(inputs.image!.dims[0]!);
      return run(inputs, outputs);
    };
    return session;
  };
  const { readyModel: _, ...platform } = nodePlatform;
  return { platform: { ...platform, createSession }, runs };
}

it('decodes no picture beyond 100 million pixels of those that it holds', async () => {
  let held = 0;
  let most = 0;
  const platform: Platform = {
    ...nodePlatform,
    decode: async (picture, _, __, admit) => {
      const pixels = Number(picture);
      await admit(pixels);
      held += pixels;
      most = Math.max(most, held);
      await new Promise((resolve) => setTimeout(resolve, 5));
      held -= pixels;
      return grey(9);
    },
  };
  const pipeline = await LocalPipeline.load(platform, { models: [constantModel(20)], cropped: true });
  const pictures = [60e6, 60e6, 30e6, 400e6, 20e6];
  const outcomes = await Promise.all(
    pictures.map((pixels) => pipeline.estimate(String(pixels), 'a picture', {}, () => {})),
  );
  expect(outcomes.every((outcome) => 'faces' in outcome)).toBe(true);
  // The one of 400 million is alone.
  expect(most).toBe(400e6);
  await pipeline.dispose();
});

describe('a pipeline', () => {
  const { platform, runs } = countingPlatform();
  let pipeline: LocalPipeline;
  const estimate = (image: Present, onSeen = () => {}) => pipeline.estimate(image, 'a picture', {}, onSeen);
  const gender = async (image: PixelImage) => {
    const outcome = await estimate(image);
    if ('error' in outcome) throw outcome.error;
    return outcome.faces[0]!.gender!;
  };

  beforeAll(async () => {
    pipeline = await LocalPipeline.load(platform, { models: [constantModel(20)], cropped: true });
    // The run that proves the model when it is loaded.
    expect(runs.splice(0)).toEqual([1]);
  });
  afterAll(() => pipeline.dispose());

  it('lets the faces of all calls share runs, and mixes none of them up', async () => {
    const levels = [255, 0, 51, 204, 102, 153];
    const found = await Promise.all(levels.map((level) => gender(grey(level))));
    expect(runs.splice(0)).toEqual([4, 2]);
    // The model's P(female) is the brightness.
    const female = found.map(({ label, probability }) =>
      label === 'female' ? probability : 1 - probability,
    );
    female.forEach((p, i) => {
      expect(p).toBeCloseTo(levels[i]! / 255, 5);
    });
  });

  it('runs a single picture by itself', async () => {
    await gender(grey(255));
    expect(runs.splice(0)).toEqual([1]);
  });

  it('says when a picture is needed no longer, also where it is none', async () => {
    for (const image of [grey(0), 'missing.jpg', new Uint8Array(9)]) {
      let seen = 0;
      await estimate(image, () => {
        seen++;
      });
      expect(seen).toBe(1);
    }
  });

  it('returns the problem of a picture as its outcome', async () => {
    expect(await estimate('missing.jpg')).toEqual({
      error: expect.objectContaining({
        message: expect.stringMatching(/^a picture: expected .*, found no such file$/),
      }),
    });
    const small = { width: 3, height: 40, data: new Uint8Array(360) };
    expect(await estimate(small)).toEqual({
      error: expect.objectContaining({
        message: 'a picture: expected an image of at least 12 × 12 pixels, found 3 × 40',
      }),
    });
  });

  it('looks at no picture after its signal', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(pipeline.estimate(grey(0), 'a picture', { signal }, () => {})).rejects.toThrow('enough');
  });
});
