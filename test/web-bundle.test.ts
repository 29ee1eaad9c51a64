/** What a browser has to load for the estimator, besides onnxruntime-web and the models. */
import { gzipSync } from 'node:zlib';
import { beforeAll, expect, it } from 'vitest';
import { type WebBundle, webBundle } from './support/web-bundle.js';

/** Bytes, compressed as servers do. What adds to it should be worth it. */
const BUDGET = 75_000;

let bundle: WebBundle;

beforeAll(async () => {
  bundle = await webBundle();
});

it('is within its budget of bytes', () => {
  const size = gzipSync(bundle.code, { level: 9 }).length;
  expect(size).toBeLessThan(BUDGET);
  // A budget that is far from what it bounds bounds nothing.
  expect(size).toBeGreaterThan(0.9 * BUDGET);
});

it('has nothing of Node in it, and loads nothing by itself but onnxruntime-web, when it is needed', () => {
  const packages = Object.keys(bundle.metafile.inputs).flatMap(
    (file) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? [],
  );
  expect([...new Set(packages)].sort()).toEqual(['@bufbuild/protobuf', 'fastest-levenshtein', 'zod']);
  const imports = Object.values(bundle.metafile.outputs).flatMap((output) => output.imports);
  expect(imports.map(({ path, kind }) => `${kind} ${path}`).sort()).toEqual([
    'dynamic-import onnxruntime-web/wasm',
    'dynamic-import onnxruntime-web/webgpu',
  ]);
  expect(new TextDecoder().decode(bundle.code)).not.toMatch(
    /\bprocess\.(versions|platform|stdout)|\brequire\(/,
  );
});
