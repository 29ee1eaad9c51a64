/** The reference of everything that the package's doors export: `npm run docs` writes it to out/docs. */
import { readFileSync } from 'node:fs';

const { exports } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));
// Bundles hold what other doors export.
const doors = Object.values(exports).flatMap((target) =>
  typeof target === 'string' || target.default.startsWith('./dist/browser/') ? [] : [target.default],
);

/** @type {Partial<import('typedoc').TypeDocOptions>} */
export default {
  name: 'Agewise',
  entryPoints: doors.map((door) => door.replace(/^\.\/dist\/(.*)\.js$/, 'src/$1.ts')),
  // The doors for Node and for the web, whose types contradict each other: `npm run types` checks each with its own.
  tsconfig: 'tsconfig.docs.json',
  skipErrorChecking: true,
  out: 'out/docs',
  readme: 'README.md',
  excludePrivate: true,
  excludeInternal: true,
  disableSources: true,
  // Some types are of use inside a room alone, and are explained where they are used.
  validation: { notExported: false, invalidLink: true },
  treatWarningsAsErrors: true,
};
