/** `agewise train` as a command: started, interrupted, killed, resumed. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { RecipeDocument } from '../src/train/index.js';
import { agewise, type Outcome, outcome, start } from './support/command.js';
import { GREY_RECIPE, writeGreyStore } from './support/small-run.js';

/** A run starts threads that load pictures: seconds on a busy machine. */
const TIMEOUT = 120_000;

const RECIPE: RecipeDocument = {
  ...GREY_RECIPE,
  network: { name: 'lenet-5' },
  heads: { age: { classes: 'groups-8' }, gender: {} },
  stages: [{ name: 'fit', epochs: 4, rate: 0.003, optimizer: { kind: 'adam' } }],
};
/** Long enough to be cut off. */
const EPOCHS = 20;
const LONG = `--set=stages.0.epochs=${EPOCHS}`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agewise-train-'));
  await writeGreyStore(join(folder, 'store'));
  await writeFile(join(folder, 'grey.yaml'), stringify(RECIPE));
});
afterAll(() => rm(folder, { recursive: true }));

const train = (...args: string[]): Promise<Outcome> =>
  agewise(['train', ...args, '--threads', '1'], { cwd: folder });

const facePicture = () =>
  sharp({ create: { width: 64, height: 64, channels: 3, background: { r: 120, g: 220, b: 120 } } })
    .png()
    .toBuffer();

/** Sends a signal once so many epochs are over. */
async function cutOff(signal: NodeJS.Signals, epochs: number, ...args: string[]): Promise<Outcome> {
  const child = start(['train', ...args, '--threads', '1'], { cwd: folder });
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += chunk;
    if (text.includes(`epoch ${epochs} `)) child.kill(signal);
  });
  return outcome(child);
}

/** What each epoch of a run came to. */
async function epochsOf(run: string): Promise<unknown[]> {
  const lines = (await readFile(join(folder, run, 'history.jsonl'), 'utf8')).trimEnd().split('\n');
  return lines
    .map((line) => JSON.parse(line))
    .filter(({ kind }) => kind === 'epoch')
    .map(({ epoch, train, validation, best }) => ({ epoch, train, validation, best }));
}

