/** The estimator's door in a browser as a bundle, as an application's bundler makes it. */
import { join } from 'node:path';
import { build, type Metafile } from 'esbuild';

const ROOT = join(import.meta.dirname, '../..');

export interface WebBundle {
  readonly code: Uint8Array;
  /** What it is made of. */
  readonly metafile: Metafile;
}

/** onnxruntime-web, which is loaded when it is needed, is not in it. */
export async function webBundle(): Promise<WebBundle> {
  const { outputFiles, metafile } = await build({
    entryPoints: [join(ROOT, 'src/estimate/web.ts')],
    absWorkingDir: ROOT,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    external: ['onnxruntime-web/*'],
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  return { code: outputFiles[0]!.contents, metafile };
}
