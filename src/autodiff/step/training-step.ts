/** A forward graph becomes a training step: forward, backward and update in one graph. */
import { GraphBuilder, type Model, type Tensor, type Value, type ValueInfo } from '../../onnx/index.js';
import { gradients } from '../gradients.js';
import { movingAverage } from './average.js';
import { freezeStatistics, type RunningStatistic, withRunningStatistics } from './batch-norm.js';
import { clipFactor, globalNorm } from './clipping.js';
import { dropoutByNoise } from './dropout.js';
import { type Trained, trainedParameters } from './groups.js';
import { updateRule } from './optimizer.js';
import { StateWriter } from './state.js';
import {
  GRADIENT_NORM,
  LEARNING_RATE,
  MICRO_BATCHES,
  STEP,
  type StateEntry,
  type StateKind,
  type TrainingStep,
  type TrainingStepOptions,
} from './types.js';
import { checkSetting, scaled, type UpdateRule } from './update-rule.js';

/**
 * Makes a training step from a forward graph that maps a batch to a loss, with batch norm and dropout in training form.
 *
 *     const step = trainingStep(forward, {
 *       loss: 'loss',
 *       groups: [{ parameters: head }, { parameters: backbone, rate: 0.1 }],
 *       optimizer: { kind: 'sgd', momentum: 0.9, nesterov: true, weightDecay: 5e-4 },
 *     });
 *
 * The graph holds operators of the domain `agewise`, which lowering replaces. Micro-batches that accumulate give the
 * gradient of the mean of their losses: of micro-batches of one size, where each loss is a mean, that of all samples
 * at once. Running statistics follow every micro-batch.
 * @throws RangeError for a loss, parameter or setting that contradicts `TrainingStepOptions`.
 * @throws GradientError if the loss does not depend on a parameter, or an operator has no gradient.
 */
export function trainingStep(forward: Model, options: TrainingStepOptions): TrainingStep {
  const { clipNorm, averageDecay } = options;
  if (clipNorm !== undefined) checkSetting('The norm to clip to', clipNorm, 0, Number.POSITIVE_INFINITY);
  if (averageDecay !== undefined) checkSetting('The decay of the average', averageDecay, 0, 1);
  if (!forward.graph.outputs.some((o) => o.name === options.loss)) {
    throw new RangeError(`Graph '${forward.graph.name}' has no output '${options.loss}' to be its loss`);
  }
  const rule = updateRule(options.optimizer);
  const trained = trainedParameters(forward.graph, options.groups, rule.weightDecay);
  const names = new Set([...trained.map((p) => p.initial.name), ...(options.statistics ?? [])]);
  const { model: dropping, noise } = dropoutByNoise(freezeStatistics(forward, names));
  const { model, statistics } = withRunningStatistics(dropping);
  const source: Source = { model, statistics, trained, rule, options };
  const whole = updatingGraph(source);
  return {
    ...whole,
    accumulate: options.accumulate ? accumulatingGraph(source) : undefined,
    noise,
  };
}

interface Source {
  readonly model: Model;
  readonly statistics: readonly RunningStatistic[];
  readonly trained: readonly Trained[];
  readonly rule: UpdateRule;
  readonly options: TrainingStepOptions;
}

/** A parameter as an input of the graph, and its gradient. */
interface Differentiated extends Trained {
  readonly weight: Value;
  readonly gradient: Value;
}

/** The common part of both graphs: the forward outputs, the new statistics, and a gradient for each parameter. */
class Draft {
  readonly g: GraphBuilder;
  readonly state: StateWriter;
  readonly parameters: readonly Differentiated[];
  readonly statistics: readonly { readonly initial: Tensor; readonly next: Value }[];

  constructor({ model, statistics, trained, options }: Source) {
    const owned = [...trained, ...statistics].map(({ initial }) => initial.name);
    this.g = GraphBuilder.from(exposed(model, owned));
    this.state = new StateWriter(this.g);
    for (const { name } of model.graph.outputs) this.g.output(this.g.value(name));
    const inputs = trained.map((p) => this.state.own('weight', p.initial));
    const found = gradients(this.g, this.g.value(options.loss), inputs);
    this.parameters = trained.map((p, i) => ({ ...p, weight: inputs[i]!, gradient: found[i]! }));
    this.statistics = statistics.map(({ initial, next }) => {
      const value = this.g.value(next);
      this.state.next(this.state.own('statistic', initial), value);
      return { initial, next: value };
    });
  }

