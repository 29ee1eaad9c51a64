/** Safe markup: values in a template are escaped unless they are markup themselves. */

/** Markup. Only `html`, `join` and `trusted` make it. */
export class Html {
  constructor(readonly text: string) {}

  toString(): string {
    return this.text;
  }
}

/** Template values: text and numbers are escaped, lists are concatenated, undefined and false give nothing. */
export type Content = Html | string | number | undefined | false | readonly Content[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

// HTML and XML do not allow most control characters, not even escaped: they become U+FFFD.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNSAFE = /[&<>"'\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g;

/** Text for an element or for an attribute in quotes. */
export function escapeText(text: string): string {
  return text.replace(UNSAFE, (c) => ENTITIES[c] ?? '\ufffd');
}

/** A template of markup: html`<p>${anything}</p>`. Attribute values must be in double quotes. */
export function html(parts: TemplateStringsArray, ...contents: readonly Content[]): Html {
  let text = parts[0]!;
  contents.forEach((content, i) => {
    text += render(content) + parts[i + 1]!;
  });
  return new Html(text);
}

export function join(contents: readonly Content[], separator = ''): Html {
  return new Html(contents.map(render).join(escapeText(separator)));
}

/** Markup written by the caller, such as a style sheet; never from data. */
export function trusted(markup: string): Html {
  return new Html(markup);
}

function render(content: Content): string {
  if (content === undefined || content === false) return '';
  if (content instanceof Html) return content.text;
  if (Array.isArray(content)) return content.map(render).join('');
  return escapeText(String(content));
}
