/**
 * The time of one estimate, from file to age, by each shipped age model and by HSE-FaceRes, the network from which
 * agewise-base was trained, as its authors publish it:
 *
 *     npm run models -- hse-faceres && npm run bench:models [-- --rounds 60]
 *
 * The picture is a portrait of UTKFace with a face of about 200 pixels. Below it, the network alone on a prepared face.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { AgeEstimator } from '../src/estimate/index.js';
import { readMetadata } from '../src/metadata/index.js';
import { readModel } from '../src/onnx/index.js';
import { floatTensor } from '../src/runtime/index.js';
import { createSession } from '../src/runtime/node.js';
import { AbsentError, ROOT } from './lib/paths.js';
import { makePortraits } from './lib/portraits.js';
import { formatTable, positiveNumber, type Requirement, runBenchmark } from './lib/report.js';
import { median } from './lib/statistics.js';
import { type Contender, timeInterleaved } from './lib/timing.js';

const THREADS = 2;
const WARMUP = 5;
const ROUNDS = '60';
const BASE = 'agewise-base';
const SMALL = 'agewise-small';
const PEER = 'hse-faceres';
const MODELS = [BASE, SMALL, 'agewise-open', PEER] as const;
const LEAST_GAIN_OF_SMALL = 2.5;

const fileOf = (name: string) => path.join(ROOT, name === PEER ? 'backbones' : 'models', `${name}.onnx`);

await runBenchmark(async () => {
  const { values } = parseArgs({ options: { rounds: { type: 'string', default: ROUNDS } } });
  const rounds = positiveNumber('--rounds', values.rounds);
  if (!existsSync(fileOf(PEER)))
    throw new AbsentError('backbones/hse-faceres.onnx: npm run models -- hse-faceres');
  const folder = await mkdtemp(path.join(os.tmpdir(), 'agewise-models-'));
  try {
    const [portrait] = await makePortraits(folder, 1);
    if (portrait === undefined) throw new AbsentError('UTKFace');
    const whole = await timeInterleaved(await estimates(portrait), { warmup: WARMUP, rounds });
    const alone = await timeInterleaved(await networks(), { warmup: WARMUP, rounds });
    console.log(
      formatTable(
        ['model', 'one estimate, ms', 'network alone, ms'],
        MODELS.map((name) => [name, median(whole[name]!).toFixed(1), median(alone[name]!).toFixed(1)]),
      ),
    );
    const times = (value: number) => `${value.toFixed(2)}×`;
    // Of turns in the same round, so that a machine that slows down changes nothing.
    const ratio = (of: Record<string, number[]>, a: string, b: string) =>
      median(of[a]!.map((time, round) => time / of[b]![round]!));
    return [
      {
        name: "base's estimate, of HSE-FaceRes's time",
        measured: ratio(whole, BASE, PEER),
        bound: 1,
        kind: 'at most',
        format: times,
      },
      {
        name: "base's network, of small's time",
        measured: ratio(alone, BASE, SMALL),
        bound: LEAST_GAIN_OF_SMALL,
        kind: 'at least',
        format: times,
      },
    ] satisfies Requirement[];
  } finally {
    await rm(folder, { recursive: true });
  }
});

/** From a file to its age. */
async function estimates(portrait: string): Promise<Record<string, Contender>> {
  const found: Record<string, Contender> = {};
  for (const name of MODELS) {
    const estimator = await AgeEstimator.load({ models: [fileOf(name)], threads: THREADS });
    found[name] = () => estimator.estimate(portrait);
  }
  return found;
}

/** The network on one prepared face. */
async function networks(): Promise<Record<string, Contender>> {
  const found: Record<string, Contender> = {};
  for (const name of MODELS) {
    const bytes = await readFile(fileOf(name));
    const model = readModel(bytes);
    const { input, age, gender } = readMetadata(model, name);
    const session = await createSession(bytes, name, { threads: THREADS });
    const face = new Float32Array(3 * input.height * input.width);
    const feeds = { [model.graph.inputs[0]!.name]: floatTensor(face, [1, 3, input.height, input.width]) };
    const outputs = [age!.name, gender!.name];
    found[name] = () => session.run(feeds, outputs);
  }
  return found;
}