  /** The gradients of this micro-batch and those before it, added up. */
  accumulated(): { readonly before: Value; readonly sum: Value }[] {
    return this.parameters.map(({ initial, gradient }) => {
      const before = this.state.beside('accumulator', initial);
      return { before, sum: this.g.op('Add', [before, gradient]) };
    });
  }
}

/** The model with constants as inputs. */
function exposed(model: Model, names: readonly string[]): Model {
  const { graph } = model;
  const initializers = new Map(graph.initializers);
  const inputs = names
    .filter((name) => !graph.inputs.some((input) => input.name === name))
    .map((name): ValueInfo => {
      const { dtype, dims } = graph.initializers.get(name)!;
      return { name, type: { dtype, shape: dims } };
    });
  for (const name of names) initializers.delete(name);
  return { ...model, graph: { ...graph, initializers, inputs: [...graph.inputs, ...inputs] } };
}

function accumulatingGraph(source: Source): Model {
  const draft = new Draft(source);
  for (const { before, sum } of draft.accumulated()) draft.state.next(before, sum);
  return draft.g.build();
}

function updatingGraph(source: Source): { readonly model: Model; readonly state: readonly StateEntry[] } {
  const { rule, options } = source;
  const draft = new Draft(source);
  const { g, state } = draft;
  const rate = g.input(LEARNING_RATE, 'float32', []);
  const step = g.input(STEP, 'float32', []);
  const sums = options.accumulate ? draft.accumulated().map(({ sum }) => sum) : undefined;
  const parameters = draft.parameters.map((p, i) => ({ ...p, gradient: sums?.[i] ?? p.gradient }));
  const updated = g.scope('update', () => {
    const scale = gradientScale(g, parameters, options);
    return update(g, state, rule, parameters, scale, { rate, step });
  });
  if (options.averageDecay !== undefined) {
    const move = movingAverage(g, options.averageDecay, step);
    for (const { initial, next } of [...updated, ...draft.statistics]) {
      const average = state.beside('average', initial, initial);
      state.next(
        average,
        g.scope('average', () => move(average, next)),
      );
    }
  }
  return { model: g.build(), state: state.entries };
}

/** The factor to apply to the gradients; undefined for 1. Also outputs their norm if requested. */
function gradientScale(
  g: GraphBuilder,
  parameters: readonly Differentiated[],
  { accumulate, clipNorm, gradientNorm }: TrainingStepOptions,
): Value | undefined {
  const share = accumulate ? g.op('Reciprocal', [g.input(MICRO_BATCHES, 'float32', [])]) : undefined;
  if (clipNorm === undefined && !gradientNorm) return share;
  const sum = globalNorm(
    g,
    parameters.map((p) => p.gradient),
  );
  const norm = scaled(g, sum, share);
  g.output(norm, GRADIENT_NORM);
  return clipNorm === undefined ? share : scaled(g, clipFactor(g, norm, clipNorm), share);
}

/** Updates every parameter separately: one flat vector of all would have to be split and copied. */
function update(
  g: GraphBuilder,
  state: StateWriter,
  rule: UpdateRule,
  parameters: readonly Differentiated[],
  scale: Value | undefined,
  { rate, step }: { readonly rate: Value; readonly step: Value },
): { readonly initial: Tensor; readonly next: Value }[] {
  const groups = new Map<number, ReturnType<UpdateRule['group']>>();
  const groupOf = (factor: number) => {
    const own = () => (factor === 1 ? rate : g.op('Mul', [rate, g.scalar(factor)]));
    const found = groups.get(factor) ?? rule.group(g, own(), step);
    groups.set(factor, found);
    return found;
  };
  return parameters.map(({ initial, rate: factor, ...p }) => {
    const slots = Object.fromEntries(rule.slots.map((kind) => [kind, state.beside(kind, initial)]));
    const next = groupOf(factor)({ ...p, scale, slots: slots as Record<StateKind, Value> });
    state.next(p.weight, next.weight);
    for (const kind of rule.slots) state.next(slots[kind]!, next.slots[kind]);
    return { initial, next: next.weight };
  });
}
