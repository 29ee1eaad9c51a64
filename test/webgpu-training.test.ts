import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { execute } from './support/execute.js';
import { OPTIMIZERS, type OptimizerName, trainSmallResNet } from './support/small-resnet.js';
import { swiftshaderEnvironment, swiftshaderRunsHere } from './support/swiftshader.js';
import type { WebGpuFindings } from './support/train-on-webgpu.js';
import { webGpuOperators } from './support/webgpu-operators.js';

const run = promisify(execFile);
const SCRIPT = join(import.meta.dirname, 'support/train-on-webgpu.ts');
const OUTPUT_BYTES = 2 ** 24;

const names = Object.keys(OPTIMIZERS) as OptimizerName[];

describe.skipIf(!swiftshaderRunsHere)(
  'training on device webgpu (skipped except on x64 Linux, where SwiftShader runs)',
  () => {
    let found: WebGpuFindings;
    beforeAll(async () => {
      const folder = await mkdtemp(join(tmpdir(), 'agewise-webgpu-training-'));
      const env = await swiftshaderEnvironment();
      const parameters = ['--import', 'tsx', SCRIPT, folder];
      const { stdout } = await run(process.execPath, parameters, { env, maxBuffer: OUTPUT_BYTES });
      found = JSON.parse(stdout);
      await rm(folder, { recursive: true });
    }, 180_000);

    it.each(names)('follows the CPU for twenty steps of %s', async (name) => {
      const expected = await trainSmallResNet(name, 'standard', { threads: 1 });
      const { losses, state } = found.courses[name];
      expect(new Set(expected.losses.map((loss) => loss.toFixed(2))).size).toBeGreaterThan(10);
      expect(losses).toHaveLength(20);
      losses.forEach((loss, i) => {
        expect(Math.abs(loss / expected.losses[i]! - 1), `loss ${i + 1}`).toBeLessThan(1e-3);
      });
      expect(Object.keys(state)).toEqual(Object.keys(expected.state));
      for (const [key, values] of Object.entries(expected.state)) {
        const largest = Math.max(...values.map(Math.abs));
        const error = Math.max(...values.map((v, i) => Math.abs(v - state[key]![i]!)));
        expect(error / largest, key).toBeLessThan(1e-3);
      }
    });

    it('leaves nothing to the CPU with SGD', () => {
      expect(found.courses.sgd.onCpu).toEqual([]);
      expect(found.courses.sgd.onGpu).toBeGreaterThan(20 * 500);
    });

    it("leaves only AdamW's corrections to the CPU, which are in double precision", () => {
      expect(found.courses.adamw.onCpu.filter(({ types }) => !types.includes('double'))).toEqual([]);
      expect(found.courses.adamw.onGpu).toBeGreaterThan(20 * 500);
    });

    it('computes like the CPU with operators that the provider has trouble with', async () => {
      const { model, inputs } = webGpuOperators();
      for (const [name, { values }] of await execute(model, inputs)) {
        const expected = Array.from(values, Number);
        expect(found.operators[name], name).toHaveLength(expected.length);
        expected.forEach((v, i) => {
          expect(found.operators[name]![i], name).toBeCloseTo(v, 3);
        });
      }
    });
  },
);
