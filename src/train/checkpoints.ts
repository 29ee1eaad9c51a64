/** Decides when a run is saved; weights that are not finite never are. */
import { float32Values, type Tensor } from '../onnx/index.js';
import { type RunProgress, saveProgress } from './run-folder.js';
import { TrainingError } from './training-error.js';

/** The state is saved after an epoch unless saving would take more than one part in this many of the time. */
const SAVING_SHARE = 20;

export class Checkpoints {
  /** When the state was last saved, and how long that took, in milliseconds of a monotonic clock. */
  private saved = performance.now();
  private saving = 0;

  /**
   * @param minutes the longest time between two
   * @param savedStep the step of the last one
   */
  constructor(
    private readonly folder: string,
    private readonly minutes: number,
    private savedStep: number,
  ) {}

  isDue({ epochEnds }: { readonly epochEnds: boolean }): boolean {
    const waited = performance.now() - this.saved;
    return waited > 60_000 * this.minutes || (epochEnds && waited >= SAVING_SHARE * this.saving);
  }

  /** @throws TrainingError if a tensor is not finite; CheckpointError if the disk is full. */
  async save(state: ReadonlyMap<string, Tensor>, progress: RunProgress): Promise<void> {
    const started = performance.now();
    this.mustBeFinite(state, progress.step);
    await saveProgress(this.folder, state, progress);
    this.saved = performance.now();
    this.saving = this.saved - started;
    this.savedStep = progress.step;
  }

  /** @throws TrainingError if a tensor is not finite. */
  mustBeFinite(tensors: ReadonlyMap<string, Tensor>, step: number): void {
    for (const [name, t] of tensors) {
      if (allFinite(float32Values(t))) continue;
      throw new TrainingError(`After step ${step} '${name}' has numbers that are not finite: ${this.advice}`);
    }
  }

  /** What to do about numbers that are not finite. */
  get advice(): string {
    return `a lower rate or clipNorm may help; the checkpoint of step ${this.savedStep} is kept`;
  }
}

/** Much faster than checking each element: 0 times a non-finite value is NaN, and so is a sum with it. */
function allFinite(values: Float32Array): boolean {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += 0 * values[i]!;
  return sum === 0;
}
