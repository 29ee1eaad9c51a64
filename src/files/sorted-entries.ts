/**
 * The entries of a folder in natural order, however many: beyond some number they are sorted in runs on the disk, which are
 * then merged.
 */
import { createReadStream, type Dirent } from 'node:fs';
import { mkdtemp, opendir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What an entry is: a file, a folder or a link. */
const KINDS = ['f', 'd', 'l'] as const;
export type EntryKind = (typeof KINDS)[number];

export interface FolderEntry {
  readonly name: string;
  readonly kind: EntryKind;
}

/** The number of entries in memory: some 10 MB. */
const MOST_ENTRIES = 2 ** 16;
/** The number of entries that the system is asked for at once. */
const LISTED_AT_ONCE = 1024;

// A fixed locale: the order must not depend on the machine.
const { compare } = new Intl.Collator('en', { numeric: true });

/** `photo2` before `photo10`. */
export const byName = (a: string, b: string): number => compare(a, b) || (a < b ? -1 : a > b ? 1 : 0);

const inOrder = (a: FolderEntry, b: FolderEntry): number => byName(a.name, b.name);

/**
 * Lists and sorts a folder.
 * @param keep whether an entry is of interest
 * @param most the number of entries in memory
 * @returns the entries; the runs on the disk are removed when they have been iterated
 * @throws the system's error if the folder cannot be read
 */
export async function sortedEntries(
  folder: string,
  keep: (entry: FolderEntry) => boolean,
  most = MOST_ENTRIES,
): Promise<Iterable<FolderEntry> | AsyncIterable<FolderEntry>> {
  let entries: FolderEntry[] = [];
  let runs: Runs | undefined;
  try {
    for await (const found of await opendir(folder, { bufferSize: LISTED_AT_ONCE })) {
      const kind = kindOf(found);
      if (kind === undefined || !keep({ name: found.name, kind })) continue;
      if (entries.push({ name: found.name, kind }) < most) continue;
      runs ??= await Runs.create();
      await runs.add(entries.sort(inOrder));
      entries = [];
    }
    if (runs === undefined) return entries.sort(inOrder);
    await runs.add(entries.sort(inOrder));
    return runs.merged();
  } catch (error) {
    await runs?.remove();
    throw error;
  }
}

function kindOf(entry: Dirent): EntryKind | undefined {
  if (entry.isFile()) return 'f';
  if (entry.isDirectory()) return 'd';
  return entry.isSymbolicLink() ? 'l' : undefined;
}

/** No name contains it. */
const END = '\0';

/** Sorted lists of entries, a file each. */
class Runs {
  private count = 0;

  private constructor(private readonly folder: string) {}

  static async create(): Promise<Runs> {
    return new Runs(await mkdtemp(join(tmpdir(), 'agewise-names-')));
  }

  async add(entries: readonly FolderEntry[]): Promise<void> {
    const text = entries.map(({ name, kind }) => `${kind}${name}${END}`).join('');
    await writeFile(join(this.folder, String(this.count++)), text);
  }

  async *merged(): AsyncGenerator<FolderEntry, void, undefined> {
    const readers = Array.from({ length: this.count }, (_, i) => entriesOf(join(this.folder, String(i))));
    try {
      /** The next entry of each run, the first one last. */
      const heads: { readonly entry: FolderEntry; readonly reader: (typeof readers)[number] }[] = [];
      const advance = async (reader: (typeof readers)[number]) => {
        const { done, value: entry } = await reader.next();
        if (done) return;
        let [from, to] = [0, heads.length];
        while (from < to) {
          const middle = (from + to) >> 1;
          if (inOrder(heads[middle]!.entry, entry) > 0) from = middle + 1;
          else to = middle;
        }
        heads.splice(from, 0, { entry, reader });
      };
      for (const reader of readers) await advance(reader);
      for (let first = heads.pop(); first !== undefined; first = heads.pop()) {
        yield first.entry;
        await advance(first.reader);
      }
    } finally {
      for (const reader of readers) await reader.return();
      await this.remove();
    }
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

async function* entriesOf(run: string): AsyncGenerator<FolderEntry, void, undefined> {
  let rest = '';
  for await (const chunk of createReadStream(run, 'utf8')) {
    const texts = (rest + chunk).split(END);
    rest = texts.pop()!;
    for (const text of texts) yield { kind: text[0] as EntryKind, name: text.slice(1) };
  }
}
