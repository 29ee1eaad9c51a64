/**
 * The package as whoever installs it meets it: packed by npm from a copy of the sources, installed into an empty folder
 * without this repository's `.npmrc`, type-checked there, and used.
 */
import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import {
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AgeEstimator, faceJson } from '../src/estimate/index.js';

const run = promisify(execFile);

const ROOT = join(import.meta.dirname, '..');
const PICTURE = join(ROOT, 'node_modules/@vladmandic/face-api/demo/sample1.jpg');
const TSC = createRequire(import.meta.url).resolve('typescript/bin/tsc');
/** Packing builds, installing copies hundreds of megabytes: a minute, and several on a busy machine. */
const TIMEOUT = 600_000;
/** Bytes of the package as it is downloaded: models, and ONNX Runtime for the page. */
const LARGEST_ARCHIVE = 30e6;

/** What data, training, conversions and the server use, and estimating must not load. */
const NOT_FOR_ESTIMATING = [
  '@fastify/busboy',
  '@fastify/cors',
  '@fastify/helmet',
  '@fastify/rate-limit',
  '@cornerstonejs/codec-libjpeg-turbo-8bit',
  'csv-parse',
  'csv-stringify',
  'fastify',
  'flatbuffers',
  'h5wasm',
  'hyparquet',
  'hyparquet-writer',
  'pino',
  'prom-client',
  'yaml',
];

/** Types that hold only where the estimator's doors, of Node and of a browser, have the same options, results and errors. */
const EQUAL_DOORS = `
import type * as node from 'agewise';
import type * as web from 'agewise/web';
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type Options<Door extends { load: (...options: never) => unknown }> = NonNullable<Parameters<Door['load']>[0]>;
type Names = Exclude<keyof typeof node, 'faceRecord' | 'loadAgeNetwork' | 'loadFaceDetector' | 'loadFaceNetworks' | 'shippedModelPath' | 'shippedModels'>;
type Addresses = 'modelsUrl' | 'wasmUrl' | 'workerUrl' | 'cache';
const sameNames: Equal<Names, keyof typeof web> = true;
const sameOptions: Equal<Omit<Options<typeof web.AgeEstimator>, Addresses>, Pick<Options<typeof node.AgeEstimator>, keyof Options<typeof node.AgeEstimator>>> = true;
const sameMethods: Equal<keyof node.AgeEstimator, keyof web.AgeEstimator> = true;
const sameResults: Equal<ReturnType<node.AgeEstimator['estimate' | 'stream' | 'follow' | 'dispose']>, ReturnType<web.AgeEstimator['estimate' | 'stream' | 'follow' | 'dispose']>> = true;
const sameSettings: Equal<Parameters<node.AgeEstimator['estimate' | 'stream' | 'follow']>[1], Parameters<web.AgeEstimator['estimate' | 'stream' | 'follow']>[1]> = true;
const everyInput: node.ImageInput extends web.WebImageInput ? true : false = true;
export const equalDoors = { sameNames, sameOptions, sameMethods, sameResults, sameSettings, everyInput };
`;

interface PackageJson {
  readonly name: string;
  readonly files: readonly string[];
  readonly dependencies: Readonly<Record<string, string>>;
  readonly exports: Readonly<
    Record<string, string | { readonly types: string; readonly node?: string; readonly default: string }>
  >;
}

let temporary: string;
let archive: string;
/** Where the package is installed. */
let consumer: string;
let installed: string;
let description: PackageJson;

beforeAll(async () => {
  description = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
  temporary = await mkdtemp(join(tmpdir(), 'agewise-package-'));
  archive = await pack(join(temporary, 'source'));
  consumer = join(temporary, 'consumer');
  await mkdir(consumer);
  // npm installs into the nearest folder above that has one.
  await writeFile(join(consumer, 'package.json'), '{}');
  await npm(consumer, ['install', '--prefer-offline', '--no-audit', '--no-fund', archive], {
    ONNXRUNTIME_NODE_INSTALL: 'skip',
  });
  installed = join(consumer, 'node_modules', description.name);
}, TIMEOUT);

afterAll(() => rm(temporary, { recursive: true, force: true }), TIMEOUT);

