import { describe, expect, it } from 'vitest';
import { probeBlockSize } from '../runtime/probe.js';
import { chooseTarget } from './target.js';

describe('chooseTarget', () => {
  it('takes the blocks that a probe finds on a CPU', async () => {
    const block = await probeBlockSize();
    const expected = block === undefined ? 'standard' : { block };
    for (const lowering of [undefined, '', 'auto']) {
      expect(await chooseTarget('cpu', lowering)).toEqual(expected);
    }
  });

  it('leaves them out if the environment says so', async () => {
    expect(await chooseTarget('cpu', 'standard')).toBe('standard');
  });

  it('has blocks only on a CPU', async () => {
    expect(await chooseTarget('webgpu', 'auto')).toBe('webgpu');
    expect(await chooseTarget('webgpu', 'standard')).toBe('webgpu');
    expect(await chooseTarget('cuda', 'auto')).toBe('standard');
  });

  it('names the choices', async () => {
    await expect(chooseTarget('cpu', 'blocked')).rejects.toThrow(
      "AGEWISE_LOWERING: expected one of auto, standard, found 'blocked'",
    );
  });
});
