/** Builds the page into dist/web: static files that any server can serve, with models and ONNX Runtime's files beside them. */
import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { defineConfig, type Plugin } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';
import { bundleWorkers } from '../scripts/web/bundle.ts';
import { text } from './src/text.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const MODELS = join(ROOT, 'models');
const ONNX_RUNTIME = join(ROOT, 'node_modules/onnxruntime-web/dist');

/**
 * ONNX Runtime's build for WebAssembly, and the one for WebGPU. They are served unbundled, or their threads would run the page's
 * code.
 */
const RUNTIME_FILES = ['ort.wasm.min.mjs', 'ort-wasm-simd-threaded.mjs', 'ort-wasm-simd-threaded.wasm'];
const GPU_RUNTIME_FILES = [
  'ort.jspi.min.mjs',
  'ort-wasm-simd-threaded.jspi.mjs',
  'ort-wasm-simd-threaded.jspi.wasm',
];
const { version: RUNTIME_VERSION } = JSON.parse(
  readFileSync(join(ONNX_RUNTIME, '../package.json'), 'utf8'),
) as { readonly version: string };

const ICON_SIZES = [192, 512] as const;

/** More than the largest file, ONNX Runtime's WebAssembly of 14 MB. */
const LARGEST_CACHED_FILE = 40e6;

/** Adds models, ONNX Runtime, the workers and the icons. */
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
      for (const name of [...RUNTIME_FILES, ...GPU_RUNTIME_FILES]) {
        emit(`wasm/${name}`, await readFile(join(ONNX_RUNTIME, name)));
      }
      for (const [name, code] of await bundleWorkers()) emit(name, code);
      const icon = await readFile(join(ROOT, 'web/public/icon.svg'));
      for (const size of ICON_SIZES) {
        emit(`icon-${size}.png`, await sharp(icon).resize(size).png().toBuffer());
      }
    },
  };
}

/** Replaces parts of the library that the page does not need: it passes the URLs of its workers, and always uses them. */
const UNUSED: readonly (readonly [file: string, code: RegExp, instead: string])[] = [
  ['/src/estimate/web-line.ts', /new URL\('[^']*worker\.js', import\.meta\.url\)/, "'./worker.js'"],
  ['/src/train/web.ts', /new URL\('[^']*worker\.js', import\.meta\.url\)/, "'./train-worker.js'"],
  ['/src/estimate/web.ts', /\(await import\('\.\/web-here\.js'\)\)\.openHere/, 'undefined'],
];

function withoutUnused(): Plugin {
  return {
    name: 'agewise-without-unused',
    enforce: 'pre',
    transform(code, id) {
      const [file, part, instead] = UNUSED.find(([file]) => id.endsWith(file)) ?? [];
      if (file === undefined) return undefined;
      if (!part!.test(code)) this.error(`${file}: expected ${part}, found none`);
      return code.replace(part!, instead!);
    },
  };
}

/** Puts the page's English into its HTML: `%name%` and the like. */
function words(): Plugin {
  const { name, description, noScript } = text;
  return {
    name: 'agewise-words',
    transformIndexHtml: {
      order: 'pre',
      handler: (html) =>
        Object.entries({ name, description, noScript }).reduce(
          (page, [key, value]) => page.replaceAll(`%${key}%`, value),
          html,
        ),
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
    withoutUnused(),
    words(),
    assets(),
    VitePWA({
      registerType: 'autoUpdate',
      injectRegister: false,
      manifest: {
        name: text.name,
        short_name: text.name,
        description: text.description,
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
        // Loaded and cached only by visitors with a GPU.
        globIgnores: GPU_RUNTIME_FILES.map((name) => `wasm/${name}`),
        runtimeCaching: [
          {
            urlPattern: /\/wasm\/[^/]*jspi[^/]*$/,
            handler: 'CacheFirst',
            options: { cacheName: `onnxruntime-webgpu-${RUNTIME_VERSION}` },
          },
        ],
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