/** Packs a copy of what the package is made from, in whose dist/ a file of an older build lies. */
async function pack(source: string): Promise<string> {
  const parts = [
    'package.json',
    'README.md',
    'LICENSE',
    'tsconfig.json',
    'tsconfig.build.json',
    'tsconfig.web.json',
    'src',
    'scripts/node',
    'scripts/web',
    'web',
  ];
  const carried = description.files.filter((name) => name !== 'dist' && !name.startsWith('!'));
  for (const name of [...parts, ...carried]) {
    await cp(join(ROOT, name), join(source, name), { recursive: true });
  }
  await symlink(join(ROOT, 'node_modules'), join(source, 'node_modules'), 'junction');
  await mkdir(join(source, 'dist'));
  await writeFile(join(source, 'dist/left-over.js'), '');
  await npm(source, ['pack']);
  const file = (await readdir(source)).find((name) => name.endsWith('.tgz'));
  return join(source, file!);
}

/** npm as it is if nothing is configured: install scripts run. */
async function npm(
  cwd: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('npm_'));
  await run('npm', [...args, '--ignore-scripts=false'], {
    cwd,
    env: { ...Object.fromEntries(inherited), ...env },
    shell: process.platform === 'win32',
  });
}

/** Paths below a folder, with `/`. */
async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    );
}

