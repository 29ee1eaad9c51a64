/** The trainers, each with its fastest known settings. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import type { BenchNetwork } from './networks.js';
import { ROOT } from './paths.js';
import type { TrainerCommand } from './trainer-process.js';

/** Debian's python3-torch belongs to Debian's Python. */
const PYTHON = '/usr/bin/python3';

/**
 * PyTorch gives memory back to the system after each step and faults it in again in the next; when set to keep it, it took
 * 10 to 20% less time for ResNet-18. Its script lays images and weights out with channels last, which took off as much
 * again. TorchScript, the optimizer's `foreach`, flushing denormals and OpenMP's settings gained nothing more.
 */
const KEEP_MEMORY = {
  MALLOC_MMAP_THRESHOLD_: String(2 ** 30),
  MALLOC_TRIM_THRESHOLD_: String(2 ** 33),
  MALLOC_TOP_PAD_: String(2 ** 28),
};

/** Large pages, as `agewise train` sets them for itself; PyTorch gains by them too. */
const LARGE_PAGES = { GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1' };

/** A trainer of bench/trainers: TypeScript, compiled as it is loaded. */
const script = (name: string, ...parameters: readonly (string | number)[]) => ({
  command: process.execPath,
  arguments: [
    '--expose-gc',
    ...['--import', 'tsx', path.join(ROOT, 'bench', 'trainers', name)],
    ...parameters.map(String),
  ],
});

/** @param rounding the share of itself by which each pixel is changed */
export const agewiseTrainer = (
  { name }: BenchNetwork,
  threads: number,
  lowering: 'auto' | 'standard',
  rounding = 0,
): TrainerCommand => ({
  name: 'Agewise',
  ...script('agewise.ts', name, threads, lowering, rounding),
  environment: LARGE_PAGES,
});

/** Whether PyTorch is installed (scripts/debian.sh does it). */
export const hasTorch = (): boolean => spawnSync(PYTHON, ['-c', 'import torch, torchvision']).status === 0;

/** @param material the path of a file that `writeMaterial` wrote */
export const torchTrainer = (
  { name, batch, size, rate }: BenchNetwork,
  classes: number,
  threads: number,
  material: string,
): TrainerCommand => ({
  name: 'PyTorch',
  command: PYTHON,
  arguments: [
    path.join(ROOT, 'bench', 'torch', 'step.py'),
    name,
    ...[batch, size, classes, threads, rate].map(String),
    material,
  ],
  environment: { ...LARGE_PAGES, ...KEEP_MEMORY, OMP_NUM_THREADS: String(threads) },
});

/** ResNet-18. @param material the path of a file that `writeMaterial` wrote */
export const tensorFlowTrainer = (
  { batch, size }: BenchNetwork,
  classes: number,
  material: string,
): TrainerCommand => ({
  name: 'TensorFlow.js',
  ...script('tensorflow.ts', batch, size, classes, material),
});
