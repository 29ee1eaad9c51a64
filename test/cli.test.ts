import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readModel, withMetadata, writeModel } from '../src/onnx/index.js';
import { agewise, MAIN, type Outcome, outcome, start } from './support/command.js';

const ROOT = join(import.meta.dirname, '..');
const SAMPLE = join(ROOT, 'node_modules/@vladmandic/face-api/demo/sample1.jpg');
const AGE_MODEL = join(ROOT, 'models/agewise-base.onnx');

/** Every bad picture, in the order in which they are given, and what its sentence says was found. */
const BAD: readonly (readonly [file: string, found: RegExp])[] = [
  ['bad/empty.jpg', /an empty file$/],
  ['bad/truncated.jpg', /a JPEG file that is truncated or damaged$/],
  ['bad/one.png', /at least 12 × 12 pixels, found 1 × 1$/],
  ['bad/text.jpg', /found text$/],
  ['bad/phone.heic', /a HEIC image/],
  ['bad/huge.png', /at most 100 megapixels, found 40000 × 40000 pixels$/],
  ['bad/unreadable.jpg', /ELOOP|permission denied/],
  ['bad/pipe.jpg', /found a pipe$/],
  ['missing.jpg', /no such file$/],
  ['no-images', /expected a folder with images \(.*\), found none$/],
  ['bad/*.nothing', /expected files that match this pattern, found none$/],
];
const BAD_FILES = BAD.map(([file]) => file);

let cwd: string;
let group: Buffer;

/** A valid black PNG of one bit a pixel. */
function blackPng(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    check.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, check]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 1;
  const rows = deflateSync(Buffer.alloc(height * (1 + Math.ceil(width / 8))), { level: 1 });
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', rows),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

async function makeModels(): Promise<void> {
  const model = readModel(await readFile(AGE_MODEL));
  const document = JSON.parse(model.metadata.get('agewise')!);
  await writeFile('not-onnx.onnx', 'This is no model.\n'.repeat(100));
  await writeFile('no-metadata.onnx', writeModel({ ...model, metadata: new Map() }));
  document.age.classes.pop();
  const contradicted = withMetadata(model, 'agewise', JSON.stringify(document));
  await writeFile('contradicted.onnx', writeModel(contradicted));
}

beforeAll(async () => {
  expect(existsSync(MAIN), `${MAIN} is missing: npm run build`).toBe(true);
  cwd = await mkdtemp(join(tmpdir(), 'agewise-cli-'));
  group = await sharp(SAMPLE).resize(960).jpeg().toBuffer();
  const grey = { width: 80, height: 60, channels: 3, background: '#777' } as const;
  const faceless = await sharp({ create: grey }).png().toBuffer();
  const files: Record<string, string | Uint8Array> = {
    'photos/a/same.jpg': group,
    'photos/b/same.jpg': group,
    'photos/faceless.png': faceless,
    'upside-down.jpg': await sharp(group).rotate(180).jpeg().toBuffer(),
    'no-images/notes.txt': 'none',
    'bad/empty.jpg': '',
    'bad/truncated.jpg': group.subarray(0, group.length / 2),
    'bad/one.png': await sharp({ create: { ...grey, width: 1, height: 1 } })
      .png()
      .toBuffer(),
    'bad/text.jpg': 'This is text.\n',
    'bad/phone.heic': Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1'),
    'bad/huge.png': blackPng(40_000, 40_000),
  };
  for (const [file, content] of Object.entries(files)) {
    await mkdir(join(cwd, file, '..'), { recursive: true });
    await writeFile(join(cwd, file), content);
  }
  const unreadable = join(cwd, 'bad/unreadable.jpg');
  if (process.getuid?.() === 0) {
    // Root may read everything, but not a link to itself.
    await symlink(unreadable, unreadable);
  } else {
    await writeFile(unreadable, group);
    await chmod(unreadable, 0);
  }
  execFileSync('mkfifo', [join(cwd, 'bad/pipe.jpg')]);
  await symlink('.', join(cwd, 'here'));
  const here = process.cwd();
  process.chdir(cwd);
  await makeModels().finally(() => process.chdir(here));
});