it('contains a fresh build and no tests', async () => {
  const files = await filesIn(join(installed, 'dist'));
  expect(files.length).toBeGreaterThan(100);
  const modules = files.filter((file) => !/^(browser|node|web)\//.test(file));
  const sources = modules.map((file) => join(ROOT, 'src', file.replace(/(\.d\.ts|\.js)$/, '.ts')));
  expect(sources.filter((source) => !existsSync(source))).toEqual([]);
  expect(files.filter((file) => /\.test\.|(^|\/)testing\./.test(file))).toEqual([]);
});

it('holds the page, with its models once, and stays small', async () => {
  const page = await filesIn(join(installed, 'dist/web'));
  for (const file of ['index.html', 'sw.js', 'worker.js', 'train-worker.js', 'models/index.json'])
    expect(page).toContain(file);
  for (const file of ['ort-wasm-simd-threaded.wasm', 'ort-wasm-simd-threaded.jspi.wasm'])
    expect(page).toContain(`wasm/${file}`);
  expect(page.filter((file) => file.endsWith('.onnx'))).toEqual([]);
  const { size } = await stat(archive);
  expect(size).toBeLessThan(LARGEST_ARCHIVE);
});

it(
  'serves the page as installed, with its models',
  async () => {
    const command = join(consumer, 'node_modules', description.name, 'dist/cli/main.js');
    const server = spawn(process.execPath, [command, 'serve', '--port', '0', '--workers', '1'], {
      cwd: consumer,
    });
    try {
      const address = await new Promise<string>((resolve, reject) => {
        let said = '';
        const take = (chunk: Buffer) => {
          said += chunk;
          const found = /Server listening at (http[^"]+)/.exec(said)?.[1];
          if (found !== undefined) resolve(found);
        };
        server.stdout.on('data', take);
        server.stderr.on('data', take);
        server.on('exit', () => reject(new Error(said)));
      });
      const get = async (path: string) => {
        const answer = await fetch(`${address}${path}`);
        expect(answer.status, path).toBe(200);
        return Buffer.from(await answer.arrayBuffer());
      };
      const html = (await get('/')).toString();
      expect(html).toContain('<title>Agewise</title>');
      const [, script] = /<script type="module"[^>]* src="\.(\/assets\/[^"]+)"/.exec(html)!;
      expect((await get(script!)).length).toBeGreaterThan(1000);
      const names = JSON.parse((await get('/models/index.json')).toString()) as string[];
      expect(names).toContain('agewise-base');
      for (const name of [...names, 'face-detector']) {
        const file = `models/${name}.onnx`;
        expect((await get(`/${file}`)).equals(await readFile(join(ROOT, file))), file).toBe(true);
      }
    } finally {
      server.kill('SIGKILL');
    }
  },
  TIMEOUT,
);

it('contains every entry point that it names', () => {
  const targets = Object.values(description.exports).flatMap((target) =>
    typeof target === 'string' ? [target] : Object.values(target),
  );
  expect(targets.filter((target) => !existsSync(join(installed, target)))).toEqual([]);
});

it('contains the files that its documents link to', async () => {
  const documents = (await filesIn(installed)).filter((file) => file.endsWith('.md'));
  expect(documents).toContain('README.md');
  const missing: string[] = [];
  for (const document of documents) {
    const text = await readFile(join(installed, document), 'utf8');
    for (const [, link] of text.matchAll(/\]\(([^)#\s]+)/g)) {
      if (/^[a-z]+:/.test(link!) || existsSync(join(installed, dirname(document), link!))) continue;
      missing.push(`${document} → ${link}`);
    }
  }
  expect(missing).toEqual([]);
});

it('has binaries for the platforms that the README names', async () => {
  const binaries = await filesIn(join(consumer, 'node_modules/onnxruntime-node/bin/napi-v6'));
  const platforms = binaries.filter((file) => file.endsWith('.node')).map((file) => dirname(file));
  // Linux x64 and arm64 with glibc, macOS on Apple silicon, Windows x64 and arm64.
  expect(platforms.sort()).toEqual(['darwin/arm64', 'linux/arm64', 'linux/x64', 'win32/arm64', 'win32/x64']);
});

it('names in its notices every package that a model came from, with the licence texts', async () => {
  const notices = await readFile(join(installed, 'THIRD-PARTY-NOTICES'), 'utf8');
  const models = (await readdir(join(installed, 'models'))).filter((file) => file.endsWith('.onnx'));
  expect(models.length).toBeGreaterThan(0);
  for (const model of models) {
    expect(notices).toContain(`models/${model}`);
    const card = await readFile(join(installed, 'models', model.replace(/onnx$/, 'md')), 'utf8');
    for (const [, source] of card.matchAll(/npm package `([^`]+)`/g)) expect(notices).toContain(source);
  }
  expect(notices).toContain('Permission is hereby granted, free of charge');
  expect(await readFile(join(installed, 'LICENSE'), 'utf8')).toContain('Apache License');
});

it.each([
  ['nodenext', 'nodenext'],
  ['esnext', 'bundler'],
])(
  'type-checks, module %s with resolution %s, without types of Node',
  async (module, moduleResolution) => {
    const doors = Object.entries(description.exports).flatMap(([door, target]) =>
      typeof target === 'string' ? [] : [door],
    );
    const names = doors.map((door) => description.name + door.slice(1));
    const program = [
      ...names.map((name, i) => `import * as door${i} from '${name}';`),
      `export const doors = [${names.map((_, i) => `door${i}`).join(', ')}];`,
      `import { AgeEstimator } from '${description.name}';`,
      `const estimator = await AgeEstimator.load({ threads: 1 });`,
      `const { faces } = await estimator.estimate('photo.jpg');`,
      `export const ages: number[] = faces.map((face) => face.age);`,
      EQUAL_DOORS,
    ];
    const project = {
      compilerOptions: {
        ...{ module, moduleResolution, target: 'es2023', strict: true, exactOptionalPropertyTypes: true },
        ...{ skipLibCheck: false, types: [], noEmit: true },
      },
      files: ['program.mts'],
    };
    await writeFile(join(consumer, 'program.mts'), program.join('\n'));
    await writeFile(join(consumer, `${moduleResolution}.json`), JSON.stringify(project));
    const complaints = await run(process.execPath, [TSC, '-p', `${moduleResolution}.json`], {
      cwd: consumer,
    }).then(
      ({ stdout }) => stdout,
      ({ stdout }) => stdout as string,
    );
    expect(complaints).toBe('');
  },
  TIMEOUT,
);

it(
  'estimates like the sources, in code and by the command, without packages that only data and training use',
  async () => {
    await leaveOut(NOT_FOR_ESTIMATING);
    const program = `
      import { AgeEstimator, faceJson } from '${description.name}';
      const estimator = await AgeEstimator.load({ threads: 1 });
      const { faces } = await estimator.estimate(process.argv[2]);
      console.log(JSON.stringify(faces.map((face) => faceJson(face))));
      await estimator.dispose();`;
    await writeFile(join(consumer, 'program.mjs'), program);
    const inCode = await run(process.execPath, ['program.mjs', PICTURE], { cwd: consumer });
    const command = join(consumer, 'node_modules/.bin', description.name);
    const flags = ['--json', '--distribution', '--threads', '1'];
    const byCommand = await run(command, ['estimate', PICTURE, ...flags], {
      cwd: consumer,
      shell: process.platform === 'win32',
    });

    const estimator = await AgeEstimator.load({ threads: 1 });
    const { faces } = await estimator.estimate(PICTURE);
    await estimator.dispose();
    const expected = JSON.parse(JSON.stringify(faces.map((face) => faceJson(face))));
    expect(expected).toHaveLength(3);
    expect(JSON.parse(inCode.stdout)).toEqual(expected);
    expect(JSON.parse(byCommand.stdout).faces).toEqual(expected);
  },
  TIMEOUT,
);

/** Takes packages away from the consumer, each of which is one that Agewise depends on. */
async function leaveOut(packages: readonly string[]): Promise<void> {
  for (const name of packages) {
    expect(description.dependencies).toHaveProperty([name]);
    const away = join(consumer, 'left-out', name);
    await mkdir(dirname(away), { recursive: true });
    await rename(join(consumer, 'node_modules', name), away);
  }
}
