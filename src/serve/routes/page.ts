/** The web page at `/`: the files of a folder, as they are when the server starts. */
import { readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import send from '@fastify/send';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { RequestError } from '../requests/index.js';

/**
 * What the page may do: run its own scripts and workers and WebAssembly, read its own files, show pictures and a camera that
 * its visitor chooses; nothing from or to elsewhere.
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
  // Together they isolate the page, without which a browser gives WebAssembly no threads.
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'permissions-policy': 'camera=(self), microphone=(), geolocation=()',
};

/** A name with a hash of its content, as a bundler makes it: a change gives another name. */
const HASHED = /[-.][\w-]{8,}\.[a-z0-9]+$/i;
const FOREVER = 'public, max-age=31536000, immutable';
/** Kept, and asked for again each time: a service worker and its page change under the same name. */
const REVALIDATED = 'no-cache';
/** The folder of hashed names. */
const ASSETS = /^assets\//;

const INDEX = 'index.html';

/** @param folder a built page; its files need no token, since they hold nothing of the server's */
export function addPage(app: FastifyInstance, folder: string): void {
  const open = { config: { public: true, rateLimit: false as const } };
  for (const file of filesOf(folder)) {
    const cache = ASSETS.test(file) && HASHED.test(file) ? FOREVER : REVALIDATED;
    const give = async (request: FastifyRequest, reply: FastifyReply) => {
      const options = { root: folder, cacheControl: false, index: false };
      const result = await send(request.raw, encodeURI(file), options);
      if (result.type !== 'file') {
        const subject = `/${file}`;
        throw new RequestError(result.statusCode, {
          subject,
          problem: `it cannot be given out (${result.statusCode})`,
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

/** Paths from the folder, with slashes. What a router would take for a pattern is no file of a page. */
function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((file) => !/[:*]/.test(file) && !file.split('/').some((part) => part.startsWith('.')));
}
