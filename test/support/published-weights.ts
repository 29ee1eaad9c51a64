/** Weights as a system's authors publish them, of a small network, and its recipe. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type PublishedLayers, writePublished } from '../../src/train/testing.js';
import { namedValues } from './named-values.js';

const conv = (inputs: number, outputs: number, side = 3) => ({ kernel: [side, side, inputs, outputs] });
const norm = (channels: number) =>
  Object.fromEntries(['gamma', 'beta', 'moving_mean', 'moving_variance'].map((role) => [role, [channels]]));
const HEAD = 16 * 16 * 64;

/** A wide ResNet of depth 10 that is not widened, as wide_resnet.py of age-gender-estimation builds it. */
export const LAYERS: PublishedLayers = {
  conv2d_1: conv(3, 16),
  batch_normalization_1: norm(16),
  conv2d_2: conv(16, 16),
  batch_normalization_2: norm(16),
  conv2d_3: conv(16, 16),
  batch_normalization_3: norm(16),
  conv2d_4: conv(16, 32),
  batch_normalization_4: norm(32),
  conv2d_5: conv(32, 32),
  conv2d_6: conv(16, 32, 1),
  batch_normalization_5: norm(32),
  conv2d_7: conv(32, 64),
  batch_normalization_6: norm(64),
  conv2d_8: conv(64, 64),
  conv2d_9: conv(32, 64, 1),
  batch_normalization_7: norm(64),
  pred_gender: { kernel: [HEAD, 2] },
  pred_age: { kernel: [HEAD, 101] },
};

const RECIPE = `
name: own
title: A small wide ResNet
source: none
reports: nothing
network: { name: wrn-10-1 }
heads: { age: {}, gender: {} }
batch: 32
stages:
  - { name: fit, epochs: 1, rate: 0.1, optimizer: { kind: sgd } }
`;

/** Writes `weights.hdf5` and `own.yaml` into a folder. */
export async function writePublishedWeights(folder: string): Promise<void> {
  await writeFile(join(folder, 'own.yaml'), RECIPE);
  await writePublished(join(folder, 'weights.hdf5'), LAYERS, {
    values: (layer, role, count) => namedValues(`${layer}/${role}`, count).map((v) => 1 + v / 2),
  });
}
