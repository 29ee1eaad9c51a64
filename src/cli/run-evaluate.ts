/** Runs `agewise evaluate`: labelled pictures → predictions → figures. */
import { type FaceNetworks, loadFaceNetworks } from '../estimate/node.js';
import {
  type Evaluation,
  evaluatePredictions,
  Journal,
  type LabelledPictures,
  type Predictions,
  type PredictionsInfo,
  predictedModels,
  readPredictions,
  writePredictions,
} from '../evaluate/index.js';
import { exists } from '../files/index.js';
import { BOOTSTRAP } from '../metrics/index.js';
import { classSets } from './class-set.js';
import { Console } from './console.js';
import type { EvaluateFlags } from './evaluate-flags.js';
import { checkReportPlaces, writeReports } from './evaluation-reports.js';
import { evaluationSummary } from './evaluation-summary.js';
import { untilInterrupted } from './interrupt.js';
import { openLabelledData } from './labelled-data.js';
import { asNetwork, type MeasuredModel, readModels } from './model-inputs.js';
import { packageVersion } from './package-version.js';
import { predictAll } from './predict-all.js';
import { mustEstimateAges, predictSomeChanged } from './predict-changed.js';
import { refuseSeenFaces } from './seen-faces.js';
import { counted } from './table.js';
import { jsonText, lookOf, paint } from './text.js';
import { EXIT, UsageError } from './usage.js';

/** @returns the exit code */
export async function runEvaluate(flags: EvaluateFlags): Promise<number> {
  checkFlags(flags);
  await checkReportPlaces(flags);
  const classes = classSets(flags.classes);
  const console = new Console();
  return untilInterrupted(async (signal) => {
    const { predictions, journal } =
      flags.model === undefined
        ? { predictions: await readPredictions(flags.predictions!), journal: undefined }
        : await predict(flags, console, signal);
    const { draws, seed } = flags;
    const found = evaluatePredictions(predictions, {
      ...(classes && { classSets: classes }),
      ...(draws !== undefined && { draws }),
      ...(seed !== undefined && { seed }),
    });
    await writeReports(found, flags);
    await journal?.remove();
    await print(found, flags, console);
    return complain(found[0]!, console);
  });
}

function checkFlags(flags: EvaluateFlags): void {
  const { model, data, predictions, html, pictures } = flags;
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
  const { split, part, set, option, cropped, flip, robustness, facts, as } = flags;
  const chosen = Object.entries({ split, part, set, option, cropped, flip, robustness, facts, as }).find(
    ([, value]) => value !== undefined,
  );
  if (chosen) {
    throw new UsageError(
      `--${chosen[0]} determines what a model is shown; it cannot be used with predictions alone`,
    );
  }
}

interface Predicted {
  readonly predictions: Predictions;
  /** Undefined if there is no output file beside which it could lie. */
  readonly journal: Journal | undefined;
}

async function predict(flags: EvaluateFlags, console: Console, signal: AbortSignal): Promise<Predicted> {
  const { predictions: file, cropped = false, flip = false, device, threads } = flags;
  if (file !== undefined && !flags.overwrite && (await exists(file)) && !(await exists(journalOf(file)))) {
    throw new UsageError(
      `${file}: expected a new name for predictions, found an existing file; --overwrite replaces it, and without --model it is evaluated again`,
    );
  }
  const models = await readModels(flags.model!, flags);
  const pictures = await openLabelledData(flags.data!, flags);
  try {
    const networks = await loadFaceNetworks({
      models: models.map(asNetwork),
      cropped,
      flip,
      device,
      ...(threads !== undefined && { threads }),
    });
    try {
      const info: PredictionsInfo = {
        models: predictedModels(models, networks.models),
        data: pictures.origin,
        cropped,
        flip,
      };
      if (!flags.seenFaces) refuseSeenFaces(info.models, info.data);
      if (flags.robustness !== undefined) mustEstimateAges(networks.models);
      const journal = await openJournal(info, models, flags);
      try {
        const faces = await predictAll(pictures, networks, console, signal, journal);
        const robustness = await robustnessOf(pictures, faces, networks, flags, console, signal, journal);
        const predictions: Predictions = {
          info,
          faces,
          leftOut: pictures.leftOut.map(({ problem }) => problem),
          ...(robustness && { robustness }),
        };
        if (file !== undefined) await writePredictions(file, predictions);
        return { predictions, journal };
      } catch (error) {
        await journal?.close();
        if (signal.aborted) await reportJournal(journal, console);
        throw error;
      }
    } finally {
      await networks.dispose();
    }
  } finally {
    await pictures.close();
  }
}

async function robustnessOf(
  pictures: LabelledPictures,
  faces: Predictions['faces'],
  networks: FaceNetworks,
  { robustness, seed = BOOTSTRAP.seed }: EvaluateFlags,
  console: Console,
  signal: AbortSignal,
  journal: Journal | undefined,
): Promise<Predictions['robustness']> {
  if (robustness === undefined) return undefined;
  return predictSomeChanged(pictures, faces, networks, { most: robustness, seed }, console, signal, journal);
}

const journalOf = (output: string): string => `${output}.unfinished`;

/** Beside the first file that is written, by all that predictions depend on. */
async function openJournal(
  info: PredictionsInfo,
  models: readonly MeasuredModel[],
  { predictions, html, card, device, robustness, seed, option, overwrite }: EvaluateFlags,
): Promise<Journal | undefined> {
  const output = predictions ?? html ?? card;
  if (output === undefined) return undefined;
  const facts = models.map(({ metadata }) => metadata ?? null);
  const drawn = robustness !== undefined && { robustness, seed };
  const of = { version: packageVersion(), info, facts, device, option, ...drawn };
  return Journal.open(journalOf(output), of, { overwrite: overwrite ?? false });
}

async function reportJournal(journal: Journal | undefined, console: Console): Promise<void> {
  await console.note(
    journal === undefined
      ? 'Interrupted: nothing is kept, since no file was to be written.'
      : 'Interrupted: the same command continues from here.',
  );
}

async function print(found: readonly Evaluation[], { json }: EvaluateFlags, console: Console): Promise<void> {
  const style = paint(lookOf(process.stdout));
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
