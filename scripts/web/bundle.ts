/**
 * Bundles the library for pages without a bundler, and the worker's script, which all pages load, into dist/browser:
 * `agewise.js` with its chunks, and `worker.js` in one file, since workers have no import map. Neither contains ONNX Runtime,
 * which is loaded at run time from the page's own copy.
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FOLDER = join(ROOT, 'dist/browser');

/** The entry points, bundled into one file each. */
const ENTRIES = {
  agewise: 'src/estimate/web.ts',
  'web-here': 'src/estimate/web-here.ts',
  worker: 'src/estimate/web-worker.ts',
};
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

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { files } = await bundleWeb();
  await rm(FOLDER, { recursive: true, force: true });
  await mkdir(FOLDER, { recursive: true });
  for (const [name, contents] of files) await writeFile(join(FOLDER, name), contents);
}
