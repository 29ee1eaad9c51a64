import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { swiftshaderEnvironment, swiftshaderRunsHere } from './support/swiftshader.js';

const run = promisify(execFile);
const PHOTO = 'node_modules/@vladmandic/face-api/demo/sample1.jpg';
/** Small enough for a GPU in software. */
const WIDTH = 480;

async function ages(photo: string, device: string, env: NodeJS.ProcessEnv): Promise<number[]> {
  const { stdout } = await run(
    'node',
    ['dist/cli/main.js', 'estimate', photo, '--device', device, '--json'],
    { env },
  );
  return JSON.parse(stdout).faces.map((face: { age: number }) => face.age);
}

describe.skipIf(!swiftshaderRunsHere)(
  'device webgpu (skipped where SwiftShader is not for: x64 Linux only)',
  () => {
    it('estimates as the CPU does', async () => {
      const environment = await swiftshaderEnvironment();
      const onGpu = await ages('webgpu', environment);
      const onCpu = await ages('cpu', process.env);
      expect(onGpu).toHaveLength(3);
      onGpu.forEach((age, i) => {
        expect(age).toBeCloseTo(onCpu[i]!, 1);
      });
    });
  },
);
