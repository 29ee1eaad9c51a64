/** Runs training steps one after another, carrying the state. */
import { initialTensor, nextName, type TrainingStep } from '../../src/autodiff/index.js';
import { lowerToStandard, type StandardLowering } from '../../src/lowering/index.js';
import { float32, type Tensor } from '../../src/onnx/index.js';
import { execute, type Result } from './execute.js';

export class StepRunner {
  readonly state: Map<string, Tensor>;

  constructor(
    private readonly step: TrainingStep,
    private readonly lowering: StandardLowering = {},
  ) {
    this.state = new Map(step.state.map((entry) => [entry.name, initialTensor(entry)]));
  }

  values(name: string): number[] {
    const { data, dims } = this.state.get(name)!;
    const count = dims.reduce((a, b) => a * b, 1);
    return [...new Float32Array(data.buffer as ArrayBuffer, data.byteOffset, count)];
  }

  /** An update; what it takes besides the state are inputs by name, and scalars. */
  update(inputs: readonly Tensor[], scalars: Readonly<Record<string, number>>): Promise<Map<string, Result>> {
    const fed = Object.entries(scalars).map(([name, value]) => float32(name, [], [value]));
    return this.run(this.step.model, [...inputs, ...fed]);
  }

  /** A micro-batch before the last. */
  accumulate(inputs: readonly Tensor[]): Promise<Map<string, Result>> {
    return this.run(this.step.accumulate!, inputs);
  }

  private async run(model: TrainingStep['model'], inputs: readonly Tensor[]): Promise<Map<string, Result>> {
    const taken = new Set(model.graph.inputs.map((input) => input.name));
    const fed = [...this.state.values()].filter((t) => taken.has(t.name));
    const found = await execute(lowerToStandard(model, this.lowering), [...inputs, ...fed]);
    for (const entry of this.step.state) {
      const next = found.get(nextName(entry.name));
      if (next !== undefined) {
        this.state.set(entry.name, float32(entry.name, next.dims, next.values as Float32Array));
      } else if (taken.has(entry.name) && entry.kind === 'accumulator') {
        this.state.set(entry.name, initialTensor(entry));
      }
    }
    return found;
  }
}
