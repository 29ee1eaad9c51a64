/** scripts/models/train-shipped.sh on 300 pictures: the models that ship can be made again, whatever was lost. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AgeEstimator } from '../src/estimate/index.js';

const ROOT = join(import.meta.dirname, '..');
const DATA = join(ROOT, '../shared/data');
const PHOTO = join(ROOT, 'node_modules/@vladmandic/face-api/demo/sample1.jpg');
const MINUTES = 60_000;

describe.skipIf(!existsSync(DATA))('train-shipped.sh --small (skipped without ../shared/data)', () => {
  let runs: string;
  const script = () =>
    promisify(execFile)(join(ROOT, 'scripts/models/train-shipped.sh'), ['--small'], {
      // At nice 10 it would wait for every other test.
      env: { ...process.env, DATA, RUNS: runs, NICENESS: '0' },
    });
  const model = (name: string) => join(runs, 'small/models', `${name}.onnx`);

  beforeAll(async () => {
    runs = await mkdtemp(join(tmpdir(), 'agewise-shipped-'));
  });
  afterAll(() => rm(runs, { recursive: true, force: true }));

  it(
    'makes the models from the data sets, and makes one again if its run is lost',
    async () => {
      await script();
      const first = await stat(model('agewise-base'));
      await rm(join(runs, 'small/agewise-base'), { recursive: true });
      const { stdout } = await script();
      expect(stdout).toContain('epoch 1');
      expect((await stat(model('agewise-base'))).mtimeMs).toBeGreaterThan(first.mtimeMs);

      for (const name of ['agewise-base', 'agewise-small', 'agewise-open']) {
        const estimator = await AgeEstimator.load({ models: [model(name)] });
        const { faces } = await estimator.estimate(PHOTO);
        await estimator.dispose();
        expect(faces).not.toHaveLength(0);
        expect(faces[0]!.gender).toBeDefined();
      }
    },
    10 * MINUTES,
  );
});
