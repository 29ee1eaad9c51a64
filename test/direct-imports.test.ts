import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { DirectImports } from '../scripts/node/direct-imports.js';

const folder = mkdtempSync(join(tmpdir(), 'direct-imports-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('sends imports to the modules that define what they name, and leaves all others', () => {
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  write('door.js', "export { a as b } from './a.js';\nexport * from './c.js';\nexport const own = 1;\n");
  write('a.js', 'const a = 1;\nexport { a };\n');
  write('c.js', 'export class C {}\nexport function d() {}\nexport const e = 1;\n');
  const text = `/** A comment. */
import { b, C as Class, own } from './door.js';
import { e } from './door.js'; // why
import * as all from './door.js';
import { z } from 'zod';
export { d } from './door.js';
const text = "import { b } from './door.js'";
`;
  expect(new DirectImports().redirect(join(folder, 'main.js'), text)).toBe(`/** A comment. */
import { a as b } from './a.js'; import { C as Class } from './c.js'; import { own as own } from './door.js';
import { e as e } from './c.js'; // why
import * as all from './door.js';
import { z } from 'zod';
export { d as d } from './c.js';
const text = "import { b } from './door.js'";
`);
});
