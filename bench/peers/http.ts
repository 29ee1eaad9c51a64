/** A minimal HTTP server around a peer: a picture as the body, its faces as JSON. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Peer } from './worker.js';

export function serveHttp(load: () => Promise<Peer>): void {
  const loading = load();
  const server = createServer(async (request, response) => {
    try {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const [faces] = await (await loading).estimate([Buffer.concat(chunks)]);
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ faces }));
    } catch (error) {
      response.writeHead(500).end(String(error));
    }
  });
  void loading.then(() =>
    server.listen(0, '127.0.0.1', () => {
      console.log(`Listening at http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    }),
  );
}
