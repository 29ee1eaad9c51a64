import { describe, expect, it } from 'vitest';
import { gallery, renderPage } from './page.js';

const HOSTILE = '</title></style><img src=x onerror=alert(1)>"';

describe('a page', () => {
  const page = renderPage({
    title: HOSTILE,
    lead: HOSTILE,
    facts: [[HOSTILE, HOSTILE]],
    sections: [
      {
        title: HOSTILE,
        body: gallery([{ source: 'data:image/webp;base64,AA', alt: HOSTILE, caption: HOSTILE }]),
      },
      { title: 'Second', body: HOSTILE },
    ],
    footer: HOSTILE,
  });

  it('is never left by its input', () => {
    expect(page).not.toContain('onerror=alert(1)>"');
    expect(page.match(/<img /g)).toHaveLength(1);
    expect(page.match(/<\/title>/g)).toHaveLength(1);
    expect(page.match(/<\/style>/g)).toHaveLength(1);
  });

  it('refers to nothing outside itself and forbids it', () => {
    const addresses = [...page.matchAll(/(?:src|href)="([^"]*)"|url\(([^)]*)\)|@import/g)].map(
      (m) => m[1] ?? m[2],
    );
    expect(addresses).toEqual(['#s0', '#s1', 'data:image/webp;base64,AA']);
    expect(page).toContain('default-src &#39;none&#39;; img-src data:');
    expect(page).not.toContain('<script');
  });

  it('leads to each of its sections', () => {
    for (const id of ['s0', 's1']) expect(page).toContain(`<h2 id="${id}">`);
  });
});
