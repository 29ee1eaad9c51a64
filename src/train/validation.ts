/** What a run does with its validation part: figures, the best weights, and a notice if the network has collapsed. */
import type { Figures, Predictions } from '../metrics/index.js';
import type { Tensor } from '../onnx/index.js';
import type { LogEntry } from './log/index.js';
import { MONITORS, type Recipe } from './recipe/index.js';
import { type RunProgress, saveBest } from './run-folder.js';

/** Predictions with less than this share of the labels' spread are a collapse. */
const COLLAPSED = 0.2;

/** Whether these figures are the best so far, by the figure that the recipe monitors. */
export function isBest({ monitor }: Recipe, { best }: RunProgress, figures: Figures): boolean {
  if (best === null) return true;
  const [value, before] = [figures[monitor]!, best.figures[monitor]!];
  return MONITORS[monitor] === 'least' ? value < before : value > before;
}

/** Saves the weights as the best ones, and records that in the progress. */
export async function keepBest(
  folder: string,
  progress: RunProgress,
  weights: ReadonlyMap<string, Tensor>,
  figures: Figures,
): Promise<RunProgress> {
  const best = { format: 1, epoch: progress.epoch, step: progress.step, figures } as const;
  await saveBest(folder, weights, best);
  return { ...progress, best, stale: 0 };
}

/** Reports a network that predicts the same for every face, once until it no longer does. */
export class CollapseWatch {
  private collapsed = false;

  notice(
    figures: Figures,
    predictions: Predictions,
    { epoch, step }: Pick<RunProgress, 'epoch' | 'step'>,
  ): LogEntry | undefined {
    const before = this.collapsed;
    this.collapsed = figures.spread !== undefined && figures.spread < COLLAPSED;
    if (before || !this.collapsed) return undefined;
    const message =
      `The network predicts nearly the same for every face: ages around ${predictions.meanAge.toFixed(0)}, ` +
      `${(100 * figures.spread!).toFixed(0)}% as far apart as the labels; a lower rate, balanced sampling or more epochs may help`;
    return { kind: 'notice', epoch, step, message };
  }
}
