/** The web page at `/`: the files that its folder has when the server starts. */
import { existsSync, readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import send from '@fastify/send';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { RequestError } from '../requests/index.js';

/**
 * The page may run its own scripts, workers and WebAssembly, read its own files, and show pictures and a camera that the
 * visitor chooses; it may load nothing from elsewhere and send nothing there.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self' blob:",
  "connect-src 'self' blob: data:",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "media-src 'self' blob:",
  "font-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS = {
  'content-security-policy': POLICY,
  // These isolate the page, which browsers require for WebAssembly threads.
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'permissions-policy': 'camera=(self), microphone=(), geolocation=()',
};

/** Bundled file names contain a hash of their content, so their files never change. */
const HASHED = /[-.][\w-]{8,}\.[a-z0-9]+$/i;
const FOREVER = 'public, max-age=31536000, immutable';
/** Other files, such as the service worker, change under the same name: caches must revalidate them. */
const REVALIDATED = 'no-cache';
/** The folder with hashed names. */
const ASSETS = /^assets\//;

const INDEX = 'index.html';
const MODELS = 'models';
const MODEL = /^[^/]+\.onnx$/;

export interface PageFolders {
  /** The built page. */
  readonly folder: string;
  /** The shipped models, at `/models/`: a package has them once, outside its page. */
  readonly models: string;
}

/** Its files need no token, since they contain nothing private. */
export function addPage(app: FastifyInstance, { folder, models }: PageFolders): void {
  const open = { config: { public: true, rateLimit: false as const } };
  const shared = filesOf(models)
    .filter((file) => MODEL.test(file) && !existsSync(join(folder, MODELS, file)))
    .map((file) => ({ file: `${MODELS}/${file}`, path: file, root: models }));
  const own = filesOf(folder).map((file) => ({ file, path: file, root: folder }));
  for (const { file, path, root } of [...own, ...shared]) {
    const cache = ASSETS.test(file) && HASHED.test(file) ? FOREVER : REVALIDATED;
    const give = async (request: FastifyRequest, reply: FastifyReply) => {
      const options = { root, cacheControl: false, index: false };
      const result = await send(request.raw, encodeURI(path), options);
      if (result.type !== 'file') {
        const subject = `/${file}`;
        throw new RequestError(result.statusCode, {
          subject,
          problem: `it cannot be served (${result.statusCode})`,
        });
      }
      return reply
        .code(result.statusCode)
        .headers({ ...result.headers, ...HEADERS, 'cache-control': cache })
        .send(result.stream);
    };
    app.get(`/${file}`, open, give);
    if (file === INDEX) app.get('/', open, give);
  }
}

/** Paths relative to the folder, with slashes; without names that the router would take for patterns, and hidden files. */
function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((file) => !/[:*]/.test(file) && !file.split('/').some((part) => part.startsWith('.')));
}
