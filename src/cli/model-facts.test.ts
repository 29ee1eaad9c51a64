import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseMetadata } from '../metadata/index.js';
import { readModelFacts } from './model-facts.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agewise-facts-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(text: string) {
  const path = join(folder, 'facts.yaml');
  await writeFile(path, text);
  return readModelFacts(path);
}

it('takes from few facts all that a model needs', async () => {
  const facts = await read(`
size: 64
layout: NHWC
color: BGR
mean: [104, 117, 123]
std: 2
margin: 0.2
age: { output: prob, activation: probabilities, years: [1, 100] }
gender: { output: sex, labels: [male, female] }
data: IMDB-WIKI
`);
  const { input, age, gender, provenance } = parseMetadata(facts, 'm');
  expect(input).toEqual({
    width: 64,
    height: 64,
    layout: 'NHWC',
    color: 'BGR',
    mean: [104, 117, 123],
    scale: [0.5, 0.5, 0.5],
    margin: 0.2,
    crop: 'square',
    alignment: 'none',
  });
  expect([age!.name, age!.classes.length, age!.classes[0]]).toEqual(['prob', 100, { from: 1, to: 1 }]);
  expect(gender).toEqual({ name: 'sex', activation: 'logits', labels: ['male', 'female'] });
  expect(provenance.data).toBe('IMDB-WIKI');
});

it('takes groups, and a size of two sides', async () => {
  const facts = await read('size: [48, 64]\nage: { output: a, classes: [[0, 9], 10, [11, 100]] }\n');
  const { input, age, gender } = parseMetadata(facts, 'm');
  expect([input.width, input.height, gender]).toEqual([48, 64, null]);
  expect(age!.classes[2]).toEqual({ from: 11, to: 100 });
});

it.each([
  ['size: 0\nage: { output: a, years: [0, 9] }', /facts\.yaml at 'size'/],
  ['size: 9\nage: { output: a }', /at 'age': expected either years or classes$/],
  ['size: 9\nage: { output: a, years: [9, 0] }', /at 'age\.classes'/],
  ['size: 9\nage: { output: a, classes: [[0, 9], 5] }', /at 'age\.classes': .*5 does not come after 0\.\.9/],
  ['size: 9', /at 'age': expected an output for age or for gender, found neither$/],
  ['size: 9\nstd: 0\nage: { output: a, years: [0, 9] }', /at 'std'/],
  ['size: 9\ncolour: red\nage: { output: a, years: [0, 9] }', /Unrecognized key: "colour"$/],
  ['{', /expected YAML: /],
])('says what is wrong with %j', async (text, sentence) => {
  await expect(read(text)).rejects.toThrow(sentence);
});

it('says that there is no such file', async () => {
  await expect(readModelFacts(join(folder, 'none'))).rejects.toThrow(/--facts .*none: no such file$/);
});
