/** Loads the networks that flags ask for. */
import { stat } from 'node:fs/promises';
import { AgeEstimator, type LoadOptions } from '../estimate/index.js';
import type { Console } from './console.js';
import type { EstimateFlags } from './flags.js';
import { type OutputFacts, outputFacts, requireGroups } from './output-facts.js';
import { jsonText } from './text.js';
import { UsageError } from './usage.js';

/** As far as results depend on them. */
export const estimateOptions = (flags: Omit<EstimateFlags, 'out'>) => ({
  device: flags.device,
  gender: flags.gender,
  turn: flags.turn,
  flip: flags.flip ?? false,
  cropped: flags.cropped ?? false,
  ...(flags.maxPixels !== undefined && { maxPixels: flags.maxPixels }),
});

export async function loadEstimator(
  flags: EstimateFlags,
  console: Console,
): Promise<{ readonly estimator: AgeEstimator; readonly outputs: OutputFacts }> {
  const options: LoadOptions = {
    ...estimateOptions(flags),
    ...(flags.threads !== undefined && { threads: flags.threads }),
  };
  try {
    const models = flags.model && (await Promise.all(flags.model.map(modelOf)));
    const estimator = await AgeEstimator.load({ ...options, ...(models && { models }) });
    const outputs = await outputFacts(models, flags.gender);
    if (flags.groups) requireGroups(outputs);
    return { estimator, outputs };
  } catch (error) {
    const { message } = error as Error;
    // A program that reads JSON reads stdout. A wrong command line is reported on stderr only, for the person who typed it.
    if (flags.json) await console.print(jsonText({ error: message }));
    throw error;
  }
}

/**
 * What `--model` names: of a run's folder the model that `agewise export` would make of it.
 * @throws UsageError for another folder
 */
export async function modelOf(named: string): Promise<string | Uint8Array> {
  const found = await stat(named).catch(() => undefined);
  if (!found?.isDirectory()) return named;
  // Training is loaded only where a folder is named: it takes longer to load than estimating.
  const [{ exportRuns, isRun }, { writeModel }, { shippedModelPath }] = await Promise.all([
    import('../train/index.js'),
    import('../onnx/index.js'),
    import('../registry/node.js'),
  ]);
  if (await isRun(named)) return writeModel((await exportRuns([named])).model);
  if ((await shippedModelPath(named)) !== undefined) return named;
  throw new UsageError(`--model: expected an .onnx file or the folder of a run, found the folder '${named}'`);
}
