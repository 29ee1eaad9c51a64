/** What the package promises to whoever installs it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const { name: NAME, exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  name: string;
  exports: Record<string, string | { types: string; default: string }>;
};

it.each(Object.entries(exports))('%s points to an existing entry point', (_, target) => {
  const files = typeof target === 'string' ? [target] : [target.types, target.default];
  for (const file of files) {
    // Bundles have no source of their own.
    if (file.startsWith('./dist/browser/')) continue;
    const source = file.replace(/^\.\/dist\/(.*?)(\.d\.ts|\.js)$/, 'src/$1.ts');
    expect(existsSync(join(ROOT, source)), `${file} is made of ${source}`).toBe(true);
  }
});

it('examples import only public entry points of Agewise', () => {
  const doors = Object.keys(exports).map((door) => NAME + door.slice(1));
  for (const file of readdirSync(join(ROOT, 'examples'))) {
    const source = readFileSync(join(ROOT, 'examples', file), 'utf8');
    const imports = [...source.matchAll(/ from '([^']+)'/g)].map(([, path]) => path!);
    const own = imports.filter((path) => path.startsWith('.') || path.split('/')[0] === NAME);
    expect(own.length, file).toBeGreaterThan(0);
    expect(
      own.filter((path) => !doors.includes(path)),
      file,
    ).toEqual([]);
  }
});

it('CONTRIBUTING names existing files', () => {
  const text = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8');
  const paths = [...text.matchAll(/(?:src|test|docs|scripts|recipes|examples)\/[\w./-]*/g)].map(
    ([path]) => path,
  );
  expect(paths.length).toBeGreaterThan(10);
  expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});
