import { describe, expect, it, vi } from 'vitest';
import { ImageError } from '../vision/index.js';
import { Estimator } from './estimator.js';
import type { ImageInput, Present } from './inputs.js';
import type { FaceOptions } from './options.js';
import type { Outcome, Pipeline } from './pipeline.js';

/** A pipeline that finds no faces, in pictures whose names do not say that they are bad. */
class FakePipeline implements Pipeline {
  readonly asked: unknown[] = [];
  readonly options: FaceOptions[] = [];
  disposed = 0;
  /** Pictures wait for it to be opened. */
  gate: Promise<void> = Promise.resolve();

  async estimate(image: Present, name: string, options: FaceOptions, onSeen: () => void): Promise<Outcome> {
    this.asked.push(name);
    this.options.push(options);
    onSeen();
    await this.gate;
    expect(this.disposed).toBe(0);
    if (image === 'bad.jpg') return { error: new ImageError('bad.jpg', 'an image', 'text') };
    if (image === 'fatal.jpg') throw new Error('the network failed');
    return { width: 640, height: 480, faces: [] };
  }

  async dispose(): Promise<void> {
    this.disposed++;
  }
}

const pictures = { locate: async (address: string | URL) => String(address) };

class TestEstimator extends Estimator {
  static of(pipeline: Pipeline, defaults: FaceOptions = {}): TestEstimator {
    return new TestEstimator(pipeline, pictures, defaults);
  }
}

function setUp(defaults?: FaceOptions) {
  const pipeline = new FakePipeline();
  return { pipeline, estimator: TestEstimator.of(pipeline, defaults) };
}

const found = { width: 640, height: 480, faces: [] };

describe('estimate', () => {
  it('gives one result for one picture, which it names', async () => {
    const { estimator } = setUp();
    expect(await estimator.estimate('a.jpg')).toStrictEqual({ source: 'a.jpg', ...found });
    expect(await estimator.estimate(new Uint8Array(3))).toStrictEqual(found);
  });

  it('gives a result for each picture of a list, which say which they are', async () => {
    const { estimator } = setUp();
    const results = await estimator.estimate(['a.jpg', 'bad.jpg', new Uint8Array(3)]);
    expect(results).toEqual([
      { index: 0, source: 'a.jpg', ...found },
      { index: 1, source: 'bad.jpg', error: expect.any(ImageError) },
      { index: 2, ...found },
    ]);
    expect(JSON.parse(JSON.stringify(results[1]))).toEqual({
      index: 1,
      source: 'bad.jpg',
      error: 'bad.jpg: expected an image, found text',
    });
    expect(await estimator.estimate([])).toEqual([]);
  });

  it('throws what is wrong with a single picture, and what is wrong with the networks', async () => {
    const { estimator } = setUp();
    await expect(estimator.estimate('bad.jpg')).rejects.toThrow(ImageError);
    await expect(estimator.estimate(['a.jpg', 'fatal.jpg'])).rejects.toThrow('the network failed');
  });

  it('fails only for a picture that cannot be loaded, or is none', async () => {
    const { estimator, pipeline } = setUp();
    const gone = { arrayBuffer: () => Promise.reject(new Error('gone')) };
    const results = await estimator.estimate(['a.jpg', gone, null as never, 'b.jpg']);
    expect(results.map((result) => ('error' in result ? result.error.message : result.source))).toEqual([
      'a.jpg',
      'image: expected an image, found bytes that cannot be read (gone)',
      expect.stringMatching(/^image: expected a path, .* found null$/),
      'b.jpg',
    ]);
    expect(pipeline.asked).toEqual(['a.jpg', 'b.jpg']);
  });

  it('fails only for a promise that was rejected before its turn', async () => {
    const { estimator, pipeline } = setUp();
    pipeline.gate = new Promise((resolve) => setImmediate(resolve));
    const pictures = Array.from({ length: 20 }, () => 'a.jpg');
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    const results = await estimator.estimate([
      ...pictures,
      Promise.reject(new Error('no answer')),
    ] as never[]);
    await new Promise(setImmediate);
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
    expect(results.at(-1)).toMatchObject({
      index: 20,
      error: { message: 'image: expected a picture, found an object that cannot be read (no answer)' },
    });
  });

  it('fails only for an object whose own code throws', async () => {
    const { estimator } = setUp();
    const thrown = (error: unknown) => () => {
      throw error;
    };
    const trap = thrown(new Error('trap'));
    const size = { width: 1, height: 1 };
    const results = await estimator.estimate([
      new Proxy({}, { get: trap }),
      Object.defineProperty({}, 'name', { get: trap }),
      Object.defineProperty({ ...size }, 'data', { get: thrown('no data') }),
      Object.defineProperty({ arrayBuffer() {} }, 'name', { get: trap }),
      Object.defineProperty({}, 'then', { get: trap }),
      'b.jpg',
    ] as never[]);
    expect(results.map((result) => ('error' in result ? result.error.message : result.source))).toEqual([
      ...new Array(2).fill('image: expected a picture, found an object that cannot be read (trap)'),
      "image: expected a picture, found an object that cannot be read (the text 'no data')",
      'image: expected a picture, found an object that cannot be read (trap)',
      'image: expected a picture, found an object that cannot be read (trap)',
      'b.jpg',
    ]);
  });

  it('does not wait for a picture of another call whose bytes are not there yet', async () => {
    const { estimator } = setUp();
    void estimator.estimate({ arrayBuffer: () => new Promise<ArrayBuffer>(() => {}) });
    expect(await estimator.estimate('a.jpg')).toMatchObject(found);
  });

  it('passes on the choice of faces, by default the one that it was loaded with', async () => {
    const { estimator, pipeline } = setUp({ maxFaces: 3, order: 'size' });
    await estimator.estimate('a.jpg', { maxFaces: 1 });
    expect(pipeline.options[0]).toMatchObject({ maxFaces: 1, order: 'size' });
  });

  it('refuses unknown options', async () => {
    const { estimator } = setUp();
    const options = { maxFace: 1 } as FaceOptions;
    await expect(estimator.estimate('a.jpg', options)).rejects.toThrow(/did you mean 'maxFaces'/);
  });
});

