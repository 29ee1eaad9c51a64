/** A self-contained page: no scripts, no external resources, and a policy that forbids both. */
import { type Content, html } from './html.js';
import { STYLE } from './theme.js';

export interface Section {
  readonly title: string;
  readonly body: Content;
}

export interface Page {
  readonly title: string;
  /** Below the title, in a sentence or two. */
  readonly lead?: Content;
  /** The most important figures, as name and value. */
  readonly facts?: readonly (readonly [name: string, value: Content])[];
  readonly sections: readonly Section[];
  readonly footer?: Content;
}

/** Allows pictures as data: URLs and the page's own style; blocks everything else. */
const POLICY =
  "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** The whole document, in UTF-8. */
export function renderPage({ title, lead, facts = [], sections, footer }: Page): string {
  const contents = sections.map((section, i) => html`<li><a href="#s${i}">${section.title}</a></li>`);
  const body = sections.map(
    (section, i) => html`<section aria-labelledby="s${i}"><h2 id="s${i}">${section.title}</h2>
${section.body}</section>
`,
  );
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>${title}</h1>
${lead && html`<p>${lead}</p>`}
${facts.length > 0 && html`<dl class="facts">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`}
${sections.length > 1 && html`<nav aria-label="Sections"><ul>${contents}</ul></nav>`}
</header>
<main>
${body}</main>
${footer && html`<footer><p>${footer}</p></footer>`}
</body>
</html>
`.text;
}

/** A picture and its caption. */
export interface Picture {
  /** A URL that begins with `data:image/`. */
  readonly source: string;
  /** The text alternative. */
  readonly alt: string;
  readonly caption?: Content;
}

export function gallery(pictures: readonly Picture[]): Content {
  return html`<ul class="gallery">${pictures.map(
    ({ source, alt, caption }) =>
      html`<li><img src="${source}" alt="${alt}" decoding="async">${caption && html`<span>${caption}</span>`}</li>`,
  )}</ul>`;
}
