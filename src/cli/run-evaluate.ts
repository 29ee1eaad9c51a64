/** Runs `agewise evaluate`: labelled pictures → predictions → figures. */
import { loadFaceNetworks } from '../estimate/node.js';
import {
  type CardMetadata,
  type Evaluation,
  evaluatePredictions,
  isCalibratedOn,
  type Predictions,
  type PredictionsInfo,
  predictedModels,
  readPredictions,
  writePredictions,
} from '../evaluate/index.js';
import { exists } from '../files/index.js';
import { Console } from './console.js';
import type { EvaluateFlags } from './evaluate-flags.js';
import { checkReportPlaces, writeReports } from './evaluation-reports.js';
import { evaluationSummary } from './evaluation-summary.js';
import { untilInterrupted } from './interrupt.js';
import { openLabelledData } from './labelled-data.js';
import { readModels } from './model-inputs.js';
import { predictAll } from './predict-all.js';
import { counted } from './table.js';
import { jsonText, lookOf, paint } from './text.js';
import { EXIT, UsageError } from './usage.js';

/** @returns the exit code */
export async function runEvaluate(flags: EvaluateFlags): Promise<number> {
  checkFlags(flags);
  await checkReportPlaces(flags);
  const console = new Console();
  return untilInterrupted(async (signal) => {
    const { predictions, facts } =
      flags.model === undefined
        ? { predictions: await readPredictions(flags.predictions!), facts: [] }
        : await predict(flags, console, signal);
    const { draws, seed } = flags;
    const found = evaluatePredictions(predictions, {
      ...(draws !== undefined && { draws }),
      ...(seed !== undefined && { seed }),
    });
    await writeReports(found, facts, flags);
    await print(found, flags, console);
    return complain(found[0]!, console);
  });
}

function checkFlags(flags: EvaluateFlags): void {
  const { model, data, predictions, split, part, set, option, cropped, html, pictures } = flags;
  if ((model === undefined) !== (data === undefined)) {
    const [has, lacks] = model === undefined ? ['--data', '--model'] : ['--model', '--data'];
    throw new UsageError(`expected ${lacks} beside ${has}, found none`);
  }
  if (pictures && (html === undefined || data === undefined)) {
    throw new UsageError(
      `expected ${html === undefined ? '--html' : '--data'} beside --pictures, found none`,
    );
  }
  if (model !== undefined) return;
  if (predictions === undefined) {
    throw new UsageError('expected --model and --data, or --predictions with a file of them, found neither');
  }
  const chosen = Object.entries({ split, part, set, option, cropped }).find(
    ([, value]) => value !== undefined,
  );
  if (chosen)
    throw new UsageError(`--${chosen[0]} chooses pictures; it cannot be used with predictions alone`);
}

interface Predicted {
  readonly predictions: Predictions;
  /** Of each model. */
  readonly facts: readonly CardMetadata[];
}

async function predict(flags: EvaluateFlags, console: Console, signal: AbortSignal): Promise<Predicted> {
  const { predictions: file, cropped = false, device, threads } = flags;
  if (file !== undefined && !flags.overwrite && (await exists(file))) {
    throw new UsageError(
      `${file}: expected a new name for predictions, found an existing file; --overwrite replaces it, and without --model it is evaluated again`,
    );
  }
  const models = await readModels(flags.model!);
  const pictures = await openLabelledData(flags.data!, flags);
  try {
    const networks = await loadFaceNetworks({
      models: models.map(({ name, bytes }) => ({ name, model: bytes })),
      cropped,
      device,
      ...(threads !== undefined && { threads }),
    });
    try {
      const info: PredictionsInfo = {
        models: predictedModels(models, networks.models),
        data: pictures.origin,
        cropped,
      };
      if (!flags.calibrationRows) refuseCalibrationRows(info);
      const faces = await predictAll(pictures, networks, console, signal);
      const predictions = { info, faces, leftOut: pictures.leftOut.map(({ problem }) => problem) };
      if (file !== undefined) await writePredictions(file, predictions);
      return { predictions, facts: networks.models };
    } finally {
      await networks.dispose();
    }
  } finally {
    await pictures.close();
  }
}

function refuseCalibrationRows({ models, data }: PredictionsInfo): void {
  const model = models.find((one) => isCalibratedOn(one, data));
  if (model === undefined) return;
  throw new UsageError(
    `Model '${model.name}' was calibrated on these faces, so that figures of them would mislead; --calibration-rows evaluates it all the same, and says so`,
  );
}

async function print(found: readonly Evaluation[], { json }: EvaluateFlags, console: Console): Promise<void> {
  const style = paint(lookOf(process.stdout).colours);
  const texts = found.map((evaluation) =>
    json ? jsonText(evaluation) : evaluationSummary(evaluation, style),
  );
  await console.print(texts.join(json ? '' : '\n'));
}

/** The maximum number of problems listed; the document has all of them. */
const MOST_NAMED = 10;

/** Reports on stderr what was left out. */
async function complain({ origin }: Evaluation, console: Console): Promise<number> {
  const { unreadable, leftOut } = origin!;
  const problems = [...unreadable.map(({ problem }) => problem), ...leftOut];
  for (const problem of problems.slice(0, MOST_NAMED)) await console.complain(problem);
  if (problems.length > MOST_NAMED) {
    await console.note(`… and ${problems.length - MOST_NAMED} more; --json lists them all`);
  }
  if (problems.length === 0) return EXIT.done;
  const parts = [
    ...(unreadable.length > 0 ? [`${counted(unreadable.length, 'picture')} could not be read`] : []),
    ...(leftOut.length > 0 ? [`${counted(leftOut.length, 'row')} could not be used`] : []),
  ];
  await console.note(`${parts.join(', ')}; no figure counts them`);
  return EXIT.inputsFailed;
}
