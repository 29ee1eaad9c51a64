/** Training steps on ONNX Runtime. */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { layoutsOf, lower, pack, type Target } from '../../src/lowering/index.js';
import { writeModel } from '../../src/onnx/index.js';
import { alignedFloats } from '../../src/runtime/index.js';
import { noiseBatch, type TrainingStep } from './training-step.js';

type Tensors = Record<string, Tensor>;
/** A part of the state by its names in the graph. */
type Carried = { readonly input: string; readonly output: string };

export class OnnxTrainer {
  private constructor(
    private readonly session: InferenceSession,
    private readonly state: readonly Carried[],
    /** What the next step reads, and the memory that it writes the next state to. */
    private readonly feeds: Tensors,
    private readonly spare: Tensors,
  ) {}

  /** @param profile the beginning of the name of a file for a profile by operator */
  static async create(
    step: TrainingStep,
    target: Target,
    threads: number,
    profile?: string,
  ): Promise<OnnxTrainer> {
    const model = lower(step.model, { target, state: step.state });
    const layouts = layoutsOf(model);
    const { images, target: hot } = noiseBatch(step);
    const feeds: Tensors = {
      images: new Tensor('float32', images, step.images),
      target: new Tensor('float32', hot, step.target),
    };
    const spare: Tensors = {};
    const lengths = step.state.map(({ values }) => values.length);
    const [present, next] = [alignedFloats(lengths), alignedFloats(lengths)];
    step.state.forEach(({ input, dims, values }, i) => {
      const layout = layouts?.byName.get(input) ?? 'plain';
      present[i]!.set(layouts ? pack(values, dims, layout, layouts.block) : values);
      feeds[input] = new Tensor('float32', present[i]!, dims);
      spare[input] = new Tensor('float32', next[i]!, dims);
    });
    const session = await InferenceSession.create(writeModel(model), {
      logSeverityLevel: 3,
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      ...(profile ? { enableProfiling: true, profileFilePrefix: profile } : {}),
    });
    // The values that the state began with are not kept: they would be a copy of it for nothing.
    const state = step.state.map(({ input, output }) => ({ input, output }));
    return new OnnxTrainer(session, state, feeds, spare);
  }

  /** One step; gives its milliseconds and the loss before it. */
  async train(): Promise<{ milliseconds: number; loss: number }> {
    const { session, state, feeds, spare } = this;
    const fetches: Record<string, Tensor | null> = { loss: null };
    for (const { input, output } of state) fetches[output] = spare[input]!;
    const start = performance.now();
    const results = await session.run(feeds, fetches as Tensors);
    const milliseconds = performance.now() - start;
    for (const { input } of state) [feeds[input], spare[input]] = [spare[input]!, feeds[input]!];
    return { milliseconds, loss: (results.loss!.data as Float32Array)[0]! };
  }

  async stop(): Promise<void> {
    this.session.endProfiling();
    await this.session.release();
  }
}
