/**
 * Runs a training step repeatedly and holds its state. Between steps the state is kept where, and in the layout in
 * which, the step's kernels need it; it is loaded and read in ONNX's own layout, so that a run can resume on any
 * device.
 */
import {
  carriedState,
  GRADIENT_NORM,
  initialTensor,
  LEARNING_RATE,
  MICRO_BATCHES,
  nextName,
  STEP,
  type StateEntry,
  type TrainingStep,
} from '../autodiff/index.js';
import { fuseUpdates, layoutsOf, lower, type Target } from '../lowering/index.js';
import { elementCount, type Model, type Tensor, type ValueInfo, writeModel } from '../onnx/index.js';
import {
  floatData,
  floatTensor,
  outputsInPlace,
  type Session,
  type SessionOptions,
  type Tensors,
} from '../runtime/index.js';
import { createSession } from '../runtime/node.js';
import { DeviceMemory } from './device-memory.js';
import { HostMemory } from './host-memory.js';
import { updatingInPlace } from './state-in-place.js';
import { type Carried, type HeldEntry, outlastsStep, type StateMemory, tensorsOf } from './state-memory.js';

export interface UpdateOptions {
  /** Aborting it prevents further steps; a running step is finished. */
  readonly signal?: AbortSignal;
}

/** The outputs of a step, computed before the update. */
export interface StepResult {
  /** The outputs of the forward graph by name; for micro-batches, those of the last. */
  readonly outputs: Tensors;
  /** The outputs of the previous micro-batches. */
  readonly earlier: readonly Tensors[];
  /** Euclidean, before clipping; undefined if the step does not compute it. */
  readonly gradientNorm: number | undefined;
}

/** A graph of the step in a session. */
interface Loaded {
  readonly session: Session;
  readonly carried: readonly Carried[];
  /** The outputs outside the state, each with its shape if known; they are written to new memory. */
  readonly others: ReadonlyMap<string, readonly number[] | undefined>;
}

/**
 * A training step in a session, with its state: each update changes the weights.
 *
 * @example
 * // The loss is w², and w begins at 3.
 * const step = trainingStep(model, {
 *   loss: 'loss',
 *   groups: [{ parameters: ['w'] }],
 *   optimizer: { kind: 'sgd' },
 * });
 * const runner = await StepRunner.create(step, await chooseTarget());
 * const { outputs } = await runner.update({}, 0.1, 1);
 * floatData(outputs.loss);               // Float32Array(1) [ 9 ]
 * (await runner.getState()).get('w');    // a tensor of 2.4 = 3 − 0.1 · 2 · 3
 * await runner.dispose();
 */
export class StepRunner {
  private running = false;
  private readonly accumulators: readonly HeldEntry[];

  private constructor(
    private readonly state: readonly HeldEntry[],
    private readonly whole: Loaded,
    private readonly accumulating: Loaded | undefined,
    private readonly memory: StateMemory,
  ) {
    this.accumulators = state.filter((entry) => !outlastsStep(entry));
  }

  /** Lowers the step to `target`, as chosen by `chooseTarget` for a device, and loads it with its initial state. */
  static async create(step: TrainingStep, target: Target, options: SessionOptions = {}): Promise<StepRunner> {
    const { device = 'cpu' } = options;
    const carried = (model: Model) => carriedState(model, step.state);
    const lowered = (model: Model) => lower(model, { target, state: carried(model) });
    const accumulate = step.accumulate && lowered(step.accumulate);
    const renewed = (model: Model) => new Set(carried(model).flatMap(({ output }) => output ?? []));
    // A tensor that both graphs renew has two copies.
    const shared = accumulate ? renewed(accumulate) : new Set<string>();
    const whole = lowered(step.model);
    const ownRenewed = carried(whole).filter(({ output }) => output !== undefined && !shared.has(output));
    const inPlace =
      device === 'webgpu' ? { model: whole, names: new Set<string>() } : updatingInPlace(whole, ownRenewed);
    // A second graph would read the weights in their own shapes.
    const fused =
      typeof target === 'string' || accumulate
        ? undefined
        : fuseUpdates(
            inPlace.model,
            ownRenewed.filter(({ input }) => inPlace.names.has(input)),
            target.block,
          );
    const { model } = fused ?? inPlace;
    // Without initial values, which take as much memory as the weights.
    const state = step.state.map(({ initial, ...entry }): HeldEntry => entry);
    const memory =
      device === 'webgpu'
        ? new DeviceMemory(state, device)
        : new HostMemory(state, layoutsOf(model), inPlace.names, fused?.shapes);
    const opened: Disposable[] = [memory];
    const open = async (graph: Model) => {
      const loaded = await load(graph, state, options);
      opened.push(loaded.session);
      return loaded;
    };
    try {
      const loaded = await open(model);
      const accumulating = accumulate && (await open(accumulate));
      for (const entry of step.state) {
        if (entry.initial === 'zeros') memory.clear([entry]);
        else memory.write([initialTensor(entry)]);
      }
      return new StepRunner(state, loaded, accumulating, memory);
    } catch (error) {
      // The original failure matters more than errors while freeing.
      await disposeAll(opened).catch(() => {});
      throw error;
    }
  }

