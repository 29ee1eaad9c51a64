/** The loop that trains a network's last layer on a few faces, whose features are computed once. */
import {
  ADAM_EPSILON,
  adamCorrections,
  initialTensor,
  LEARNING_RATE,
  nextName,
  RATE_CORRECTION,
  STEP,
} from '../../autodiff/index.js';
import { float32Values, writeModel } from '../../onnx/index.js';
import { Random } from '../../random/index.js';
import {
  type CreateSession,
  type Device,
  floatData,
  floatTensor,
  type Tensors,
} from '../../runtime/index.js';
import { TrainingError } from '../training-error.js';
import { Faces, foldedLayer, type HeadSample, standardization } from './faces.js';
import type { HeadNetwork, Layer } from './network.js';
import { BIAS, CHANGED, headStep, LOSS, WEIGHT } from './step.js';

export interface HeadOptions {
  /** Passes over the training faces. Default 40. */
  readonly epochs?: number;
  /** The learning rate of the first step; it falls to zero along half a cosine. Default 0.01. */
  readonly learningRate?: number;
  /** Faces in a step, mirror images counted. Default 32. */
  readonly batch?: number;
  /** How strongly the layer is drawn back to what it was: the L2 penalty on its change. Default 0.0001. */
  readonly weightDecay?: number;
  /** Chooses the order of the faces. Default 1. */
  readonly seed?: number;
}

/** What is known after an epoch; epoch 0 is the model before training. */
export interface HeadEpoch {
  readonly epoch: number;
  /** Mean Kullback-Leibler divergence from the labels in nats, and mean absolute error in years, of the training faces. */
  readonly loss: number;
  readonly mae: number;
  /** The same of the held-out faces; null without any. */
  readonly validation: { readonly loss: number; readonly mae: number } | null;
}

export interface TrainedHead {
  /** The layer with the lowest validation loss; without validation faces the last one. */
  readonly layer: Layer;
  /** The epoch that it is from. */
  readonly epoch: number;
  readonly history: readonly HeadEpoch[];
}

const DEFAULTS = { epochs: 40, learningRate: 1e-2, batch: 32, weightDecay: 1e-4, seed: 1 } as const;

/** Faces that a head is trained on, and others that choose the epoch. */
export interface HeadSamples {
  readonly training: readonly HeadSample[];
  readonly validation: readonly HeadSample[];
}

/**
 * @param onEpoch called after each epoch; if it returns false, training stops
 * @throws TrainingError if the loss is no longer a number, RangeError for no samples or a negative age
 */
export async function trainHead(
  { classes, width, layer }: Pick<HeadNetwork, 'classes' | 'width' | 'layer'>,
  createSession: CreateSession,
  { training, validation }: HeadSamples,
  options: HeadOptions & { readonly device?: Device; readonly threads?: number } = {},
  onEpoch: (record: HeadEpoch) => boolean | Promise<boolean> = () => true,
): Promise<TrainedHead> {
  const { epochs, learningRate, batch, weightDecay, seed, device, threads } = { ...DEFAULTS, ...options };
  if (training.length === 0) throw new RangeError('training: expected at least one face, found none');
  const viewsOf = (samples: readonly HeadSample[]) => samples.map((one) => ({ view: one, label: one.label }));
  const views = training.flatMap(({ mirrored, label, ...view }) =>
    [view, ...(mirrored ? [mirrored] : [])].map((one) => ({ view: one, label })),
  );
  const standard = standardization(views, width);
  const trained = new Faces(views, classes, standard);
  const seen = new Faces(viewsOf(training), classes, standard);
  const held = new Faces(viewsOf(validation), classes, standard);

  const step = headStep({ width, classes: classes.length }, { weightDecay, device });
  const session = await createSession(writeModel(step.model), 'training step', {
    ...(device && { device }),
    ...(threads !== undefined && { threads }),
  });
  try {
    let state: Tensors = Object.fromEntries(
      step.state.map((entry) => {
        const initial = initialTensor(entry);
        return [entry.name, floatTensor(float32Values(initial), initial.dims)];
      }),
    );
    const figures = async (faces: Faces) => {
      if (faces.count === 0) return null;
      const inputs = { ...faces.batch(upTo(faces.count)), ...stepInputs(1, 0), ...state };
      const outputs = await session.run(inputs, [LOSS, CHANGED]);
      return faces.figures(floatData(outputs[LOSS]!)[0]!, floatData(outputs[CHANGED]!));
    };
    const steps = epochs * Math.ceil(trained.count / batch);
    const history: HeadEpoch[] = [];
    let best = { state, epoch: 0, loss: Number.POSITIVE_INFINITY };
    for (let epoch = 0, time = 0; ; ) {
      const found = (await figures(seen))!;
      const record = { epoch, ...found, validation: await figures(held) };
      if (!Number.isFinite(found.loss)) {
        throw new TrainingError(`Training diverged: the loss of epoch ${epoch} is ${found.loss}`);
      }
      history.push(record);
      const loss = record.validation?.loss ?? -epoch;
      if (loss < best.loss) best = { state, epoch, loss };
      if (!(await onEpoch(record)) || epoch === epochs) break;
      epoch++;
      const order = new Random(seed, epoch).shuffle(upTo(trained.count));
      for (let from = 0; from < order.length; from += batch) {
        const rate = (learningRate * (1 + Math.cos((Math.PI * time++) / steps))) / 2;
        const inputs = {
          ...trained.batch(order.slice(from, from + batch)),
          ...stepInputs(time, rate),
          ...state,
        };
        const outputs = await session.run(
          inputs,
          step.state.map(({ name }) => nextName(name)),
        );
        state = Object.fromEntries(step.state.map(({ name }) => [name, outputs[nextName(name)]!]));
      }
    }
    const change = { weight: floatData(best.state[WEIGHT]!), bias: floatData(best.state[BIAS]!) };
    return { layer: foldedLayer(layer, change, standard), epoch: best.epoch, history };
  } finally {
    await session.dispose();
  }
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

const scalar = (value: number) => floatTensor(Float32Array.of(value), []);

/** @param time the step's number, from 1 */
function stepInputs(time: number, learningRate: number): Tensors {
  const { rate, epsilon } = adamCorrections({ kind: 'adam' }, time);
  return {
    [LEARNING_RATE]: scalar(learningRate),
    [RATE_CORRECTION]: scalar(rate),
    [ADAM_EPSILON]: scalar(epsilon),
    [STEP]: scalar(time),
  };
}
