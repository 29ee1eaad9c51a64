/** When a run is saved, and what is never saved. */
import { float32Values, type Tensor } from '../onnx/index.js';
import { type RunProgress, saveProgress } from './run-folder.js';
import { TrainingError } from './training-error.js';

/** After an epoch the state is saved unless that would take a larger share of the time than one in so many. */
const SAVING_SHARE = 20;

export class Checkpoints {
  /** When the state was saved last, and how long that took, in milliseconds of a clock that nobody sets. */
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

  /** @throws TrainingError if a tensor holds what is not a number; CheckpointError if the disk is full. */
  async save(state: ReadonlyMap<string, Tensor>, progress: RunProgress): Promise<void> {
    const started = performance.now();
    this.mustBeFinite(state, progress.step);
    await saveProgress(this.folder, state, progress);
    this.saved = performance.now();
    this.saving = this.saved - started;
    this.savedStep = progress.step;
  }

  /** @throws TrainingError if a tensor holds what is not a number. */
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

/** Much faster than by element: times 0 what is not finite is not a number, and so is a sum with it. */
function allFinite(values: Float32Array): boolean {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += 0 * values[i]!;
  return sum === 0;
}
