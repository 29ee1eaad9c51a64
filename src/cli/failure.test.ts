import { afterEach, expect, it, vi } from 'vitest';
import { Console } from './console.js';
import { reportFailure } from './failure.js';
import { UsageError } from './usage.js';

afterEach(() => {
  vi.restoreAllMocks();
});

it('shows no secrets of addresses in any message', async () => {
  const written: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text, ...rest) => {
    written.push(String(text));
    for (const done of rest) if (typeof done === 'function') done();
    return true;
  });
  const sentence = "found only 'https://anna:geheim@example.org/a.onnx?token=geheim'";
  reportFailure(new UsageError(sentence));
  reportFailure(new Error(sentence));
  const console = new Console();
  await console.complain(sentence);
  await console.note(sentence);
  expect(written).toHaveLength(4);
  for (const text of written) {
    expect(text).toContain("'https://***@example.org/a.onnx?token=***'");
    expect(text).not.toContain('geheim');
  }
});
