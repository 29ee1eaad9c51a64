/** The server's OpenAPI document, and the same as a self-contained page. */
import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { apiDocument } from '../api-document.js';
import { apiPage } from '../api-page.js';
import type { Services } from './route.js';

const STYLE = /<style>([\s\S]*?)<\/style>/;

export function addDocuments(app: FastifyInstance, { settings }: Services, version: string): void {
  const document = apiDocument(settings, version);
  const page = apiPage(document);
  const hash = createHash('sha256').update(STYLE.exec(page)![1]!).digest('base64');
  // Allows only the page's own style, by its hash.
  const policy =
    `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; ` +
    `frame-ancestors 'none'`;
  const open = { config: { public: true } };
  app.get('/openapi.json', open, async () => document);
  app.get('/docs', open, async (_request, reply) => {
    reply.type('text/html; charset=utf-8').header('content-security-policy', policy);
    return page;
  });
}
