/** What a browser has to load for the estimator, besides onnxruntime-web and the models. */
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { bundleWeb, type WebBundles } from '../scripts/web/bundle.js';

let bundles: WebBundles;

beforeAll(async () => {
  bundles = await bundleWeb();
});

/** Bytes, compressed as servers do. What adds to one should be worth it. */
describe.each([
  ['agewise.js', 17_000],
  ['worker.js', 78_000],
  ['train.js', 2_500],
  ['train-worker.js', 108_000],
])('%s', (file, budget) => {
  it('is within its budget of bytes', () => {
    const size = gzipSync(bundles.files.get(file)!, { level: 9 }).length;
    expect(size).toBeLessThan(budget);
    // A budget that is far from what it bounds bounds nothing.
    expect(size).toBeGreaterThan(0.9 * budget);
  });
});

it('contains nothing of Node, and nothing of onnxruntime-web', () => {
  const packages = Object.keys(bundles.metafile.inputs).flatMap(
    (file) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? [],
  );
  expect([...new Set(packages)].sort()).toEqual(['@bufbuild/protobuf', 'fastest-levenshtein', 'zod']);
  for (const code of bundles.files.values()) {
    expect(new TextDecoder().decode(code)).not.toMatch(/\bprocess\.(versions|platform|stdout)|\brequire\(/);
  }
});

it('needs only its own files', () => {
  const imports = Object.values(bundles.metafile.outputs).flatMap((output) => output.imports);
  expect(imports.map(({ path, kind }) => `${kind} ${path}`)).toEqual(['dynamic-import ./web-here.js']);
  expect([...bundles.files.keys()].sort()).toEqual([
    'agewise.js',
    'train-worker.js',
    'train.js',
    'web-here.js',
    'worker.js',
  ]);
});
