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
  const parameters = ['dist/cli/main.js', 'estimate', photo, '--device', device, '--json'];
  const { stdout } = await run('node', parameters, { env });
  return JSON.parse(stdout).faces.map((face: { age: number }) => face.age);
}

describe.skipIf(!swiftshaderRunsHere)(
  'device webgpu (skipped except on x64 Linux, where SwiftShader runs)',
  () => {
    it('estimates like the CPU', async () => {
      const environment = await swiftshaderEnvironment();
      const folder = await mkdtemp(join(tmpdir(), 'agewise-webgpu-'));
      const photo = join(folder, 'photo.png');
      await sharp(PHOTO).resize(WIDTH).toFile(photo);
      const onGpu = await ages(photo, 'webgpu', environment);
      const onCpu = await ages(photo, 'cpu', process.env);
      await rm(folder, { recursive: true });
      expect(onGpu).toHaveLength(3);
      onGpu.forEach((age, i) => {
        expect(age).toBeCloseTo(onCpu[i]!, 1);
      });
    }, 180_000);
  },
);
