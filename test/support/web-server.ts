/** A server for pages under test, cross-origin isolated so that WebAssembly has threads. */
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
};

export interface WebServer {
  readonly origin: string;
  /** The paths requested so far. */
  readonly requested: string[];
  /** Files by path; they may be added and replaced while it runs. */
  readonly files: Map<string, Uint8Array | string>;
  close(): void;
}

/**
 * Serves the given files, the models at /models/ and onnxruntime-web's files at /onnxruntime-web/.
 * @param more other folders by the first part of their paths
 */
export async function serveWeb(
  files: Iterable<readonly [string, Uint8Array | string]>,
  more: Readonly<Record<string, string>> = {},
): Promise<WebServer> {
  const folders: Readonly<Record<string, string>> = {
    models: join(ROOT, 'models'),
    'onnxruntime-web': join(ROOT, 'node_modules/onnxruntime-web/dist'),
    ...more,
  };
  const own = new Map(files);
  const requested: string[] = [];
  const server: Server = createServer(async ({ url = '/' }, response) => {
    const { pathname } = new URL(url, 'http://server');
    requested.push(pathname);
    const [, folder = '', name = ''] = pathname.split('/');
    const content =
      own.get(pathname) ??
      (folders[folder] && (await readFile(join(folders[folder], name)).catch(() => undefined)));
    response.writeHead(content === undefined ? 404 : 200, {
      'content-type': TYPES[extname(pathname)] ?? 'application/octet-stream',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
      // Every file that a page does not keep itself is requested again.
      'cache-control': 'no-store',
    });
    response.end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { origin, requested, files: own, close: () => server.close() };
}
