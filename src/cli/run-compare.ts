/** Runs `agewise compare`: models, peers and kept predictions on the same faces → one table. */
import { loadFaceNetworks } from '../estimate/node.js';
import {
  COMPARED,
  type Comparison,
  type Contestant,
  comparedData,
  comparedNames,
  compareModels,
  comparisonPage,
  comparisonText,
  crossRows,
  differenceText,
  PEERS,
  type Peer,
  type Predictions,
  peerTable,
  placesOfWhole,
  predictedModels,
  predictionTable,
  readPredictions,
  seenNotes,
  valueText,
  writeCompared,
} from '../evaluate/index.js';
import { writeWholeFile } from '../files/index.js';
import { suggestion } from '../names/index.js';
import { formatNumber } from '../report/index.js';
import { alignedTable } from './aligned-table.js';
import type { CompareFlags } from './compare-flags.js';
import { Console } from './console.js';
import { checkReportPlaces } from './evaluation-reports.js';
import { untilInterrupted } from './interrupt.js';
import { openLabelledData } from './labelled-data.js';
import { asNetwork, type MeasuredModel, readModels } from './model-inputs.js';
import { predictAll } from './predict-all.js';
import { refuseSeenFaces } from './seen-faces.js';
import { jsonText, lookOf, oneLine, type Paint, paint } from './text.js';
import { EXIT, UsageError } from './usage.js';

/** @returns the exit code */
export async function runCompare(flags: CompareFlags): Promise<number> {
  checkFlags(flags);
  await checkReportPlaces(flags);
  const console = new Console();
  return untilInterrupted(async (signal) => {
    const peers: Peer[] = [];
    for (const name of flags.peer ?? []) peers.push(await PEERS[name]!());
    const models = await readModels(flags.model ?? [], flags);
    const problems: string[] = [];
    const compared: Comparison[] = [];
    if (flags.predictions !== undefined) {
      const kept = [];
      for (const file of flags.predictions) kept.push({ file, predictions: await readPredictions(file) });
      compared.push(compareKept(kept, flags));
    }
    for (const path of flags.data ?? []) {
      compared.push(await compareOn(path, { models, peers, problems }, flags, console, signal));
    }
    if (flags.html !== undefined) await writeWholeFile(flags.html, comparisonPage(compared));
    await console.print(flags.json ? compared.map(jsonText).join('') : summary(compared));
    for (const problem of problems) await console.complain(problem);
    return problems.length > 0 ? EXIT.inputsFailed : EXIT.done;
  });
}

function checkFlags({
  model = [],
  peer = [],
  data = [],
  predictions = [],
  split,
  part,
  set,
  cropped,
  flip,
  facts,
  as,
}: CompareFlags) {
  const unknown = peer.find((name) => !(name in PEERS));
  if (unknown !== undefined) {
    throw new UsageError(
      `--peer: expected ${Object.keys(PEERS).join(' or ')}, found '${unknown}'${suggestion(unknown, Object.keys(PEERS))}`,
    );
  }
  if (predictions.length > 0) {
    const others = Object.entries({ model, peer, data, split, part, set, cropped, flip, facts, as }).find(
      ([, value]) => (Array.isArray(value) ? value.length > 0 : value !== undefined),
    );
    if (others)
      throw new UsageError(`--${others[0]} cannot be used with predictions, which are compared alone`);
    return;
  }
  if (data.length === 0) throw new UsageError('expected --data or --predictions, found neither');
  if (model.length + peer.length === 0) {
    throw new UsageError('expected --model or --peer beside --data, found neither');
  }
}

interface Kept {
  readonly file: string;
  readonly predictions: Predictions;
}

/** @throws UsageError if the files are of different pictures */
function compareKept(kept: readonly Kept[], flags: CompareFlags): Comparison {
  const [first] = kept;
  const filesOf = ({ predictions: { faces } }: Kept) =>
    faces.flatMap(({ file, problem }) => (problem === undefined ? [file] : []));
  const files = filesOf(first!);
  const other = kept.find((one) => {
    const own = filesOf(one);
    return own.length !== files.length || own.some((file, i) => file !== files[i]);
  });
  if (other !== undefined) {
    throw new UsageError(
      `${other.file}: expected predictions of the pictures of ${first!.file}, found others`,
    );
  }
  const contestants = kept.flatMap(({ predictions }) =>
    placesOfWhole(predictions.info.models).map((m) => {
      const model = predictions.info.models[m]!;
      const notes = seenNotes(model, predictions.info.data);
      return { name: model.name, notes, table: predictionTable(predictions, m) };
    }),
  );
  const { title, path, part } = first!.predictions.info.data;
  return compareModels(contestants, { title, path, part }, drawsOf(flags));
}

