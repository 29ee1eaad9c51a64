/** What docs/ARCHITECTURE.md says of the rooms and names as files, beside the import rule and the tree. */
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, relative, sep } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const EVERYTHING = 'everything';
const text = await readFile(join(ROOT, 'docs/ARCHITECTURE.md'), 'utf8');

interface ImportRule {
  readonly name: string;
  readonly to: { readonly pathNot?: string };
}
const { forbidden } = createRequire(import.meta.url)('../.dependency-cruiser.cjs') as {
  forbidden: readonly ImportRule[];
};

/** The rooms that the import rule lets a room import, without itself and errors/; undefined if no line names it. */
function allowed(room: string): string[] | undefined {
  const rule = forbidden.find(({ name }) => name === `${room}-imports`);
  const [, rooms] = /^\^src\/\(([^)]*)\)\/$/.exec(rule?.to.pathNot ?? '') ?? [];
  return rooms?.split('|').filter((other) => other !== room && other !== 'errors');
}

/** Each row of the table: a room, and the rooms that it imports. */
const table = new Map(
  [...text.matchAll(/^\| `([a-z]+)\/` \| .* \| (.*) \|$/gm)].map(([, room, imports]) => [
    room!,
    imports === '–' ? [] : imports!.split(', '),
  ]),
);

describe('the table of rooms', () => {
  it('has a row for each folder of src/', async () => {
    const folders = await readdir(join(ROOT, 'src'), { withFileTypes: true });
    const rooms = folders.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    expect([...table.keys()].sort()).toEqual(rooms.sort());
  });

  it.each([...table])('lets %s/ import what the rule lets it import', (room, imports) => {
    expect(imports.toSorted()).toEqual((allowed(room) ?? [EVERYTHING]).toSorted());
  });
});

/** Every file and folder below a folder, by its path there; folders end in '/'. */
async function pathsBelow(folder: string): Promise<string[]> {
  const entries = await readdir(join(ROOT, folder), { withFileTypes: true, recursive: true });
  return entries.map((entry) => {
    const path = relative(join(ROOT, folder), join(entry.parentPath, entry.name)).split(sep).join('/');
    return entry.isDirectory() ? `${path}/` : path;
  });
}

describe('files that the document names', async () => {
  const outside = (await readdir(ROOT, { withFileTypes: true })).map((entry) =>
    entry.isDirectory() ? `${entry.name}/` : entry.name,
  );
  const scripts = (await pathsBelow('scripts')).map((path) => `scripts/${path}`);
  const source = new Set(await pathsBelow('src'));
  const places = new Set([...outside, ...scripts, ...source]);

  /** A name without its folders belongs to the room that was named last before it. */
  const found: { name: string; exists: boolean }[] = [];
  let room = '';
  for (const [, name] of text.matchAll(/`((?:[\w-]+\/)*(?:[\w-]+\/|[.\w-]+\.(?:ts|cjs)))`/g)) {
    const exists =
      places.has(name!) ||
      [...places].some((path) => path.startsWith(room) && `/${path}`.endsWith(`/${name}`));
    found.push({ name: name!, exists });
    if (source.has(name!)) room = `${name!.split('/')[0]}/`;
  }

  it('are many', () => expect(found.length).toBeGreaterThan(100));

  it.each(found)('$name exists', ({ exists }) => expect(exists).toBe(true));
});