afterAll(() => rm(cwd, { recursive: true }));

const run = (args: readonly string[], input?: Uint8Array): Promise<Outcome> =>
  agewise(args, { cwd, ...(input && { input }) });

/** The lines of a text, each of which must be whole. */
function lines(text: string): string[] {
  expect(text === '' || text.endsWith('\n')).toBe(true);
  return text.split('\n').slice(0, -1);
}

const point = z.strictObject({ x: z.number(), y: z.number() });
const probability = z.number().min(0).max(1);
const years = z.number().min(0).max(100);
const face = z.strictObject({
  box: point.extend({ width: z.number().positive(), height: z.number().positive() }),
  score: probability.nullable(),
  landmarks: z.strictObject({ rightEye: point, leftEye: point, nose: point, mouth: point }).nullable(),
  age: years,
  median: years,
  std: z.number().positive(),
  interval: z.tuple([years, years]),
  gender: z.strictObject({ label: z.enum(['female', 'male']), probability: probability.min(0.5) }).optional(),
  members: z.array(years).min(2).optional(),
  distribution: z.array(z.strictObject({ from: years, to: years, p: probability })).optional(),
  atLeast: z.record(z.string(), probability).optional(),
});
const picture = z.strictObject({
  file: z.string(),
  width: z.int().positive(),
  height: z.int().positive(),
  faces: z.array(face),
});
const failure = z.strictObject({ file: z.string(), error: z.string() });
const line = z.union([picture, failure]);

type Picture = z.infer<typeof picture>;

const records = (stdout: string) => lines(stdout).map((text) => line.parse(JSON.parse(text)));
const pictures = (stdout: string) => lines(stdout).map((text) => picture.parse(JSON.parse(text)));

