/** Compares trainers of one network, which take turns. */
import type { Step } from '../trainers/serve.js';
import { flopsOf } from './flops.js';
import { writeMaterial } from './material.js';
import { type BenchNetwork, resnet18 } from './networks.js';
import { median } from './statistics.js';
import { type TrainerCommand, TrainerProcess } from './trainer-process.js';
import { agewiseTrainer, tensorFlowTrainer, torchTrainer } from './trainers.js';
import { CLASSES, sgdStep, trainable } from './training-step.js';

/** A session's first two steps are slow, since memory is planned and first touched. */
const WARMUP = 2;
/** TensorFlow.js takes seconds per step, so it takes part only in the first rounds. */
const TENSORFLOW_ROUNDS = 3;
/** The first steps, whose losses are compared. */
const COMPARED = 3;
/**
 * How far two processors may differ in a sum of some thousand float32 products: Agewise also trains on a batch whose pixels are
 * changed by that share, to find how much of a difference in losses is rounding. It grows from step to step, in networks with
 * many batch norms more than a hundredfold.
 */
const ROUNDING = 2 ** -18;
/** A relative difference of losses that means nothing in any network. */
const NEGLIGIBLE = 1e-4;

export interface Measured {
  readonly name: string;
  readonly description: string;
  /** Of a step, the median. */
  readonly seconds: number;
  readonly peakBytes: number | undefined;
  /** The largest difference of the first losses from Agewise's, in multiples of what rounding makes of them, if they were compared. */
  readonly lossDifference: number | undefined;
}

export interface Comparison {
  readonly network: BenchNetwork;
  /** Floating-point operations of a step's convolutions and matrix products. */
  readonly flops: number;
  readonly agewise: Measured;
  readonly others: readonly Measured[];
}

export interface ComparisonOptions {
  /** Steps that are timed. */
  readonly rounds: number;
  readonly threads: number;
  /** Whether Agewise also trains without its blocked kernels. */
  readonly standard: boolean;
  /** Whether only Agewise and PyTorch take part, and losses are not compared. */
  readonly speed: boolean;
  /** Whether PyTorch is there. */
  readonly torch: boolean;
}

interface Participant {
  readonly process: TrainerProcess;
  readonly rounds: number;
}

export async function compareTraining(
  network: BenchNetwork,
  options: ComparisonOptions,
): Promise<Comparison> {
  const { rounds, threads } = options;
  const graph = trainable(network);
  const material = writeMaterial(graph);
  const participants: Participant[] = [];
  const join = async (command: TrainerCommand, limit = rounds) => {
    participants.push({ process: await TrainerProcess.start(command), rounds: Math.min(rounds, limit) });
  };
  try {
    await join(agewiseTrainer(network, threads, 'auto'));
    if (options.standard) await join(agewiseTrainer(network, threads, 'standard'));
    if (options.torch) await join(torchTrainer(network, CLASSES, threads, material.file));
    if (network === resnet18 && !options.speed) {
      await join(tensorFlowTrainer(network, CLASSES, material.file), TENSORFLOW_ROUNDS);
    }
    await takeTurns(participants);
    const peaks = participants.map(({ process }) => process.peakBytes());
    for (const { process } of participants) process.kill();
    const [agewise] = participants;
    const noise = options.speed ? undefined : await roundingNoise(network, threads, agewise!.process.steps);
    const all = participants.map(({ process }, i) => ({
      ...measured(process, agewise!.process, noise),
      peakBytes: peaks[i],
    }));
    return { network, flops: flopsOf(sgdStep(graph).model), agewise: all[0]!, others: all.slice(1) };
  } finally {
    for (const { process } of participants) process.kill();
    material.remove();
  }
}

/** A B, B A, ..., so that disturbances affect all, and none always follows the same rival. */
async function takeTurns(participants: readonly Participant[]): Promise<void> {
  const last = Math.max(...participants.map(({ rounds }) => rounds));
  for (let round = 0; round < WARMUP + last; round++) {
    const present = participants.filter(({ rounds }) => round < WARMUP + rounds);
    for (const { process } of round % 2 === 0 ? present : present.toReversed()) await process.step();
  }
}

/** The relative change of each of the first losses that rounding accounts for. */
async function roundingNoise(
  network: BenchNetwork,
  threads: number,
  reference: readonly Step[],
): Promise<number[]> {
  const process = await TrainerProcess.start(agewiseTrainer(network, threads, 'auto', ROUNDING));
  try {
    for (let step = 0; step < COMPARED; step++) await process.step();
    return relativeDifferences(process.steps, reference).map((change) => change + NEGLIGIBLE);
  } finally {
    process.kill();
  }
}

const relativeDifferences = (steps: readonly Step[], reference: readonly Step[]): number[] =>
  steps.slice(0, COMPARED).map(({ loss }, i) => Math.abs(loss / reference[i]!.loss - 1));

function measured(
  { name, description, steps }: TrainerProcess,
  reference: TrainerProcess,
  noise: readonly number[] | undefined,
): Omit<Measured, 'peakBytes'> {
  const differences = relativeDifferences(steps, reference.steps);
  return {
    name,
    description,
    seconds: median(steps.slice(WARMUP).map(({ milliseconds }) => milliseconds)) / 1e3,
    lossDifference: noise && Math.max(...differences.map((difference, i) => difference / noise[i]!)),
  };
}

/** The trainer of that name, if it took part. */
export function named(measured: readonly Measured[], name: string): Measured | undefined {
  return measured.find((one) => one.name === name);
}

/** Peak memory over that of another trainer; undefined if either is unknown. */
export function memoryRatio(bytes: number | undefined, reference: Measured | undefined): number | undefined {
  return bytes === undefined || reference?.peakBytes === undefined ? undefined : bytes / reference.peakBytes;
}
