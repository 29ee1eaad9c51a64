/** `agewise verify` as it is called, on photographs that come with a development dependency. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { agewise } from './support/command.js';

const TIMEOUT = 60_000;
const GROUP = resolve(import.meta.dirname, '../node_modules/@vladmandic/face-api/demo/sample1.jpg');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agewise-verify-'));
});
afterAll(() => rm(folder, { recursive: true }));

const verify = (...args: string[]) => agewise(['verify', ...args, '--threads', '1'], { cwd: folder });

/** One face of the photograph with its surroundings. */
async function portrait(): Promise<string> {
  const { stdout } = await agewise(['estimate', GROUP, '--json', '--threads', '1'], { cwd: folder });
  const [{ box }] = JSON.parse(stdout).faces;
  const { width, height } = await sharp(GROUP).metadata();
  const left = Math.max(0, Math.round(box.x - box.width / 2));
  const top = Math.max(0, Math.round(box.y - box.height / 2));
  const area = {
    left,
    top,
    width: Math.min(width! - left, Math.round(2 * box.width)),
    height: Math.min(height! - top, Math.round(2 * box.height)),
  };
  const file = join(folder, 'portrait.png');
  await sharp(GROUP).extract(area).toFile(file);
  return file;
}

it(
  'passes a face that looks old enough, and refers if the challenge is higher or the picture too poor',
  async () => {
    const file = await portrait();
    const answer = async (...args: string[]) => JSON.parse((await verify(...args, '--json')).stdout);
    const judged = await answer(file, '--age', '1', '--challenge', '1');
    expect(judged).toMatchObject({
      file,
      verdict: 'pass',
      age: 1,
      challenge: 1,
      faces: 1,
      calibrated: true,
    });
    expect(judged.atLeast).toBeGreaterThan(0.9);
    expect(await answer(file, '--age', '18', '--challenge', '99')).toMatchObject({ verdict: 'refer' });
    const shown = await verify(file, '--age', '18', '--challenge', '99');
    expect(shown.stdout).toMatch(
      /^refer: the estimate of [\d.]+ is younger than 99\nP\(age ≥ 18\) [\d.]+%, 90% interval/,
    );

    const blurred = join(folder, 'blurred.png');
    await sharp(file)
      .blur(0.08 * (await sharp(file).metadata()).width!)
      .toFile(blurred);
    const poor = await answer(blurred, '--age', '1', '--challenge', '1');
    expect(poor.verdict).toBe('refer');
    expect(poor.reason).toMatch(/^(no face was found|the face is too blurred)/);
  },
  TIMEOUT,
);

it(
  'refers a picture of several people, and one without a face',
  async () => {
    expect((await verify(GROUP)).stdout).toMatch(/^refer: \d+ faces were found, one is expected\n$/);
    const nobody = join(folder, 'nobody.png');
    await sharp({ create: { width: 64, height: 64, channels: 3, background: '#888888' } }).toFile(nobody);
    expect(await verify(nobody)).toEqual({ code: 0, stdout: 'refer: no face was found\n', stderr: '' });
  },
  TIMEOUT,
);

it(
  'reports wrong usage in one sentence',
  async () => {
    await writeFile(join(folder, 'text.jpg'), 'no picture');
    const unread = await verify('text.jpg');
    expect([unread.code, unread.stdout]).toEqual([1, '']);
    expect(unread.stderr).toMatch(/^agewise: text\.jpg: expected [^\n]*\n$/);
    expect((await verify('https://example.org/a.jpg?token=secret')).stderr).toMatch(
      /^agewise: https:\/\/example.org\/a.jpg\?token=\*\*\*: expected [^\n]*, found a URL, which is not downloaded\n$/,
    );
    expect(await verify('text.jpg', '--age', '18', '--challenge', '17')).toEqual({
      code: 2,
      stdout: '',
      stderr: 'agewise: --challenge: expected an age of at least 18, the value of --age, found 17\n',
    });
  },
  TIMEOUT,
);
