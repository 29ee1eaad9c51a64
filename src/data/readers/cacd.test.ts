import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { cacd } from '../sets/cacd.js';
import type { Reading } from '../types.js';

const NAMES = ['53_Robin_Williams_0001.jpg', '14_Chloë_Moretz_0002.jpg', '62_Zoe_Not_There.jpg'];

const root = mkdtempSync(join(tmpdir(), 'agewise-cacd-'));
mkdirSync(join(root, 'CACD2000'));
for (const name of NAMES.slice(0, 2)) writeFileSync(join(root, 'CACD2000', name), '');
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function readAll(source: string): Promise<Reading[]> {
  const readings: Reading[] = [];
  for await (const reading of cacd.read(source)) readings.push(reading);
  return readings;
}

const file = (name: string) => ({ file: join(root, 'CACD2000', name) });

it('reads age and person from names if there is no label file', async () => {
  expect(await readAll(join(root, 'CACD2000'))).toEqual([
    { path: NAMES[1], image: file(NAMES[1]!), age: { age: 14 }, identity: 'Chloë Moretz' },
    { path: NAMES[0], image: file(NAMES[0]!), age: { age: 53 }, identity: 'Robin Williams' },
  ]);
});

it('reads the label file, and the parts from the ranks', async () => {
  copyFileSync(
    // By scipy, see scripts/fixtures/mat.py.
    new URL('../../../test/fixtures/mat/celebrity2000_meta.mat', import.meta.url),
    join(root, 'celebrity2000_meta.mat'),
  );
  const [first, second, third] = NAMES.map((name) => `CACD2000/${name}`);
  const expected = [
    { path: first, image: file(NAMES[0]!), age: { age: 53 }, identity: '1', split: 'validation' },
    { path: second, image: file(NAMES[1]!), age: { age: 14 }, identity: '2', split: 'test' },
    expect.objectContaining({ path: third, reason: 'missing image' }),
  ];
  expect(await readAll(root)).toEqual(expected);
  expect(await readAll(join(root, 'celebrity2000_meta.mat'))).toEqual(expected);
});