const drawsOf = ({ draws, seed }: CompareFlags) => ({
  ...(draws !== undefined && { draws }),
  ...(seed !== undefined && { seed }),
});

interface Entrants {
  readonly models: readonly MeasuredModel[];
  readonly peers: readonly Peer[];
  /** What could not be read is added. */
  readonly problems: string[];
}

async function compareOn(
  path: string,
  { models, peers, problems }: Entrants,
  flags: CompareFlags,
  console: Console,
  signal: AbortSignal,
): Promise<Comparison> {
  const { cropped = false, flip = false, device, threads } = flags;
  const pictures = await openLabelledData(path, flags);
  try {
    // Without a model of ours the pictures are only looked through for those that cannot be read.
    const networks = await loadFaceNetworks({
      ...(models.length > 0 && { models: models.map(asNetwork) }),
      cropped: cropped || models.length === 0,
      flip,
      device,
      ...(threads !== undefined && { threads }),
    });
    const contestants: Contestant[] = [];
    try {
      const predicted = predictedModels(models, models.length > 0 ? networks.models : []);
      if (!flags.seenFaces) refuseSeenFaces(predicted, pictures.origin);
      const faces = await predictAll(pictures, networks, console, signal);
      placesOfWhole(predicted).forEach((place, m) => {
        const model = predicted[place]!;
        contestants.push({
          name: model.name,
          trainedOn: networks.models[m]!.provenance.data,
          notes: seenNotes(model, pictures.origin),
          table: predictionTable({ faces, info: { models: predicted } }, place),
        });
      });
      for (const peer of peers) {
        const table = await peerTable(peer, pictures.pictures(), faces, { cropped, signal });
        contestants.push({ name: peer.name, table });
      }
      problems.push(...faces.flatMap(({ problem }) => problem ?? []));
      problems.push(...pictures.leftOut.map(({ problem }) => problem));
    } finally {
      await networks.dispose();
    }
    const { title, part } = pictures.origin;
    return compareModels(contestants, { title, path, part }, drawsOf(flags));
  } finally {
    await pictures.close();
  }
}

function summary(compared: readonly Comparison[]): string {
  const style = paint(lookOf(process.stdout));
  const tables = compared.map((comparison) => comparisonSummary(comparison, style));
  if (compared.length > 1) tables.push(crossSummary(compared, style));
  return tables.join('\n');
}

const right = (title: string) => ({ title, align: 'right' as const });

function comparisonSummary(comparison: Comparison, style: Paint): string {
  const { models, data } = comparison;
  const names = comparedNames(comparison);
  const titles = names.map((name) => right(COMPARED[name]!.title));
  const figures = alignedTable(
    [{ title: 'model' }, right('not found'), ...titles],
    models.map(({ name, notFound, figures: of }) => [
      oneLine(name),
      formatNumber(notFound),
      ...names.map((figure) => valueText(of[figure], writeCompared(figure))),
    ]),
    style,
  );
  // A difference and its interval are too wide for one line of all figures.
  const differences = models.slice(1).map(({ name, differences: of }) =>
    alignedTable(
      [{ title: `${oneLine(name)} less ${oneLine(models[0]!.name)}` }, { title: 'difference' }],
      names.map((figure) => [COMPARED[figure]!.title, differenceText(of![figure]!, writeCompared(figure))]),
      style,
    ),
  );
  return [
    `${style.bold(oneLine(`${comparedData(comparison)} (${data.path})`))}\n`,
    `${style.dim(comparisonText(comparison))}\n\n`,
    [figures, ...differences].join('\n'),
    ...comparison.notes.map((note) => `\n${oneLine(note)}\n`),
  ].join('');
}

function crossSummary(compared: readonly Comparison[], style: Paint): string {
  return alignedTable(
    [
      { title: 'MAE, years' },
      { title: 'trained on' },
      ...compared.map((comparison) => right(oneLine(comparedData(comparison)))),
    ],
    crossRows(compared).map((row) => row.map(oneLine)),
    style,
  );
}