describe('agewise estimate --json', () => {
  it('prints an object for each input in the order given, good or bad, and nothing else', async () => {
    const good = [SAMPLE, '-', 'upside-down.jpg', 'photos/faceless.png'];
    const inputs = [good[0]!, ...BAD_FILES.slice(0, 4), good[1]!, ...BAD_FILES.slice(4), good[2]!, good[3]!];
    const flags = ['--json', '--at-least', '18,25', '--distribution'];
    const { code, stdout, stderr } = await run(['estimate', ...inputs, ...flags], group);

    expect(stderr).toBe('');
    expect(code).toBe(1);
    const found = records(stdout);
    expect(found.map(({ file }) => file)).toEqual(inputs);
    for (const [file, sentence] of BAD) {
      const record = found.find((r) => r.file === file);
      expect(record).toHaveProperty('error', expect.stringMatching(sentence));
      expect(record).toHaveProperty('error', expect.stringContaining(`${file}: expected `));
    }

    const [sample, piped, turned, faceless] = good.map((f) => found.find((r) => r.file === f) as Picture);
    expect(sample).toMatchObject({ width: 1920, height: 1280 });
    expect(sample!.faces).toHaveLength(3);
    expect(piped!.faces).toHaveLength(3);
    expect(turned!.faces).toHaveLength(3);
    expect(faceless).toEqual({ file: 'photos/faceless.png', width: 80, height: 60, faces: [] });
    for (const { box, score, landmarks, age, interval, gender, distribution, atLeast } of sample!.faces) {
      expect(score).toBeGreaterThan(0.5);
      expect(box.x > 0 && box.x + box.width < 1920 && box.y > 0 && box.y + box.height < 1280).toBe(true);
      const { rightEye, leftEye, mouth } = landmarks!;
      expect(rightEye.x).toBeLessThan(leftEye.x);
      expect(mouth.y).toBeGreaterThan(rightEye.y);
      expect(gender).toBeDefined();
      expect(interval[0] < age && age < interval[1]).toBe(true);
      const sum = (from: number) => distribution!.reduce((s, c) => s + (c.from >= from ? c.p : 0), 0);
      expect(sum(0)).toBeCloseTo(1, 3);
      expect(Object.keys(atLeast!)).toEqual(['18', '25']);
      expect(atLeast!['18']).toBeCloseTo(sum(18), 3);
      expect(atLeast!['25']).toBeCloseTo(sum(25), 3);
      expect(distribution!.reduce((s, c) => s + c.from * c.p, 0)).toBeCloseTo(age, 1);
    }
  });

  it('leaves out what no flag requests, and works without detector, turns and gender, and with several models', async () => {
    const plain = ['estimate', 'photos/a/same.jpg', 'upside-down.jpg', '--json'];
    const [one, two, cropped] = await Promise.all([
      run([...plain, '--threads', '1']),
      run([...plain, '--no-turn', '--model', 'agewise-base', '--model', AGE_MODEL, '--flip']),
      run([...plain, '--cropped', '--no-gender']),
    ]);
    expect([one.code, two.code, cropped.code]).toEqual([0, 0, 0]);
    expect(one.stderr + two.stderr + cropped.stderr).toBe('');

    const [upright, turned] = pictures(one.stdout);
    expect(upright!.faces).toHaveLength(3);
    for (const { distribution, atLeast, gender } of upright!.faces) {
      expect({ distribution, atLeast }).toEqual({ distribution: undefined, atLeast: undefined });
      expect(gender).toBeDefined();
    }
    expect(turned!.faces).toHaveLength(3);

    const [mirrored, unturned] = pictures(two.stdout);
    expect(unturned!.faces.length).toBeLessThan(3);
    expect(mirrored!.faces.map((f) => f.box)).toEqual(upright!.faces.map((f) => f.box));
    // Averaged over the mirror image: not the same age, but about the same.
    mirrored!.faces.forEach(({ age, members }, i) => {
      expect(age).toBeCloseTo((members![0]! + members![1]!) / 2, 0);
      expect(age).not.toBe(upright!.faces[i]!.age);
      expect(Math.abs(age - upright!.faces[i]!.age)).toBeLessThan(8);
    });

    for (const { width, height, faces } of pictures(cropped.stdout)) {
      expect(faces).toHaveLength(1);
      expect(faces[0]).toMatchObject({ box: { x: 0, y: 0, width, height }, score: null, landmarks: null });
      expect(faces[0]).not.toHaveProperty('gender');
    }
  });
});

