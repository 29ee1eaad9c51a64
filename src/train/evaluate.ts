/** A network on faces that it is not trained on. */
import { inferenceGraph } from '../autodiff/index.js';
import type { Loader } from '../data/index.js';
import { type Figures, Meter, Predictions } from '../metrics/index.js';
import { type Tensor, writeModel } from '../onnx/index.js';
import { floatData, type SessionOptions } from '../runtime/index.js';
import { createSession } from '../runtime/node.js';
import { feedsOf, type Spread } from './feed.js';
import { AGE, type Assembled, GENDER, lossNames } from './graph/index.js';
import type { KeptFeatures } from './kept-features.js';

export interface Evaluation {
  /** `loss`, its parts `loss.NAME` if there are several, and those of `Predictions`. */
  readonly figures: Figures;
  readonly predictions: Predictions;
}

export interface EvaluateOptions {
  /** Kept outputs of the frozen part; `assembled` is then the rest of the graph. */
  readonly kept?: KeptFeatures | undefined;
  /** The rows of the loader. */
  readonly rows?: Uint32Array | undefined;
  readonly spread: Spread;
  readonly session: SessionOptions;
}

/** Runs the inference form over all batches of the loader. */
export async function evaluate(
  assembled: Assembled,
  weights: ReadonlyMap<string, Tensor>,
  loader: Loader,
  { spread, session: options, kept, rows }: EvaluateOptions,
): Promise<Evaluation> {
  const losses = lossNames(assembled);
  const outputs = [...losses, ...(assembled.classes ? [AGE] : []), ...(assembled.gender ? [GENDER] : [])];
  const graph = inferenceGraph(assembled.forward, weights, outputs);
  const session = await createSession(writeModel(graph), 'evaluation', options);
  try {
    const predictions = new Predictions(assembled.classes);
    const meter = Meter.empty();
    const pictures = kept === undefined || rows === undefined || !kept.has(rows);
    for await (const batch of loader.batches({ epochs: 1, pictures })) {
      const [feeds] = feedsOf(batch, assembled, spread, 1, undefined, undefined, await kept?.of(batch));
      const found = await session.run(feeds!, outputs);
      meter.add(
        Object.fromEntries(losses.map((name) => [name, floatData(found[name]!)[0]!])),
        batch.rows.length,
      );
      if (found[AGE]) predictions.addAges(floatData(found[AGE]), batch.ages);
      if (found[GENDER]) predictions.addGenders(floatData(found[GENDER]), batch.genders);
    }
    return { figures: { ...meter.means(), ...predictions.figures() }, predictions };
  } finally {
    await session.dispose();
  }
}
