import { expect, it } from 'vitest';
import { mustBeWritable } from './model-output.js';

const failureOf = (out: string) =>
  mustBeWritable(out, false).then(
    () => undefined,
    ({ kind, message }) => ({ kind, message }),
  );

it('a model in a folder that is missing is wrong usage', async () => {
  expect(await failureOf('nowhere/a.onnx')).toEqual({
    kind: 'usage',
    message: "nowhere/a.onnx: folder 'nowhere' does not exist",
  });
});

// Containers see /sys as a read-only disk; elsewhere only root may write there.
it.skipIf(process.platform !== 'linux')('a model that the system does not let write has failed', async () => {
  const failure = await failureOf('/sys/kernel/a.onnx');
  if (failure === undefined) return console.log('skipped: /sys can be written');
  expect(failure.kind).toBe('failed');
  expect(failure.message).toMatch(
    /^\/sys\/kernel\/a\.onnx: it cannot be written: (the disk is read-only|permission is denied)$/,
  );
});