describe('agewise estimate', () => {
  it('prints a table, and one sentence on stderr for each bad picture', async () => {
    const { code, stdout, stderr } = await run(['estimate', ...BAD_FILES, 'photos']);
    expect(code).toBe(1);
    const sentences = lines(stderr);
    expect(sentences).toHaveLength(BAD.length);
    BAD.forEach(([file, sentence], i) => {
      expect(sentences[i]).toContain(`agewise: ${file}: expected `);
      expect(sentences[i]).toMatch(sentence);
    });
    const rows = lines(stdout);
    expect(rows.map((row) => /^\S*/.exec(row)![0])).toEqual([
      'Picture',
      'photos/a/same.jpg',
      '',
      '',
      'photos/b/same.jpg',
      '',
      '',
      'photos/faceless.png',
      `${BAD.length + 3}`,
    ]);
    expect(rows.at(-1)).toBe(`${BAD.length + 3} pictures, 6 faces, ${BAD.length} failed`);
    expect(stdout).not.toContain('\x1b');
  });

  it('prints CSV, and writes annotated copies below the paths of their pictures', async () => {
    const inputs = ['photos/**/*.jpg', 'photos/faceless.png', SAMPLE, '-', 'bad/text.jpg'];
    const flags = ['--csv', '--annotate', 'marked', '--at-least', '18'];
    const { code, stdout, stderr } = await run(['estimate', ...inputs, ...flags], group);
    expect(code).toBe(1);
    expect(lines(stderr)).toEqual([
      expect.stringMatching(/^agewise: bad\/text\.jpg: /),
      '5 annotated pictures in marked/',
    ]);

    const [header, ...rows] = lines(stdout).map((row) => row.split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/));
    const column = (name: string) => rows.map((row) => row[header!.indexOf(name)]);
    for (const row of rows) expect(row).toHaveLength(header!.length);
    const three = (file: string) => [file, file, file];
    expect(column('file')).toEqual([
      ...three('photos/a/same.jpg'),
      ...three('photos/b/same.jpg'),
      'photos/faceless.png',
      ...three(SAMPLE),
      ...three('-'),
      'bad/text.jpg',
    ]);
    expect(column('face').slice(0, 7)).toEqual(['1', '2', '3', '1', '2', '3', '']);
    expect(column('age').filter((age) => Number(age) > 0)).toHaveLength(12);
    expect(column('at_least_18').filter((p) => p !== '')).toHaveLength(12);
    expect(column('error').at(-1)).toMatch(/^"bad\/text\.jpg: expected .* found text"$/);

    const copies = (await readdir(join(cwd, 'marked'), { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(cwd.length + 1))
      .sort();
    const expected = ['marked/photos/a/same.jpg', 'marked/photos/b/same.jpg', 'marked/photos/faceless.png'];
    expect(copies).toEqual([`marked${SAMPLE}`, ...expected, 'marked/stdin.jpg'].sort());
    const [before, after] = await Promise.all(
      [group, join(cwd, 'marked/stdin.jpg')].map((image) =>
        sharp(image).raw().toBuffer({ resolveWithObject: true }),
      ),
    );
    expect([after!.info.width, after!.info.height]).toEqual([before!.info.width, before!.info.height]);
    let changed = 0;
    for (let i = 0; i < before!.data.length; i += 3) {
      if (Math.abs(before!.data[i]! - after!.data[i]!) > 60) changed++;
    }
    // Three boxes and labels, not a picture of something else.
    expect(changed).toBeGreaterThan(500);
    expect(changed / (before!.data.length / 3)).toBeLessThan(0.1);
  });

  it.each(['.', 'here'])('refuses to write annotated copies over the pictures, to %s', async (folder) => {
    const { code, stdout, stderr } = await run(['estimate', 'photos', '--annotate', folder, '--json']);
    expect([code, stdout]).toEqual([2, '']);
    expect(lines(stderr)).toEqual([
      expect.stringMatching(/^agewise: --annotate .* would overwrite the picture .*same\.jpg/),
    ]);
  });

  it('ends quietly when its reader closes the pipe', async () => {
    const child = start(
      ['estimate', ...new Array(60).fill('photos/a/same.jpg'), '--json', '--threads', '1'],
      { cwd },
    );
    child.stdout.once('data', () => child.stdout.destroy());
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    const code = await new Promise((resolve) => child.on('exit', resolve));
    expect([code, stderr]).toEqual([0, '']);
  });

  it('prints finished results when interrupted', async () => {
    const count = 300;
    await mkdir(join(cwd, 'many'));
    for (let i = 0; i < count; i++) {
      await copyFile(join(cwd, 'photos/a/same.jpg'), join(cwd, 'many', `${i}.jpg`));
    }
    const child = start(['estimate', 'many', '--json'], { cwd });
    child.stdout.once('data', () => child.kill('SIGINT'));
    const { code, stdout, stderr } = await outcome(child);
    await rm(join(cwd, 'many'), { recursive: true });
    expect([code, stderr]).toEqual([130, '']);
    const done = pictures(stdout);
    expect(done.length).toBeGreaterThan(0);
    expect(done.length).toBeLessThan(count);
  });

  const script = '/usr/bin/script';
  it.skipIf(process.platform !== 'linux' || !existsSync(script))(
    `keeps its progress bar out of the results (skipped without ${script})`,
    async () => {
      // Standard input ends only when the bar has been seen: the work is long, however fast the machine.
      const slow = 'until [ -e seen ]; do sleep 0.1; done; cat photos/b/same.jpg';
      const estimate = `"${process.execPath}" "${MAIN}" estimate photos/a/same.jpg - --json > results.jsonl`;
      const child = spawn(script, ['-qec', `(${slow}) | ${estimate}`, '/dev/null'], { cwd });
      child.stdout.on('data', (chunk) => {
        // The picture that is there does not wait for the one that is not.
        if (String(chunk).includes('░  1/2')) void writeFile(join(cwd, 'seen'), '');
      });
      const { code, stdout } = await outcome(child);
      expect(code).toBe(0);
      // The bar is gone in the end.
      expect(stdout.endsWith('\r\x1b[K')).toBe(true);
      const files = pictures(await readFile(join(cwd, 'results.jsonl'), 'utf8')).map(({ file }) => file);
      expect(files).toEqual(['photos/a/same.jpg', '-']);
    },
  );
});

describe('agewise with a model that cannot be loaded', () => {
  it.each([
    [
      'https://anna:geheim@example.org/a.onnx',
      /^(agewise: )?Model 'https:\/\/\*\*\*@example.org\/a.onnx': expected an .onnx file, found a URL, which is not downloaded$/,
    ],
    [
      'missing.onnx',
      /'missing\.onnx' is neither a file nor a shipped model \('agewise-base', 'agewise-open', 'agewise-small'\)/,
    ],
    ['not-onnx.onnx', /'not-onnx\.onnx'/],
    ['no-metadata.onnx', /'no-metadata\.onnx' has no metadata property 'agewise'/],
    ['contradicted.onnx', /has 100 age classes, its output 'age' has 101/],
  ])('reports it for %s before any picture is read', async (model, sentence) => {
    const args = [
      'estimate',
      'photos/a/same.jpg',
      'missing.jpg',
      '--model',
      'agewise-base',
      '--model',
      model,
    ];
    const [plain, json] = await Promise.all([run(args), run([...args, '--json'])]);
    expect([plain.code, plain.stdout]).toEqual([2, '']);
    expect(lines(plain.stderr)).toEqual([expect.stringMatching(sentence)]);
    expect(json.code).toBe(2);
    const [object, ...others] = lines(json.stdout).map((text) => JSON.parse(text));
    expect(object).toEqual({ error: expect.stringMatching(sentence) });
    expect(others).toEqual([]);
  });

  const cuda = join(
    ROOT,
    `node_modules/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime_providers_cuda.so`,
  );
  it.skipIf(existsSync(cuda))('says how to get CUDA (skipped if it is installed)', async () => {
    const { code, stdout, stderr } = await run(['estimate', 'photos', '--device', 'cuda']);
    expect([code, stdout]).toEqual([2, '']);
    expect(lines(stderr)).toEqual([
      expect.stringMatching(/^agewise: Device cuda: .*not installed; run "npm /),
    ]);
  });
});

describe('agewise called wrongly', () => {
  it.each([
    [['estimate', 'x.jpg', '--jsn'], /unknown option '--jsn'; did you mean '--json'\?/],
    [['estimate', 'x.jpg', '--distr'], /unknown option '--distr'; did you mean '--distribution'\?/],
    [['models', '--jason'], /unknown option '--jason'; did you mean '--json'\?/],
    [['--versoin'], /unknown option '--versoin'; did you mean '--version'\?/],
    [['estimat', 'x.jpg'], /unknown command 'estimat'; did you mean 'agewise estimate'\?/],
    [
      ['upside-down.jpg'],
      /unknown command 'upside-down\.jpg'; did you mean 'agewise estimate upside-down\.jpg'\?/,
    ],
    [['estimate'], /missing required argument 'inputs'/],
    [['estimate', '-', '-'], /standard input .* only once/],
    [['estimate', 'x.jpg', '--threads', '0'], /'--threads <n>' .*: expected a whole number from 1 to 1024/],
    [
      ['estimate', 'x.jpg', '--at-least', '18;25'],
      /'--at-least <ages>' .*: expected whole years from 0 to 100/,
    ],
    [['estimate', 'x.jpg', '--device', 'tpu'], /'--device <device>' .*cpu, webgpu, cuda/],
    [['estimate', 'x.jpg', '--json', '--csv'], /'--json' cannot be used with option '--csv'/],
    [['estimate', 'photos', '--annotate', 'upside-down.jpg'], /a file is in the way/],
    [['estimate', 'photos', '--annotate', '/dev/null/copies', '--json'], /a file is in the way/],
    [['data', 'export', 'x.store', '-', '--as', 'csv'], /'out': expected a name, .* standard output/],
  ])('%j is refused in one sentence', async (args, sentence) => {
    const { code, stdout, stderr } = await run(args);
    expect([code, stdout]).toEqual([2, '']);
    expect(lines(stderr)).toEqual([expect.stringMatching(sentence)]);
  });

  it.skipIf(process.platform !== 'linux')(
    'gives up a folder that cannot be made (skipped if there is no /proc)',
    async () => {
      const { code, stdout, stderr } = await run(['estimate', 'photos', '--annotate', '/proc/copies']);
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toBe(
        "agewise: --annotate: expected a folder '/proc/copies', it cannot be created: it does not exist\n",
      );
    },
  );
});

describe('agewise', () => {
  it('prints help and its version', async () => {
    const [bare, help, estimate, version] = await Promise.all([
      run([]),
      run(['--help']),
      run(['estimate', '--help']),
      run(['--version']),
    ]);
    expect([bare.code, bare.stdout]).toEqual([2, '']);
    expect([help.code, help.stderr]).toEqual([0, '']);
    expect(bare.stderr).toBe(help.stdout);
    expect(estimate.stdout).toContain('agewise estimate "photos/**/*.jpg" --at-least 18,25 --csv > ages.csv');
    const { version: expected } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
    expect(version).toEqual({ code: 0, stdout: `${expected}\n`, stderr: '' });
  });

  it('prints help for a command, before it or within its group', async () => {
    const { stdout } = await run(['data', 'import', '--help']);
    for (const args of [
      ['help', 'data', 'import'],
      ['data', 'help', 'import'],
    ]) {
      expect(await run(args)).toEqual({ code: 0, stdout, stderr: '' });
    }
    expect(await run(['help', 'help'])).toEqual(await run(['--help']));
  });

  it('refuses help for unknown commands', async () => {
    const unknown = await run(['help', 'estimat']);
    expect(unknown).toEqual(await run(['estimat']));
    expect([unknown.code, unknown.stdout]).toEqual([2, '']);
    expect(unknown.stderr).toContain("did you mean 'agewise estimate'?");
    expect((await run(['help', 'data', 'nothing'])).code).toBe(2);
  });

  it.skipIf(!existsSync('/dev/full')).each(['--help', 'models'])(
    'says in one sentence that the output of %s cannot be written',
    (command) => {
      const line = `"${process.execPath}" "${MAIN}" ${command} > /dev/full`;
      const { status, stderr } = spawnSync('sh', ['-c', line]);
      expect([status, String(stderr)]).toEqual([1, 'agewise: standard output: the disk is full\n']);
    },
  );

  it('lists the shipped models, their licences and scores', async () => {
    const [text, json] = await Promise.all([run(['models']), run(['models', '--json'])]);
    expect([text.code, json.code, text.stderr + json.stderr]).toEqual([0, 0, '']);
    const models = lines(json.stdout).map((row) => JSON.parse(row));
    expect(models.map(({ name }) => name)).toEqual([
      'agewise-base',
      'agewise-open',
      'agewise-small',
      'face-detector',
    ]);
    for (const { name, bytes, card } of models) {
      expect((await readFile(join(ROOT, 'models', `${name}.onnx`))).length).toBe(bytes);
      expect(existsSync(card)).toBe(true);
      expect(text.stdout).toContain(card);
    }
    const { provenance, metrics } = models[0].metadata;
    expect(text.stdout).toContain(provenance.licence);
    expect(Object.keys(metrics).length).toBeGreaterThan(0);
    for (const [set, scores] of Object.entries(metrics as Record<string, Record<string, number>>)) {
      expect(text.stdout).toContain(set);
      for (const value of Object.values(scores)) expect(text.stdout).toContain(String(value));
    }
  });
});
