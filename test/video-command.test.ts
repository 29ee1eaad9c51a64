/** `agewise estimate` on a video, as a command. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EstimateRow, EstimatesReader } from '../src/bulk/node.js';
import { decodeImage } from '../src/vision/node.js';
import { agewise } from './support/command.js';
import { cameraFrame } from './support/made-clip.js';

const PHOTO = 'node_modules/@vladmandic/face-api/demo/sample3.jpg';
const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0;

let cwd: string;

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'agewise-clip-'));
  if (!hasFfmpeg) return;
  // Two seconds at 10 frames a second: a face for the first, then none.
  const image = await decodeImage(PHOTO);
  const box = { x: 250, y: 330, width: 220, height: 260 };
  const jpegs: Buffer[] = [];
  for (let i = 0; i < 20; i++) {
    const frame = await cameraFrame({ image, box }, { size: 90, x: 0.4 + 0.01 * i, y: 0.5 });
    const raw = { width: frame.width, height: frame.height, channels: 3 } as const;
    const picture = i < 10 ? sharp(frame.data, { raw }) : sharp(frame.data, { raw }).linear(0, 90);
    jpegs.push(await picture.jpeg({ quality: 95 }).toBuffer());
  }
  await writeFile(join(cwd, 'frames.mjpeg'), Buffer.concat(jpegs));
  const arguments_ = ['-v', 'error', '-f', 'mjpeg', '-framerate', '10', '-i', 'frames.mjpeg'];
  const sound = ['-f', 'lavfi', '-i', 'sine=frequency=440:duration=2'];
  const made = spawnSync('ffmpeg', [...arguments_, ...sound, '-pix_fmt', 'yuv420p', '-y', 'clip.mp4'], {
    cwd,
  });
  expect(made.stderr.toString()).toBe('');
}, 60_000);
afterAll(() => rm(cwd, { recursive: true, force: true }));

async function rowsOf(path: string): Promise<EstimateRow[]> {
  const reader = await EstimatesReader.open(path);
  const rows: EstimateRow[] = [];
  for await (const row of reader.rows()) rows.push(row);
  await reader.close();
  return rows;
}

describe.skipIf(!hasFfmpeg)('a video (skipped without ffmpeg, which scripts/debian.sh installs)', () => {
  it('has a row for each person, with the seconds seen, a thumbnail and an annotated copy', async () => {
    const { code, stdout, stderr } = await agewise(
      ['estimate', 'clip.mp4', '--every', '0.1', '--json', '--annotate', 'out'],
      { cwd },
    );
    expect([stderr, code]).toEqual(['', 0]);
    const record = JSON.parse(stdout);
    expect(record).toMatchObject({ file: 'clip.mp4', width: 320, height: 240, annotated: 'out/clip.mp4' });
    const [person] = record.faces;
    expect(person).toMatchObject({ person: 1, from: 0, thumbnail: 'out/clip-person-1.jpg' });
    expect(person.seconds).toBeGreaterThan(0.7);
    expect(person.seconds).toBeLessThan(1.2);
    expect(person.age).toBeGreaterThan(person.interval[0]);
    expect(person.age).toBeLessThan(person.interval[1]);
    expect(await readdir(join(cwd, 'out'))).toEqual(
      expect.arrayContaining(['clip-person-1.jpg', 'clip.mp4']),
    );
    expect(await sharp(join(cwd, 'out/clip-person-1.jpg')).metadata()).toMatchObject({
      width: 256,
      height: 256,
    });
    const streams = [
      '-v',
      'error',
      '-show_entries',
      'stream=codec_type,nb_frames',
      '-of',
      'csv=p=0',
      'out/clip.mp4',
    ];
    const lines = spawnSync('ffprobe', streams, { cwd }).stdout.toString().trim().split('\n');
    expect(lines[0]).toBe('video,20');
    expect(lines[1]).toMatch(/^audio,/);
  });

  it('is not overwritten by its copy', async () => {
    const { code, stdout, stderr } = await agewise(['estimate', 'clip.mp4', '--annotate', '.'], { cwd });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toBe(
      "agewise: --annotate . would overwrite the video 'clip.mp4'; name a folder without videos\n",
    );
  });

  it('gives a table, and a CSV with one row per person', async () => {
    const table = await agewise(['estimate', 'clip.mp4', '--every', '0.5', '--at-least', '18'], { cwd });
    expect(table.stdout).toMatch(
      /^clip\.mp4\nPerson +Age +90% range +≥18 +Gender +Seen +From\n +1 +\d+\.\d ±/,
    );
    const csv = await agewise(['estimate', 'clip.mp4', '--every', '0.5', '--csv', '--no-gender'], { cwd });
    expect(csv.stdout).toMatch(/^file,person,from,to,seconds,age,.*\nclip\.mp4,1,0,/);
  });

  it('writes to a file what would have been printed, and names what cannot be read', async () => {
    await writeFile(join(cwd, 'broken.mp4'), 'This is text.');
    const args = ['estimate', 'clip.mp4', 'broken.mp4', '--every', '0.5', '--at-least', '18'];
    for (const [flag, file] of [
      ['--csv', 'people.csv'],
      ['--json', 'people.jsonl'],
    ] as const) {
      const printed = await agewise([...args, flag], { cwd });
      const { code, stdout, stderr } = await agewise([...args, '--out', file], { cwd });
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(/^agewise: broken\.mp4: .*\n2 videos, 1 person, 1 failed in people\./);
      expect(await readFile(join(cwd, file), 'utf8')).toBe(printed.stdout);
    }
    const [{ faces }] = (await readFile(join(cwd, 'people.jsonl'), 'utf8'))
      .split('\n')
      .map((line) => JSON.parse(line || '{}'));

    await agewise([...args, '--out', 'people.parquet'], { cwd });
    const rows = await rowsOf(join(cwd, 'people.parquet'));
    const { from, to, seconds, age } = faces[0];
    expect(rows).toMatchObject([
      { index: 0n, file: 'clip.mp4', person: 1, from, to, seconds, age },
      { index: 1n, file: 'broken.mp4', error: expect.stringContaining('ffmpeg') },
    ]);
    const again = await agewise([...args, '--out', 'people.parquet'], { cwd });
    expect([again.code, again.stderr]).toEqual([0, 'people.parquet holds these results already\n']);
    const mixed = await agewise(['estimate', 'clip.mp4', resolve(PHOTO), '--out', 'mixed.csv'], { cwd });
    expect([mixed.code, mixed.stderr]).toEqual([2, expect.stringContaining("'clip.mp4' among pictures")]);
  });

  it('reports wrong usage in one sentence', async () => {
    await writeFile(join(cwd, 'text.mp4'), 'This is text.');
    const broken = await agewise(['estimate', 'text.mp4'], { cwd });
    expect(broken.code).toBe(1);
    expect(broken.stderr).toMatch(
      /^agewise: text\.mp4: expected a video that ffmpeg can read, found an error \(.+\)\n$/,
    );
    await writeFile(join(cwd, 'photo.png'), await sharp(PHOTO).resize(200).png().toBuffer());
    const mixed = await agewise(['estimate', 'clip.mp4', 'photo.png'], { cwd });
    expect([mixed.code, mixed.stderr]).toEqual([
      2,
      expect.stringContaining("found 'clip.mp4' among pictures"),
    ]);
    const every = await agewise(['estimate', 'photo.png', '--every', '0.5'], { cwd });
    expect([every.code, every.stderr]).toEqual([2, expect.stringContaining('--every: expected a video')]);
  });
});

it('says how to get ffmpeg if it is missing', async () => {
  await writeFile(join(cwd, 'any.mp4'), '');
  const { code, stderr } = await agewise(['estimate', 'any.mp4'], { cwd, env: { PATH: '/nowhere' } });
  expect(code).toBe(2);
  expect(stderr).toBe(
    'agewise: ffmpeg: it is needed for videos and was not found; install ffmpeg, on Debian with apt-get install ffmpeg\n',
  );
});
