/**
 * Joins the compiled modules under dist/ into few files for Node, dist/node/, since loading hundreds of modules takes longer
 * than a first estimate. The files by which Node enters (the package's doors, its command, threads and processes) then only
 * lead there; modules that browsers do not need either are removed. Declarations stay where they are.
 */
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { DirectImports } from './direct-imports.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DIST = join(ROOT, 'dist');
const FOLDER = 'node';

/**
 * Dependencies that become part of the files: zod is a hundred modules, of which a model's metadata needs a few; protobuf's reader
 * of bytes, two modules, would load some thirty others.
 */
const INCLUDED = ['zod', '@bufbuild/protobuf'];

/**
 * Dependencies that are loaded as CommonJS: `import` takes two and a half times as long to load sharp's dozen of modules, and
 * reads ONNX Runtime's twice, to find their exports.
 */
const AS_COMMONJS = ['sharp', 'onnxruntime-node'];

/** The command, threads and child processes: they export nothing. */
const PROGRAMS = ['cli/main', 'data/loader/worker', 'estimate/thread', 'serve/workers/child'];

type Door = string | { readonly node?: string; readonly default: string };

interface Package {
  readonly exports: Readonly<Record<string, Door>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
}

const { exports, dependencies, peerDependencies } = JSON.parse(
  await readFile(join(ROOT, 'package.json'), 'utf8'),
) as Package;

/** The modules of the package's doors, without ending: those of Node alone, and those that browsers share. */
function doors(): { readonly node: string[]; readonly shared: string[]; readonly web: string[] } {
  const found = { node: [] as string[], shared: [] as string[], web: [] as string[] };
  for (const door of Object.values(exports)) {
    const file = typeof door === 'string' ? door : door.default;
    const module = /^\.\/dist\/(.*)\.js$/.exec(file)?.[1];
    if (module === undefined || module.startsWith('browser/')) continue;
    const kind = module.endsWith('/web') ? 'web' : typeof door === 'object' && door.node ? 'shared' : 'node';
    found[kind].push(module);
  }
  return found;
}

const direct = new DirectImports();

/** In a bundle, what a module finds from its own place is found from the place that it had. */
const ownPlaces: Plugin = {
  name: 'own-places',
  setup({ onLoad }) {
    onLoad({ filter: /\.js$/, namespace: 'file' }, async ({ path }) => {
      const inside = relative(DIST, path);
      if (inside.startsWith('..')) return undefined;
      const text = direct.redirect(path, await readFile(path, 'utf8'));
      const place = `new URL('../${inside.split(sep).join('/')}', import.meta.url).href`;
      return { contents: text.replaceAll('import.meta.url', place), loader: 'js' };
    });
  },
};

const asCommonJs: Plugin = {
  name: 'as-commonjs',
  setup({ onResolve, onLoad }) {
    const require = createRequire(import.meta.url);
    const filter = new RegExp(`^(?:${AS_COMMONJS.join('|')})$`);
    onResolve({ filter }, ({ path }) => ({ path, namespace: 'commonjs', sideEffects: false }));
    onLoad({ filter, namespace: 'commonjs' }, ({ path }) => {
      const names = Object.keys(require(path));
      return {
        contents:
          "import { createRequire } from 'node:module';\n" +
          `const require = createRequire(import.meta.url);\nconst module = require('${path}');\n` +
          `export default module;\nexport const { ${names.join(', ')} } = module;\n`,
      };
    });
  },
};

const { node, shared, web } = doors();
const flat = (module: string) => module.replaceAll('/', '-');
const entries = [...node, ...shared, ...PROGRAMS];

const options = {
  absWorkingDir: ROOT,
  bundle: true,
  format: 'esm',
  metafile: true,
} as const;
await rm(join(DIST, FOLDER), { recursive: true, force: true });
const { metafile } = await build({
  ...options,
  entryPoints: Object.fromEntries(entries.map((module) => [flat(module), `dist/${module}.js`])),
  outdir: join(DIST, FOLDER),
  external: Object.keys({ ...dependencies, ...peerDependencies }).filter((name) => !INCLUDED.includes(name)),
  splitting: true,
  chunkNames: 'part-[hash]',
  platform: 'node',
  target: 'node20',
  keepNames: true,
  plugins: [ownPlaces, asCommonJs],
  logLevel: 'warning',
});
const inBrowsers = await build({
  ...options,
  entryPoints: [...shared, ...web].map((module) => `dist/${module}.js`),
  outdir: 'none',
  packages: 'external',
  write: false,
  splitting: true,
  platform: 'browser',
  logLevel: 'warning',
});

const kept = new Set([
  ...Object.keys(inBrowsers.metafile.inputs),
  ...entries.map((module) => `dist/${module}.js`),
]);
for (const file of Object.keys(metafile.inputs)) {
  if (file.startsWith('dist/') && !kept.has(file)) await rm(join(ROOT, file));
}
for (const module of [...node, ...PROGRAMS]) {
  const to = `${'../'.repeat(module.split('/').length - 1)}${FOLDER}/${flat(module)}.js`;
  const first = module === 'cli/main' ? '#!/usr/bin/env node\n' : '';
  const line = PROGRAMS.includes(module) ? `import '${to}';\n` : `export * from '${to}';\n`;
  await writeFile(join(DIST, `${module}.js`), first + line);
}
const files = await readdir(join(DIST, FOLDER));
console.log(`dist/${FOLDER}: ${files.length} files`);