describe('stream', () => {
  it.each([
    ['a text', 'photo.jpg', "found the text 'photo.jpg'"],
    ['bytes', new Uint8Array(3), 'found an object of class Uint8Array'],
    ['pixels', { width: 1, height: 1, data: new Uint8Array(3) }, 'found an object with width, height, data'],
    ['nothing', undefined, 'found nothing'],
  ])('refuses %s at once', (_, images, sentence) => {
    const { estimator } = setUp();
    const ask = () => estimator.stream(images as unknown as ImageInput[]);
    expect(ask).toThrow(TypeError);
    expect(ask).toThrow(sentence);
  });

  it('refuses a text by its type', () => {
    const { estimator } = setUp();
    // @ts-expect-error: a text is not a list of pictures, though it can be gone through letter by letter
    expect(() => estimator.stream('photo.jpg')).toThrow(TypeError);
  });

  it('refuses unknown options', () => {
    const { estimator } = setUp();
    const options = { signals: null } as object;
    expect(() => estimator.stream([], options)).toThrow(/did you mean 'signal'/);
  });

  it('holds only a few pictures at a time', async () => {
    const { estimator, pipeline } = setUp();
    function* endless() {
      for (let i = 0; ; i++) yield `${i}.jpg`;
    }
    const results: unknown[] = [];
    for await (const { source } of estimator.stream(endless())) {
      results.push(source);
      if (results.length === 20) break;
    }
    expect(results).toEqual(Array.from({ length: 20 }, (_, i) => `${i}.jpg`));
    expect(pipeline.asked.length).toBeLessThan(40);
  });
});

describe('disposal', () => {
  function gated() {
    const { estimator, pipeline } = setUp();
    let open!: () => void;
    pipeline.gate = new Promise((resolve) => {
      open = resolve;
    });
    return { estimator, pipeline, open };
  }

  it('waits for the calls in progress, which succeed', async () => {
    const { estimator, pipeline, open } = gated();
    const work = estimator.estimate(Array.from({ length: 20 }, (_, i) => `${i}.jpg`));
    const disposal = estimator.dispose();
    open();
    expect(await work).toHaveLength(20);
    await disposal;
    expect(pipeline.disposed).toBe(1);
  });

  it('ends a stream after the pictures in progress', async () => {
    const { estimator, pipeline, open } = gated();
    async function* camera() {
      yield 'first.jpg';
      await new Promise(() => {});
    }
    const next = estimator.stream(camera()).next();
    await new Promise(setImmediate);
    const refused = expect(next).rejects.toThrow(/disposed/);
    const disposal = estimator.dispose();
    await refused;
    expect(pipeline.disposed).toBe(0);
    open();
    await disposal;
    expect(pipeline.disposed).toBe(1);
  });

  it('happens once, by either name', async () => {
    const { estimator, pipeline } = setUp();
    await Promise.all([estimator.dispose(), estimator[Symbol.asyncDispose]()]);
    expect(pipeline.disposed).toBe(1);
    await expect(estimator.estimate('a.jpg')).rejects.toThrow(/disposed/);
    expect(() => estimator.stream([])).toThrow(/disposed/);
  });
});
