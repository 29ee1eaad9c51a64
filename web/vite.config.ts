/** Builds the page into dist/web: static files that any server can serve, with models and ONNX Runtime's files beside them. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { defineConfig, type Plugin } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';
import { bundleWeb } from '../scripts/web/bundle.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const MODELS = join(ROOT, 'models');
const ONNX_RUNTIME = join(ROOT, 'node_modules/onnxruntime-web/dist');

/** ONNX Runtime's build for WebAssembly. It is served unbundled, or its threads would run the page's code. */
const RUNTIME_FILES = ['ort.wasm.min.mjs', 'ort-wasm-simd-threaded.mjs', 'ort-wasm-simd-threaded.wasm'];

const ICON_SIZES = [192, 512] as const;

/** More than the largest file, ONNX Runtime's WebAssembly of 14 MB. */
const LARGEST_CACHED_FILE = 40e6;

/** Adds models, ONNX Runtime, the estimator's worker and the icons. */
function assets(): Plugin {
  return {
    name: 'agewise-assets',
    apply: 'build',
    async generateBundle() {
      const files = (await readdir(MODELS)).filter((name) => name.endsWith('.onnx')).sort();
      const emit = (fileName: string, source: Uint8Array | string) =>
        this.emitFile({ type: 'asset', fileName, source });
      for (const name of files) emit(`models/${name}`, await readFile(join(MODELS, name)));
      const names = files
        .map((name) => name.replace(/\.onnx$/, ''))
        .filter((name) => name !== 'face-detector');
      emit('models/index.json', `${JSON.stringify(names)}\n`);
      for (const name of RUNTIME_FILES) emit(`wasm/${name}`, await readFile(join(ONNX_RUNTIME, name)));
      emit('worker.js', (await bundleWeb()).files.get('worker.js')!);
      const icon = await readFile(join(ROOT, 'web/public/icon.svg'));
      for (const size of ICON_SIZES) {
        emit(`icon-${size}.png`, await sharp(icon).resize(size).png().toBuffer());
      }
    },
  };
}

/** The page names the worker's script itself, so Vite need not bundle another. */
function workerByAddress(): Plugin {
  return {
    name: 'agewise-worker-by-address',
    enforce: 'pre',
    transform(code, id) {
      if (!id.endsWith('/src/estimate/web-line.ts')) return undefined;
      return code.replace(/new URL\('[^']*worker\.js', import\.meta\.url\)/, "'./worker.js'");
    },
  };
}

export default defineConfig({
  root: join(ROOT, 'web'),
  // Relative, so that the page works at any path.
  base: './',
  build: {
    outDir: join(ROOT, 'dist/web'),
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    // CSP allows no data: URL in a stylesheet's font or script.
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: {
        index: join(ROOT, 'web/index.html'),
        'agewise-camera': join(ROOT, 'web/src/camera.ts'),
      },
      preserveEntrySignatures: 'exports-only',
      output: {
        entryFileNames: ({ name }) => (name === 'agewise-camera' ? '[name].js' : 'assets/[name]-[hash].js'),
      },
    },
  },
  plugins: [
    workerByAddress(),
    assets(),
    VitePWA({
      registerType: 'autoUpdate',
      injectRegister: false,
      manifest: {
        name: 'Agewise',
        short_name: 'Agewise',
        description: 'Estimates the apparent age of faces in pictures, on your own machine.',
        start_url: './',
        scope: './',
        display: 'standalone',
        background_color: '#f6f5f1',
        theme_color: '#0f6b63',
        icons: [
          ...ICON_SIZES.map((size) => ({
            src: `icon-${size}.png`,
            sizes: `${size}x${size}`,
            type: 'image/png',
          })),
          { src: 'icon.svg', sizes: 'any', type: 'image/svg+xml', purpose: 'any' },
        ],
      },
      workbox: {
        globPatterns: ['**/*.{html,js,mjs,css,svg,png,json,onnx,wasm,webmanifest}'],
        maximumFileSizeToCacheInBytes: LARGEST_CACHED_FILE,
        inlineWorkboxRuntime: true,
        // The server has other pages than this one.
        navigateFallback: null,
        ignoreURLParametersMatching: [/^threads$/],
        clientsClaim: true,
        skipWaiting: true,
      },
    }),
  ],
});
