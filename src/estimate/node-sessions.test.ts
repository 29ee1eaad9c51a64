import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readMetadata } from '../metadata/index.js';
import { readModel } from '../onnx/index.js';
import { AGE_MODEL } from '../registry/index.js';
import { readModelSource, shippedModels } from '../registry/node.js';
import { byteTensor, floatTensor, type Session } from '../runtime/index.js';
import { createSession as uncached } from '../runtime/node.js';
import { createSession, readyModel } from './node-sessions.js';
import { openModel } from './open-model.js';

let cache: string;
const folder = () => join(cache, 'agewise', 'optimized');
const files = () => readdir(folder());

beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'agewise-optimized-'));
  vi.stubEnv('XDG_CACHE_HOME', cache);
  vi.stubEnv('AGEWISE_CACHE', undefined);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(cache, { recursive: true, force: true });
});

const SHIPPED = (await shippedModels()).map(({ name }) => name);
const { bytes } = await readModelSource(AGE_MODEL);
const { width, height } = readMetadata(readModel(bytes), AGE_MODEL).input;

/** Hash of the answers to a fixed picture of noise. */
async function answer(session: Session): Promise<string> {
  const image = Float32Array.from({ length: 3 * height * width }, (_, i) => ((i * 7919) % 255) - 110);
  const { age } = await session.run({ image: floatTensor(image, [1, 3, height, width]) }, ['age']);
  await session.dispose();
  return createHash('sha256')
    .update(age!.data as Float32Array)
    .digest('hex');
}

/** The cached file of that ending, once it has its final name. */
async function saved(ending = '.onnx'): Promise<string> {
  for (;;) {
    const [name] = (await files()).filter((file) => file.endsWith(ending));
    if (name !== undefined) return join(folder(), name);
    await setTimeout(5);
  }
}

describe('sessions of shipped models', () => {
  const plain = async () => answer(await uncached(bytes, AGE_MODEL));

  it('give the same answers from the cache, to the last bit', async () => {
    const expected = await plain();
    expect(await answer(await createSession(bytes, AGE_MODEL))).toBe(expected);
    const path = await saved();
    const before = await readFile(path);
    expect(await answer(await createSession(bytes, AGE_MODEL))).toBe(expected);
    const endings = async () => (await files()).map((file) => extname(file)).sort();
    await vi.waitFor(async () => expect(await endings()).toEqual(['.data', '.json', '.onnx']), 5000);
    expect((await readFile(path)).equals(before)).toBe(true);
  });

  it('use what is cached', async () => {
    await createSession(bytes, AGE_MODEL).then((session) => session.dispose());
    const path = await saved();
    // The detector under the age model's name in the cache: its input shows where the session came from.
    const other = await readModelSource('face-detector');
    await writeFile(path, other.bytes);
    const session = await createSession(bytes, AGE_MODEL);
    expect(session.inputNames).toContain('least');
    await session.dispose();
  });

  it('find the same faces from the cache in pictures of any size, to the last bit', async () => {
    const detector = await readModelSource('face-detector');
    const look = async (session: Session) => {
      const found: unknown[] = [];
      for (const [height, width] of [
        [40, 70],
        [96, 64],
      ] as const) {
        const picture = Uint8Array.from({ length: 3 * height * width }, (_, i) => (i * 7919) % 255);
        const inputs = {
          image: byteTensor(picture, [1, height, width, 3]),
          least: floatTensor(Float32Array.of(Number.NEGATIVE_INFINITY), []),
        };
        const { logits, points } = await session.run(inputs, ['logits', 'points']);
        found.push(logits!.data, points!.data);
      }
      await session.dispose();
      return found;
    };
    const expected = await look(await uncached(detector.bytes, 'plain'));
    await createSession(detector.bytes, 'face-detector').then((session) => session.dispose());
    await saved();
    expect(await look(await createSession(detector.bytes, 'face-detector'))).toEqual(expected);
  });

  it.each(['.onnx', '.data'])('replace a damaged file, %s', async (ending) => {
    await createSession(bytes, AGE_MODEL).then((session) => session.dispose());
    await saved();
    const path = await saved(ending);
    const whole = await readFile(path);
    await truncate(path, 1000);
    expect(await answer(await createSession(bytes, AGE_MODEL))).toBe(await plain());
    await vi.waitFor(async () => expect((await readFile(path)).length).toBe(whole.length), 5000);
  });

  it('need no folder that can be written', async () => {
    await rm(cache, { recursive: true });
    await writeFile(cache, 'a file in its place');
    expect(await answer(await createSession(bytes, AGE_MODEL))).toBe(await plain());
  });

  it.skipIf(process.getuid?.() === 0)('leave a folder alone that only others may write', async () => {
    await mkdir(folder(), { recursive: true });
    await chmod(folder(), 0o500);
    expect(await answer(await createSession(bytes, AGE_MODEL))).toBe(await plain());
    expect(await files()).toEqual([]);
    await chmod(folder(), 0o700);
  });

  it('are not cached if the environment says so, nor those of other models', async () => {
    await createSession(bytes, 'mine.onnx').then((session) => session.dispose());
    vi.stubEnv('AGEWISE_CACHE', 'off');
    await createSession(bytes, AGE_MODEL).then((session) => session.dispose());
    await expect(files()).rejects.toThrow('ENOENT');
  });

  it('are removed once nobody has read them for long', async () => {
    const { optimizedFile } = await import('../registry/node.js');
    await (await optimizedFile(AGE_MODEL, bytes, '1'))!.save(async () => readModel(bytes));
    const old = new Date(Date.now() - 100 * 24 * 3_600_000);
    const [kept, gone] = [join(folder(), 'read.data'), join(folder(), 'unread.data')];
    for (const file of [kept, gone]) await writeFile(file, 'constants');
    await utimes(kept, new Date(), old);
    await utimes(gone, old, old);
    const before = await files();
    await (await optimizedFile(AGE_MODEL, bytes, '2'))!.save(async () => readModel(bytes));
    const after = await files();
    expect(before.filter((file) => !after.includes(file))).toEqual(['unread.data']);
  });

  it('differ by the model and by ONNX Runtime', async () => {
    const { optimizedFile } = await import('../registry/node.js');
    const found = async (given: Uint8Array, runtime: string) =>
      (await optimizedFile(AGE_MODEL, given, runtime))!.found;
    await (await optimizedFile(AGE_MODEL, bytes, '1'))!.save(async () => readModel(bytes));
    expect(await found(bytes, '1')).toBe(true);
    expect(await found(bytes, '2')).toBe(false);
    expect(await found(bytes.subarray(1), '1')).toBe(false);
  });
});

