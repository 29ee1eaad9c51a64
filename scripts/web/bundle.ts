/**
 * Bundles the library for pages without a bundler, and the workers' scripts, which all pages load, into dist/browser:
 * `agewise.js` with its chunks, `train.js`, and the worker of each in one file, since workers have no import map. None contains
 * ONNX Runtime, which is loaded at run time from the page's own copy.
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FOLDER = join(ROOT, 'dist/browser');

/** The entry points, bundled into one file each. */
const ENTRIES = {
  agewise: 'src/estimate/web.ts',
  'web-here': 'src/estimate/web-here.ts',
  worker: 'src/estimate/web-worker.ts',
  train: 'src/train/web.ts',
  'train-worker': 'src/train/web-worker.ts',
};
const WORKERS = { worker: ENTRIES.worker, 'train-worker': ENTRIES['train-worker'] };
/** The chunk that is loaded on demand. */
const ON_DEMAND = ['./web-here.js'];

export interface WebBundles {
  /** Contents by file name. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** The inputs of each. */
  readonly metafile: Metafile;
}

/** In the package the worker's script is in another folder; in the bundle it is in the same one. */
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

/** The workers alone, with what both use as a file of its own, for a page that has both: in `assets`, by its hash. */
export async function bundleWorkers(): Promise<ReadonlyMap<string, Uint8Array>> {
  const shared = { splitting: true, chunkNames: 'assets/workers-[hash]' };
  const { outputFiles } = await build({ ...options, ...shared, entryPoints: WORKERS });
  return new Map(
    outputFiles.map(({ path, contents }) => [relative(FOLDER, path).replaceAll('\\', '/'), contents]),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { files } = await bundleWeb();
  await rm(FOLDER, { recursive: true, force: true });
  await mkdir(FOLDER, { recursive: true });
  for (const [name, contents] of files) await writeFile(join(FOLDER, name), contents);
}