  /**
   * One update.
   * @param batch the inputs by name: a batch and its targets, and noise if the step has any; a list of micro-batches if the step accumulates
   * @param step the number of this update, from 1
   * @throws the signal's reason if it is aborted before the step starts; the state is then unchanged.
   * @throws RangeError for zero or several micro-batches if the step does not accumulate.
   */
  async update(
    batch: Tensors | readonly Tensors[],
    learningRate: number,
    step: number,
    { signal }: UpdateOptions = {},
  ): Promise<StepResult> {
    signal?.throwIfAborted();
    if (this.running) throw new Error('A step is still running; the next must wait for it');
    const batches: readonly Tensors[] = isList(batch) ? batch : [batch];
    const last = batches.at(-1);
    if (last === undefined || (batches.length > 1 && this.accumulating === undefined)) {
      throw new RangeError(
        `A step ${this.accumulating ? 'takes one micro-batch or more' : 'that does not accumulate takes one batch'}, ` +
          `found ${batches.length}`,
      );
    }
    this.running = true;
    try {
      const earlier: Tensors[] = [];
      for (const inputs of batches.slice(0, -1)) earlier.push(await this.run(this.accumulating!, inputs));
      const scalars = {
        [LEARNING_RATE]: scalar(learningRate),
        [STEP]: scalar(step),
        ...(this.accumulating && { [MICRO_BATCHES]: scalar(batches.length) }),
      };
      const { [GRADIENT_NORM]: norm, ...outputs } = await this.run(this.whole, { ...last, ...scalars });
      return { outputs, earlier, gradientNorm: norm && floatData(norm)[0] };
    } finally {
      this.memory.clear(this.accumulators);
      this.running = false;
    }
  }

  /**
   * The state in ONNX's own layout, copied.
   * @param kinds of tensors; default: all that persist between steps
   */
  getState(kinds?: readonly StateEntry['kind'][]): Promise<Map<string, Tensor>> {
    return this.memory.read(
      this.state.filter((entry) => outlastsStep(entry) && (kinds?.includes(entry.kind) ?? true)),
    );
  }

  /**
   * Replaces the state.
   * @throws CheckpointError that names the first tensor that is missing or has another shape.
   */
  setState(state: ReadonlyMap<string, Tensor>): void {
    this.memory.write(tensorsOf(this.state.filter(outlastsStep), state));
  }

  async dispose(): Promise<void> {
    const sessions = [this.whole, this.accumulating].flatMap((loaded) => (loaded ? [loaded.session] : []));
    await disposeAll([this.memory, ...sessions]);
  }

  private async run({ session, carried, others }: Loaded, inputs: Tensors): Promise<Tensors> {
    const feeds = { ...inputs, ...this.memory.feeds(carried) };
    const results = await session.run(feeds, { ...newTensors(others), ...this.memory.fetches(carried) });
    this.memory.advance(carried, results);
    return Object.fromEntries([...others.keys()].map((name) => [name, results[name]!]));
  }
}

interface Disposable {
  dispose(): Promise<void>;
}

/** Disposes of all, one after another. @throws the first error, afterwards. */
async function disposeAll(opened: readonly Disposable[]): Promise<void> {
  const errors: unknown[] = [];
  for (const each of opened) await each.dispose().catch((error) => errors.push(error));
  if (errors.length > 0) throw errors[0];
}

async function load(model: Model, state: readonly HeldEntry[], options: SessionOptions): Promise<Loaded> {
  const renewed = new Set(state.map(({ name }) => nextName(name)));
  const [carriedOn, others] = [true, false].map((is) =>
    model.graph.outputs.filter(({ name }) => renewed.has(name) === is),
  ) as [ValueInfo[], ValueInfo[]];
  const shapes = others.map(knownShape);
  const inPlace = options.device !== 'webgpu' && !shapes.includes(undefined);
  const session = await createSession(writeModel(inPlace ? outputsInPlace(model) : model), 'training step', {
    spinning: true,
    ...options,
    onDevice: carriedOn.map(({ name }) => name),
  });
  return {
    session,
    carried: carriedState(model, state),
    others: new Map(others.map(({ name }, i) => [name, inPlace ? shapes[i] : undefined])),
  };
}

/** The shape of a float32 value if it is fixed. */
function knownShape({ type }: ValueInfo): readonly number[] | undefined {
  const fixed = type?.dtype === 'float32' && type.shape?.every((size) => typeof size === 'number');
  return fixed ? (type.shape as number[]) : undefined;
}

const newTensors = (shapes: Loaded['others']) =>
  Object.fromEntries(
    [...shapes].map(([name, shape]) => [
      name,
      shape ? floatTensor(new Float32Array(elementCount(shape)), shape) : null,
    ]),
  );

const isList = (batch: Tensors | readonly Tensors[]): batch is readonly Tensors[] => Array.isArray(batch);

const scalar = (value: number) => floatTensor(Float32Array.of(value), []);
