import type { Target } from '../lowering/index.js';
import type { Device } from '../runtime/index.js';
import { probeBlockSize } from '../runtime/probe.js';

/** The variable of the environment that chooses among lowerings. */
const VARIABLE = 'AGEWISE_LOWERING';
const CHOICES = ['auto', 'standard'];

/**
 * What a training step is to be lowered to on a device: on a CPU that has blocked kernels to these, which a probe
 * finds out, on WebGPU to what its provider has, elsewhere to standard operators. The variable `AGEWISE_LOWERING`, if
 * it is `standard`, leaves blocked kernels out.
 * @throws RangeError for another value than `standard` or `auto`, which is as none.
 */
export async function chooseTarget(
  device: Device = 'cpu',
  lowering: string | undefined = process.env[VARIABLE],
): Promise<Target> {
  const chosen = lowering || 'auto';
  if (!CHOICES.includes(chosen)) {
    throw new RangeError(`${VARIABLE} is expected to be one of ${CHOICES.join(', ')}, found '${lowering}'`);
  }
  if (device === 'webgpu') return 'webgpu';
  const block = device === 'cpu' && chosen === 'auto' ? await probeBlockSize() : undefined;
  return block === undefined ? 'standard' : { block };
}
