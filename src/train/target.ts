import type { Target } from '../lowering/index.js';
import type { Device } from '../runtime/index.js';
import { probeBlockSize } from '../runtime/probe.js';
import { TrainingError } from './training-error.js';

/** The environment variable that selects the lowering. */
const VARIABLE = 'AGEWISE_LOWERING';
const CHOICES = ['auto', 'standard'];

/**
 * Chooses the lowering of a training step for a device: blocked kernels on a CPU that has them (found by a probe), the
 * supported operators on WebGPU, standard operators elsewhere. `AGEWISE_LOWERING=standard` turns blocked kernels off.
 * @throws TrainingError for a value other than `standard` or `auto` (the default).
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
