/** Compares trainers of one network, which take turns. */
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

export interface Measured {
  readonly name: string;
  readonly description: string;
  /** Of a step, the median. */
  readonly seconds: number;
  readonly peakBytes: number | undefined;
  /** The largest relative difference of the first losses from Agewise's. */
  readonly lossDifference: number;
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
    if (network === resnet18) {
      await join(tensorFlowTrainer(network, CLASSES, material.file), TENSORFLOW_ROUNDS);
    }
    await takeTurns(participants);
    const all = participants.map(({ process }) => measured(process, participants[0]!.process));
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

function measured(process: TrainerProcess, reference: TrainerProcess): Measured {
  const { name, description, steps } = process;
  const differences = steps
    .slice(0, COMPARED)
    .map(({ loss }, i) => Math.abs(loss / reference.steps[i]!.loss - 1));
  return {
    name,
    description,
    seconds: median(steps.slice(WARMUP).map(({ milliseconds }) => milliseconds)) / 1e3,
    peakBytes: process.peakBytes(),
    lossDifference: Math.max(...differences),
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
