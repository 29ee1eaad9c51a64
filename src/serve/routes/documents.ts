/** What the server says of itself: its OpenAPI document, and the same as a page that needs nothing from elsewhere. */
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
  // The page's own style, by its hash, and nothing else.
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
