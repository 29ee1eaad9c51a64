/** Serves a folder as a static site, and records what comes in: for tests of the page. */
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { extname, join, normalize } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
};

export class PageServer {
  /** Everything that was sent to it: heads and bodies. */
  readonly received: Buffer[] = [];
  private readonly sockets = new Set<Socket>();

  /** Where it was, once it has stopped. */
  gone = '';

  private constructor(private readonly server: Server) {}

  /** @param options.cors whether pages of other origins may read its files */
  static async start(folder: string, { cors = false } = {}): Promise<PageServer> {
    const server = createServer(async (request, response) => {
      const { pathname } = new URL(request.url ?? '/', 'http://localhost');
      const path = normalize(pathname.endsWith('/') ? `${pathname}index.html` : pathname);
      const content = await readFile(join(folder, path)).catch(() => undefined);
      response.writeHead(content === undefined ? 404 : 200, {
        'content-type': TYPES[extname(path)] ?? 'application/octet-stream',
        // What is kept for work offline must not depend on the browser's own cache.
        'cache-control': 'no-store',
        // What a page needs for threads.
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-embedder-policy': 'require-corp',
        ...(cors && { 'access-control-allow-origin': '*' }),
      });
      response.end(content);
    });
    const page = new PageServer(server);
    server.on('connection', (socket) => {
      page.sockets.add(socket);
      socket.on('data', (bytes: Buffer) => page.received.push(bytes));
      socket.on('close', () => page.sockets.delete(socket));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return page;
  }

  get address(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
  }

  async stop(): Promise<void> {
    if (this.gone !== '') return;
    this.gone = this.address;
    const closed = new Promise((resolve) => this.server.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }
}
