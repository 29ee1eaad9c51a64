/** What the package promises to whoever installs it. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const { exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  exports: Record<string, string | { types: string; default: string }>;
};

it.each(Object.entries(exports))('%s leads to a door that is there', (_, target) => {
  const files = typeof target === 'string' ? [target] : [target.types, target.default];
  for (const file of files) {
    const source = file.replace(/^\.\/dist\/(.*?)(\.d\.ts|\.js)$/, 'src/$1.ts');
    expect(existsSync(join(ROOT, source)), `${file} is made of ${source}`).toBe(true);
  }
});
