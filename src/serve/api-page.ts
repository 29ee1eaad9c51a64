/** The API document as a page without scripts or external resources. */
import { html, renderPage, table } from '../report/index.js';
import type { ApiDocument, Operation } from './api-document.js';

export function apiPage({ info, paths, components }: ApiDocument): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const { schemas } = components as { readonly schemas: Readonly<Record<string, unknown>> };
  return renderPage({
    title: `${info.title} ${info.version}`,
    lead: html`${info.description} The same for programs: <a href="/openapi.json">openapi.json</a>.`,
    sections: [
      ...operations.map(({ path, method, operation }) => ({
        title: `${method.toUpperCase()} ${path}`,
        body: operationBody(operation),
      })),
      ...Object.entries(schemas).map(([name, schema]) => ({
        title: `${name} (JSON Schema)`,
        body: html`<pre>${JSON.stringify(schema, null, 2)}</pre>`,
      })),
    ],
  });
}

function operationBody({
  summary,
  description,
  parameters = [],
  requestBody,
  responses,
  security,
}: Operation) {
  return html`<p>${summary}.${security?.length === 0 && ' Needs no token.'}</p>
${description && html`<p>${description}</p>`}
${requestBody && html`<p>Body: ${Object.keys(requestBody.content).join(', ')}. ${requestBody.description}</p>`}
${
  parameters.length > 0 &&
  table({
    caption: 'Query parameters',
    columns: [{ title: 'name', kind: 'word' }, { title: 'meaning' }],
    rows: parameters.map(({ name, description }) => [name, description]),
  })
}
${table({
  caption: 'Answers',
  columns: [{ title: 'status', kind: 'word' }, { title: 'meaning' }, { title: 'content', kind: 'word' }],
  rows: Object.entries(responses).map(([status, { description, content = {} }]) => [
    status,
    description,
    Object.keys(content).join(', '),
  ]),
})}`;
}