describe('a model that has been loaded before', () => {
  /** Loads a model, so that it is known. */
  const load = async (name: string) => {
    const source = await readModelSource(name);
    const given = name === 'face-detector' ? source.bytes : openModel(source).bytes;
    await (await createSession(given, name)).dispose();
    return saved('.json');
  };

  it('is ready without reading its file, with the same facts and answers', async () => {
    expect(await readyModel(AGE_MODEL, {})).toBeUndefined();
    await load(AGE_MODEL);
    const ready = await readyModel(AGE_MODEL, {});
    expect(ready!.facts).toEqual(openModel(await readModelSource(AGE_MODEL)).facts);
    expect(await answer(ready!.session)).toBe(await answer(await uncached(bytes, AGE_MODEL)));
  });

  it.each(SHIPPED)('may be %s', async (name) => {
    await load(name);
    const ready = await readyModel(name, {});
    await ready!.session.dispose();
    expect(ready!.facts === null).toBe(name === 'face-detector');
  });

  it('is not ready once its file is another one, for another device, or if its copy is damaged', async () => {
    const record = await load(AGE_MODEL);
    const text = await readFile(record, 'utf8');
    expect(await readyModel(AGE_MODEL, { device: 'cuda' })).toBeUndefined();
    await writeFile(record, text.replace(/"file":"[0-9]+/, '"file":"1'));
    expect(await readyModel(AGE_MODEL, {})).toBeUndefined();
    await writeFile(record, text.slice(1));
    expect(await readyModel(AGE_MODEL, {})).toBeUndefined();
    await writeFile(record, text);
    await truncate(await saved('.data'), 1000);
    expect(await readyModel(AGE_MODEL, {})).toBeUndefined();
  });

  it('is read anew where the cache is off', async () => {
    await load(AGE_MODEL);
    vi.stubEnv('AGEWISE_CACHE', 'off');
    expect(await readyModel(AGE_MODEL, {})).toBeUndefined();
  });
});
