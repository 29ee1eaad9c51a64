/** `agewise data import` as a user has it. */
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Store } from '../src/data/index.js';
import { agewise, outcome, start } from './support/command.js';

const UTKFACE = join(import.meta.dirname, '../../shared/data/utkface');
const SAMPLE = join(import.meta.dirname, '../node_modules/@vladmandic/face-api/demo/sample1.jpg');

let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'agewise-data-'));
  await mkdir(join(cwd, 'faces'));
  for (let i = 0; i < 8; i++) {
    const picture = sharp({
      create: { width: 40, height: 50, channels: 3, background: { r: 30 * i, g: 90, b: 200 } },
    });
    await picture.jpeg().toFile(join(cwd, 'faces', `${20 + i}_${i % 2}_0_2017011622022465${i}.jpg.chip.jpg`));
  }
  await writeFile(join(cwd, 'faces', '30_1_2.jpg'), 'three fields');
  await writeFile(join(cwd, 'faces', '31_1_2_20170116220224659.jpg.chip.jpg'), 'no picture');
});
afterAll(() => rm(cwd, { recursive: true }));

const run = (...args: string[]) => agewise(['data', 'import', ...args], { cwd });

describe('agewise data import', () => {
  it('makes a store and reports what was left out, and why', async () => {
    const { code, stdout, stderr } = await run('utkface', 'faces', 'out', '--size', '32', '--max-age', '26');
    expect([code, stderr]).toEqual([
      0,
      "Nothing is left of race 'Asian': its only picture was left out for 'age out of range'\n",
    ]);
    expect(stdout).toMatch(/^UTKFace in out\nstored +7\nrejected +3\n/);
    expect(stdout).toMatch(/ {2}bad name +1\n/);
    expect(stdout).toMatch(/ {2}age out of range +2\n/);
    const store = await Store.open(join(cwd, 'out'));
    expect((await sharp(await store.image(3)).metadata()).height).toBe(32);
    await store.close();
    expect(await readFile(join(cwd, 'out/rejects.csv'), 'utf8')).toContain('30_1_2.jpg,bad name,');
  });

  it('replaces a store only with --overwrite', async () => {
    await run('utkface', 'faces', 'once');
    const refused = await run('utkface', 'faces', 'once');
    expect([refused.code, refused.stderr]).toEqual([
      2,
      'agewise: once: expected a new name, found an existing file or folder\n',
    ]);
    const { code, stdout } = await run('utkface', 'faces', 'once', '--overwrite', '--json', '--clean', 'dex');
    expect(code).toBe(0);
    const { rows, options } = JSON.parse(stdout);
    expect([rows, options.cleaning]).toEqual([8, { minAge: 10, maxAge: 99 }]);
  });

  it.each([
    [['utkfaces', 'faces', 'x'], /did you mean 'utkface'/],
    [['utkface', 'nowhere', 'x'], /nowhere/],
    [['utkface', 'faces', 'x', '--align'], /--align needs --detect, which finds the eyes/],
    [['utkface', 'faces', 'x', '--rotations'], /--rotations needs --detect, whose detector is asked/],
    [['utkface', 'faces', 'x', '--min-age', '50', '--max-age', '40'], /--min-age 50 is above --max-age 40/],
    [['utkface', 'faces', 'x', '--min-age', '90'], /expected pictures that can be used, found none/],
  ])('refuses %j in one sentence, and leaves nothing', async (args, sentence) => {
    const { code, stderr, stdout } = await run(...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(sentence);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect((await readdir(cwd)).filter((name) => name.startsWith('x'))).toEqual([]);
  });

  it('crops faces with the detector', async () => {
    await mkdir(join(cwd, 'photos'));
    await copyFile(SAMPLE, join(cwd, 'photos', '25_1_0_20170116220224650.jpg'));
    const { code } = await run(
      'utkface',
      'photos',
      'cut',
      '--detect',
      '--align',
      '--size',
      '96',
      '--margin',
      '0.5',
    );
    expect(code).toBe(0);
    const store = await Store.open(join(cwd, 'cut'));
    const { width, height } = await sharp(await store.image(0)).metadata();
    expect([width, height]).toEqual([96, 96]);
    for await (const { faceBox } of store.rows()) {
      // The longer side is half of the crop, whose margins are a half on each side.
      expect(Math.max(faceBox!.width, faceBox!.height)).toBeCloseTo(48);
    }
    await store.close();
  });

  it.skipIf(!existsSync(UTKFACE))(
    'leaves nothing when it is interrupted, and starts clean after it was killed (needs ../shared/data/utkface)',
    async () => {
      const args = ['data', 'import', 'utkface', UTKFACE, 'long', '--size', '64'];
      const startImport = async () => {
        const child = start(args, { cwd });
        child.stdin.end();
        const done = outcome(child);
        // Until it writes pictures.
        for (; ; await setTimeout(20)) {
          const [partial] = (await readdir(cwd)).filter((name) =>
            name.startsWith(`long.partial-${child.pid}`),
          );
          const part = join(cwd, partial ?? '', 'data/part-00000.parquet');
          if ((await stat(part).catch(() => undefined))?.size) return { child, done };
          if (child.exitCode !== null) throw new Error('it ended early');
        }
      };
      const interrupted = await startImport();
      interrupted.child.kill('SIGINT');
      const { code, stderr } = await interrupted.done;
      expect([code, stderr]).toEqual([130, 'Interrupted: nothing was written to long.\n']);
      expect((await readdir(cwd)).filter((name) => name.startsWith('long'))).toEqual([]);

      const killed = await startImport();
      killed.child.kill('SIGKILL');
      await killed.done;
      const left = (await readdir(cwd)).filter((name) => name.startsWith('long'));
      expect(left).toEqual([expect.stringMatching(`^long.partial-${killed.child.pid}(-\\d+)?$`)]);
      const next = await startImport();
      next.child.kill('SIGINT');
      expect((await next.done).stderr).toMatch(
        /^An earlier import was interrupted; its leftovers \(.*\) are removed/,
      );
      expect((await readdir(cwd)).filter((name) => name.startsWith('long'))).toEqual([]);
    },
  );
});
