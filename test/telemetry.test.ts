/** What ONNX Runtime would report of its use, and leave in the user's cache folder to tell machines apart. */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '..');
/** ONNX Runtime reports nothing where one of these is set. */
const UNREPORTED = ['CI', 'GITHUB_ACTIONS', 'TF_BUILD', 'ORT_DISABLE_TELEMETRY', 'ORT_RUNNING_UNIT_TESTS'];

let cache: string;
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'agewise-telemetry-'));
});
afterEach(() => rm(cache, { recursive: true }));

it.each([false, true])('is nothing, with the networks in a thread: %s', async (worker) => {
  const env = { ...process.env, XDG_CACHE_HOME: cache, AGEWISE_CACHE: 'off' };
  for (const name of UNREPORTED) delete env[name as keyof typeof env];
  const program = `
    import { AgeEstimator } from './src/estimate/index.ts';
    const estimator = await AgeEstimator.load({ worker: ${worker} });
    await estimator.dispose();
  `;
  const node = ['--import', 'tsx', '--input-type=module', '--eval', program];
  await run(process.execPath, node, { cwd: ROOT, env });
  expect(await readdir(cache)).toEqual([]);
});
