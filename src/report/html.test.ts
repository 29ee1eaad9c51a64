import { describe, expect, it } from 'vitest';
import { escapeText, html, join, trusted } from './html.js';

describe('html', () => {
  it('escapes what comes from data, in elements and in attributes', () => {
    const name = `"><script>alert('x')</script>&`;
    const page = html`<p title="${name}">${name}</p>`;
    const safe = '&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;';
    expect(page.text).toBe(`<p title="${safe}">${safe}</p>`);
  });

  it('escapes markup once, however deep it is nested', () => {
    expect(html`<ul>${['<', html`<li>${'&'}</li>`, ['>']]}</ul>`.text).toBe(
      '<ul>&lt;<li>&amp;</li>&gt;</ul>',
    );
  });

  it('leaves out what is missing, and keeps zero', () => {
    expect(html`${undefined}${false}${0}`.text).toBe('0');
  });

  it('replaces control characters, which no document may hold', () => {
    expect(escapeText('a\u0000b\u001bc\td\n')).toBe('a\ufffdb\ufffdc\td\n');
  });

  it('joins with a separator', () => {
    expect(join([html`<b>1</b>`, '<2>'], ' & ').text).toBe('<b>1</b> &amp; &lt;2&gt;');
    expect(trusted('<hr>').text).toBe('<hr>');
  });
});
