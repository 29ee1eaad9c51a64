import type { Target } from '../lowering/index.js';
import type { Device } from '../runtime/index.js';
import { probeBlockSize } from '../runtime/probe.js';
import { TrainingError } from './training-error.js';

/** The variable of the environment that chooses among lowerings. */
const VARIABLE = 'AGEWISE_LOWERING';
const CHOICES = ['auto', 'standard'];

/**
 * What a training step is to be lowered to on a device: on a CPU that has blocked kernels to these, which a probe
 * finds out, on WebGPU to what its provider has, elsewhere to standard operators. The variable `AGEWISE_LOWERING`, if
 * it is `standard`, leaves blocked kernels out.
 * @throws TrainingError for another value than `standard` or `auto`, which is as none.
 */
export async function chooseTarget(
  device: Device = 'cpu',
  lowering: string | undefined = process.env[VARIABLE],
): Promise<Target> {
  const chosen = lowering || 'auto';
  if (!CHOICES.includes(chosen)) {
    const expected = `one of ${CHOICES.join(', ')}`;
    throw new TrainingError({ subject: VARIABLE, expected, found: `'${lowering}'` }, { kind: 'usage' });
  }
  if (device === 'webgpu') return 'webgpu';
  const block = device === 'cpu' && chosen === 'auto' ? await probeBlockSize() : undefined;
  return block === undefined ? 'standard' : { block };
}
