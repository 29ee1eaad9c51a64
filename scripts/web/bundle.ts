/**
 * Bundles what a page loads that has no bundler of its own, and the worker's script, which every page loads, into dist/browser:
 * `agewise.js` with what it loads on demand, and `worker.js`, which is whole, since a worker has no import map. ONNX Runtime
 * is in none: it is loaded at run time from where the page has it.
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FOLDER = join(ROOT, 'dist/browser');

/** Files by their names, each of them whole. */
const ENTRIES = {
  agewise: 'src/estimate/web.ts',
  'web-here': 'src/estimate/web-here.ts',
  worker: 'src/estimate/web-worker.ts',
};
/** What is loaded on demand, as a file of its own. */
const ON_DEMAND = ['./web-here.js'];

export interface WebBundles {
  /** Files by their names. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** What each was made of. */
  readonly metafile: Metafile;
}

/** In the package a worker's script is in the folder beside its room's; in the bundle it is in the same folder. */
const workersBeside: Plugin = {
  name: 'workers-beside',
  setup({ onLoad }) {
    onLoad({ filter: /src[\\/](estimate|train)[\\/]web(-line)?\.ts$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replaceAll("'../browser/", "'./"),
      loader: 'ts',
    }));
  },
};

const options = {
  absWorkingDir: ROOT,
  bundle: true,
  minify: true,
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
  outdir: FOLDER,
  external: ON_DEMAND,
  write: false,
  metafile: true,
  logLevel: 'warning',
  plugins: [workersBeside],
} satisfies BuildOptions;

export async function bundleWeb(): Promise<WebBundles> {
  const { outputFiles, metafile } = await build({ ...options, entryPoints: ENTRIES });
  return {
    files: new Map(outputFiles.map(({ path, contents }) => [basename(path), contents])),
    metafile,
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { files } = await bundleWeb();
  await rm(FOLDER, { recursive: true, force: true });
  await mkdir(FOLDER, { recursive: true });
  for (const [name, contents] of files) await writeFile(join(FOLDER, name), contents);
}
