import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createEventFile, removeEventFiles } from './event-file.js';
import { eventsOf } from './testing.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agewise-events-'));
});
afterEach(async () => {
  vi.useRealTimers();
  await rm(folder, { recursive: true });
});

describe('an event file', () => {
  it('is read by a reader of TFRecord with its checksums, and is what event.proto says', async () => {
    vi.useFakeTimers({ now: 1_700_000_000_500, toFake: ['Date'] });
    const file = await createEventFile(folder, 1);
    await file.write(1, { 'train/loss': 4.5, rate: 1e-3 });
    await file.write(2 ** 40, { 'ä/x': Number.NaN });
    await file.close();
    const [name] = await readdir(folder);
    expect(name).toMatch(/^events\.out\.tfevents\.1700000000\../);
    const events = await eventsOf(join(folder, name!));
    expect(events.map(({ wallTime }) => wallTime)).toEqual(Array(4).fill(1_700_000_000.5));
    expect(events.map(({ step, what }) => ({ step, what }))).toEqual([
      { step: 0n, what: { case: 'fileVersion', value: 'brain.Event:2' } },
      { step: 1n, what: { case: 'sessionLog', value: expect.objectContaining({ status: 1 }) } },
      { step: 1n, what: { case: 'summary', value: expect.anything() } },
      { step: 2n ** 40n, what: { case: 'summary', value: expect.anything() } },
    ]);
    const values = events.map(({ scalars }) => scalars);
    expect(values).toEqual([{}, {}, { 'train/loss': 4.5, rate: Math.fround(1e-3) }, { 'ä/x': Number.NaN }]);
  });

  it('is refused by that reader if a byte of it is another', async () => {
    const file = await createEventFile(folder, 1);
    await file.close();
    const path = join(folder, (await readdir(folder))[0]!);
    const bytes = await readFile(path);
    bytes[bytes.length - 6]! ^= 1;
    await writeFile(path, bytes);
    await expect(eventsOf(path)).rejects.toThrow('CRC32C');
  });

  it('comes after those before it, also when started in the same second or before them', async () => {
    const names: string[] = [];
    for (const now of [2e12, 2e12, 1e12]) {
      vi.useFakeTimers({ now, toFake: ['Date'] });
      await (await createEventFile(folder, 1)).close();
      names.push((await readdir(folder)).find((name) => !names.includes(name))!);
    }
    expect(names).toEqual(names.toSorted());
    expect(new Set(names).size).toBe(3);
  });

  it('is removed alone', async () => {
    await writeFile(join(folder, 'events.txt'), '');
    await (await createEventFile(folder, 1)).close();
    await removeEventFiles(folder);
    expect(await readdir(folder)).toEqual(['events.txt']);
  });
});
