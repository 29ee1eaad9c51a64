import { expect, it } from 'vitest';
import { growTo, lazyKernels, newMemory, PAGE } from './index.js';

it('makes memory of whole pages, which grows only if it is too small', () => {
  const memory = newMemory(PAGE + 1);
  expect(memory.buffer.byteLength).toBe(2 * PAGE);
  growTo(memory, 2 * PAGE);
  expect(memory.buffer.byteLength).toBe(2 * PAGE);
  growTo(memory, 4 * PAGE + 1);
  expect(memory.buffer.byteLength).toBe(5 * PAGE);
});

it('compiles functions once, when they are asked for', () => {
  // (module (func (export "f") (result i32) (i32.const 42)))
  const binary = 'AGFzbQEAAAABBQFgAAF/AwIBAAcFAQFmAAAKBgEEAEEqCw==';
  const kernels = lazyKernels<{ f(): number }>(binary);
  expect(kernels().f()).toBe(42);
  expect(kernels()).toBe(kernels());
  const broken = lazyKernels('AGFzbQ==');
  expect(broken).toThrow(/CompileError|WebAssembly/);
});