describe('agewise train', () => {
  it(
    'continues to the same figures after Ctrl-C and after it was killed',
    async () => {
      const whole = await train('grey.yaml', LONG, '--data', 'store', '--out', 'whole');
      expect(whole.code).toBe(0);
      expect(whole.stderr).toMatch(/^LeNet-5.*: 0\.\d million parameters, 36 faces to learn from, 12 to/);
      expect(whole.stdout).toMatch(/^epoch 1 {2}fit {2}loss .*MAE .*validation loss .*gender .*best/);

      const interrupted = await cutOff('SIGINT', 3, 'grey.yaml', LONG, '--data', 'store', '--out', 'run');
      expect(interrupted.code).toBe(130);
      expect(interrupted.stderr).toMatch(
        /run: saved after step \d+, best .*\nagewise train --resume run continues\n$/,
      );
      const killed = await cutOff('SIGKILL', 8, '--resume', 'run');
      expect(killed.code).toBeNull();
      expect(await train('--resume', 'run')).toMatchObject({
        code: 0,
        stderr: expect.stringMatching(/resumed after step [1-9].*\nrun: done, best /s),
      });
      const expected = await epochsOf('whole');
      expect(expected).toHaveLength(EPOCHS);
      expect(await epochsOf('run')).toEqual(expected);
    },
    TIMEOUT,
  );

  it(
    'checks with --smoke whether a recipe learns, also after an interruption',
    async () => {
      const args = ['grey.yaml', '--smoke', '--data', 'store', '--out', 'smoke'];
      expect((await cutOff('SIGINT', 1, ...args)).code).toBe(130);
      const { code, stderr } = await train('--resume', 'smoke');
      expect(code).toBe(0);
      const [, first, last, share] = /fit: loss (\S+) → (\S+), (\d+)% of the first\n$/.exec(stderr)!;
      expect(Number(share)).toBeLessThanOrEqual(30);
      expect(Number(last) / Number(first)).toBeLessThan(0.3);
    },
    TIMEOUT,
  );

  it(
    'trains members of an ensemble one by one, which become one model',
    async () => {
      const member = (n: number, out: string) =>
        train('grey.yaml', '--set=members=2', '--member', String(n), '--data', 'store', '--out', out);
      expect((await member(1, 'here')).stderr).toContain('member 1 of 2: LeNet-5');
      const made = (...runs: string[]) =>
        agewise(['export', ...runs, 'ensemble.onnx', '--json', '--overwrite'], { cwd: folder });
      expect(await made('here')).toEqual({
        code: 2,
        stdout: '',
        stderr: `agewise: Run 'here' has 2 members, of which '${join('here', 'member-2')}' is missing\n`,
      });
      await member(2, 'there');
      const { stdout } = await made('here/member-1', 'there/member-2');
      expect(JSON.parse(stdout)).toMatchObject({ networks: 2 });
    },
    TIMEOUT,
  );

  it(
    'starts with the weights of a file, and makes runs that estimate like the models exported from them',
    async () => {
      const args = ['grey.yaml', '--data', 'store', '--set=stages.0.epochs=1', '--json'];
      await train(...args, '--out', 'one');
      const weights = join('one', 'best.safetensors');
      const { code, stderr } = await train(...args, '--weights', weights, '--out', 'second');
      expect([code, stderr]).toEqual([0, expect.stringContaining(`LeNet-5, from ${weights}: `)]);

      await train('--resume', 'one', '--prolong', '1');
      expect(await epochsOf('one')).toHaveLength(2);
      await agewise(['export', 'one', 'one.onnx'], { cwd: folder });
      await writeFile(join(folder, 'face.png'), await facePicture());
      const estimated = (model: string) =>
        agewise(['estimate', 'face.png', '--cropped', '--json', '--model', model], { cwd: folder });
      const [byRun, byFile] = [await estimated('one'), await estimated('one.onnx')];
      expect(byRun).toMatchObject({ code: 0, stderr: '' });
      expect(JSON.parse(byRun.stdout).faces).toHaveLength(1);
      expect(byRun.stdout).toBe(byFile.stdout);
      expect(await estimated('store')).toMatchObject({
        code: 2,
        stderr: expect.stringContaining(
          "--model: expected an .onnx file or the folder of a run, found the folder 'store'",
        ),
      });
      expect(await train('--prolong', '1', 'grey.yaml')).toMatchObject({ code: 2 });
    },
    TIMEOUT,
  );

  it.each<[string, string[], string]>([
    [
      'nothing',
      [],
      'expected a recipe, or --resume and a run, found neither; agewise recipes lists the recipes',
    ],
    [
      'a run and weights',
      ['--resume', 'x', '--weights', 'y'],
      '--weights is only for a new run; it cannot be used with --resume',
    ],
    [
      'a folder without a run',
      ['--resume', 'store'],
      `'${join('store', 'run.json')}' cannot be read: it does not exist`,
    ],
    [
      'no store',
      ['grey.yaml'],
      "Recipe 'grey': data.store: expected the folder of a store (--data), found none",
    ],
    [
      'pictures that are too small',
      ['grey.yaml', '--data', 'store', '--set=input.size=8', '--out', 'small'],
      "Recipe 'grey': input.size: LeNet-5 takes pictures of at least 28 pixels a side, found 8×8",
    ],
  ])(
    'reports %s in one sentence, and leaves nothing',
    async (_, args, sentence) => {
      const before = await readdir(folder);
      expect(await train(...args)).toEqual({ code: 2, stdout: '', stderr: `agewise: ${sentence}\n` });
      expect(await readdir(folder)).toEqual(before);
    },
    TIMEOUT,
  );

  it(
    'reports once that a loss is not a number, and which checkpoint is kept',
    async () => {
      const values = ['network.name=small-cnn', 'stages.0.rate=99', 'batch=3'];
      const optimizer = 'stages.0.optimizer={kind: sgd, momentum: 0.9}';
      const explode = [...values, optimizer].map((value) => `--set=${value}`);
      const { code, stderr } = await train('grey.yaml', '--data', 'store', '--out', 'exploded', ...explode);
      expect(code).toBe(1);
      const sentence = /^.*The loss of step (\d+) .*; the checkpoint of step \d+ is kept\n/m;
      expect(stderr.match(sentence)?.index).toBeDefined();
      expect(stderr.replace(sentence, '')).not.toMatch(sentence);
    },
    TIMEOUT,
  );
});
