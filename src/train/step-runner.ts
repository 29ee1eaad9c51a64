/**
 * Runs a training step over and over and holds its state. Between steps the state lies as the step's kernels want
 * it; what comes in and goes out is in ONNX's own layout, so that a run goes on on any device.
 */
import {
  GRADIENT_NORM,
  initialTensor,
  LEARNING_RATE,
  nextName,
  STEP,
  type TrainingStep,
} from '../autodiff/index.js';
import { type Layouts, layoutsOf, lower, pack, type Target, unpack } from '../lowering/index.js';
import { float32, type Model, type Tensor, tensorValues, writeModel } from '../onnx/index.js';
import { floatData, floatTensor, Session, type SessionOptions, type Tensors } from '../runtime/index.js';
import { CheckpointError } from './checkpoint.js';

/** The outputs of one step: those of the forward graph by name, and the gradient's norm. */
export interface StepResult {
  readonly outputs: Tensors;
  /** Euclidean, before clipping. */
  readonly gradientNorm: number;
}

export class StepRunner {
  private state: Record<string, Tensors[string]> = {};
  private readonly wanted: readonly string[];

  private constructor(
    private readonly step: TrainingStep,
    private readonly session: Session,
    private readonly layouts: Layouts | undefined,
    outputs: readonly string[],
  ) {
    this.wanted = outputs;
    this.setState(new Map(step.state.map((entry) => [entry.name, initialTensor(entry)])));
  }

  /** Lowers the step to `target` and loads it, its state as it is before the first step. */
  static async create(step: TrainingStep, target: Target, options: SessionOptions = {}): Promise<StepRunner> {
    const carried = step.state.map(({ name }) => ({ input: name, output: nextName(name) }));
    const lowered: Model = lower(step.model, { target, state: carried });
    const session = await Session.create(writeModel(lowered), 'training step', {
      spinning: true,
      ...options,
    });
    return new StepRunner(step, session, layoutsOf(lowered), session.outputNames);
  }

  /**
   * One update.
   * @param inputs the batch and its targets by name, and noise where the step has any
   * @param step the number of this update, from 1
   */
  async update(inputs: Tensors, learningRate: number, step: number): Promise<StepResult> {
    const results = await this.session.run(
      { ...inputs, ...this.state, [LEARNING_RATE]: scalar(learningRate), [STEP]: scalar(step) },
      this.wanted,
    );
    const outputs: Record<string, Tensors[string]> = { ...results };
    for (const { name } of this.step.state) {
      const next = nextName(name);
      if (results[next] === undefined) continue;
      this.state[name] = results[next];
      delete outputs[next];
    }
    return { outputs, gradientNorm: floatData(results[GRADIENT_NORM]!)[0]! };
  }

  /** The state in ONNX's own layout, copied. */
  getState(): Map<string, Tensor> {
    return new Map(
      this.step.state.map(({ name, shape }) => {
        const layout = this.layouts?.byName.get(name);
        const values = floatData(this.state[name]!);
        const plain =
          layout === undefined ? values.slice() : unpack(values, shape, layout, this.layouts!.block);
        return [name, float32(name, shape, plain)];
      }),
    );
  }

  /**
   * Puts a state in the place of the present one.
   * @throws CheckpointError that names the first tensor that is missing or of another shape.
   */
  setState(state: ReadonlyMap<string, Tensor>): void {
    const next: Record<string, Tensors[string]> = {};
    for (const { name, shape } of this.step.state) {
      const t = state.get(name);
      if (t === undefined || t.dims.join() !== shape.join()) {
        const found = t === undefined ? 'none' : `[${t.dims.join(', ')}]`;
        throw new CheckpointError(
          `The state is expected to have '${name}' of shape [${shape.join(', ')}], found ${found}`,
        );
      }
      const layout = this.layouts?.byName.get(name);
      const values = tensorValues(t) as Float32Array;
      const packed = layout === undefined ? values.slice() : pack(values, shape, layout, this.layouts!.block);
      next[name] = floatTensor(packed, shape);
    }
    this.state = next;
  }

  async dispose(): Promise<void> {
    await this.session.dispose();
  }
}

const scalar = (value: number) => floatTensor(Float32Array.of(value), []);
