/** What is settled before a run's first step: `recipe.yaml`, the recipe with all defaults, and `run.json`, the rest. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, cpus, platform, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import * as z from 'zod';
import { splitMethodSchema } from '../../data/index.js';
import { exists, makeFolders, reasonOf } from '../../files/index.js';
import { trainingOriginsSchema } from '../../metadata/index.js';
import { DEVICES } from '../../runtime/index.js';
import { readRecipe } from '../recipe/load.js';
import type { Recipe } from '../recipe/schema.js';
import { LogError } from './log-error.js';
import { writeWhole } from './whole-file.js';

const RECIPE = 'recipe.yaml';
const FACTS = 'run.json';

const count = z.int().min(0);
const text = z.string();
const version = text.min(1);

const startSchema = z.strictObject({
  date: z.iso.datetime(),
  /** The command line. */
  command: z.array(text).readonly(),
  device: z.enum(DEVICES),
  /** The target of the step's lowering. */
  target: z.union([z.enum(['standard', 'webgpu']), z.strictObject({ block: z.literal([8, 16]) })]),
  versions: z.strictObject({ agewise: version, onnxruntime: version, node: version }),
  machine: z.strictObject({
    cpu: text,
    /** Logical cores, including hyper-threads. */
    cores: count,
    /** In bytes. */
    memory: count,
    platform: text,
  }),
});

const factsFile = (folder: string): string => join(folder, FACTS);

/** Whether the folder holds a run: facts are written last. */
export const isRun = (folder: string): Promise<boolean> => exists(factsFile(folder));

const storeSchema = z.strictObject({
  folder: text,
  id: text,
  title: text,
  terms: text,
  fingerprint: text,
  rows: count,
});

const factsSchema = z.strictObject({
  format: z.literal(2),
  /** The seed of this run, which for ensemble members differs from the recipe's. */
  seed: count,
  stores: z.array(storeSchema).min(1),
  /** The rows of each part that are learnt from or evaluated on. */
  split: z.strictObject({
    name: text,
    counts: z.record(text, count),
    /** Hash of the row numbers, those of training and those of validation. */
    sha256: text,
    /** The parts that are learned from, store by store; missing in runs older than this field. */
    learnt: z.array(z.strictObject({ store: count, part: text, rows: text })).optional(),
    /** How the stores were divided, whatever the split is called. */
    method: splitMethodSchema.optional(),
    seed: count.optional(),
  }),
  /** What the backbone or the first weights were trained on, if they say so. */
  backboneTrainedOn: trainingOriginsSchema.optional(),
  /** Time and machine of the start and of each resume. */
  starts: z.tuple([startSchema], startSchema),
});

type Start = z.infer<typeof startSchema>;
type StoredFacts = z.infer<typeof factsSchema>;

/** The facts in a run's folder, apart from its history. */
export interface RunFacts extends Readonly<StoredFacts> {
  readonly recipe: Recipe;
}

/** Facts about a start that only the caller knows. */
export type NewStart = Readonly<Pick<Start, 'command' | 'device' | 'target'>>;

export type NewRunFacts = Readonly<
  Pick<RunFacts, 'recipe' | 'seed' | 'stores' | 'split' | 'backboneTrainedOn'>
> &
  NewStart;

/**
 * Writes the facts of a new run into its folder, which is created if needed.
 * @throws LogError if they cannot be written.
 */
export async function writeRunFacts(folder: string, facts: NewRunFacts): Promise<void> {
  const { recipe, seed, stores, split, backboneTrainedOn, ...start } = facts;
  await makeFolders(folder).catch((error) => {
    throw new LogError(`Folder '${folder}' cannot be made: ${reasonOf(error)}`, {
      kind: 'failed',
      cause: error,
    });
  });
  await writeRecipe(folder, recipe);
  await writeFacts(folder, {
    format: 2,
    seed,
    stores,
    split,
    backboneTrainedOn,
    starts: [startedHere(start)],
  });
}

/**
 * Writes `recipe.yaml` of a run's folder.
 * @throws LogError if it cannot be written.
 */
export const writeRecipe = (folder: string, recipe: Recipe): Promise<void> =>
  writeWhole(join(folder, RECIPE), stringify(recipe));

/**
 * Records in a run's facts that it is resumed.
 * @throws LogError if they cannot be read or written.
 */
export async function addStart(folder: string, start: NewStart): Promise<void> {
  const facts = await readFacts(folder);
  await writeFacts(folder, { ...facts, starts: [...facts.starts, startedHere(start)] });
}

/**
 * The facts of a run's folder.
 * @throws LogError if one of the files is missing or malformed.
 * @throws RecipeError if the recipe is wrong.
 */
export async function readRunFacts(folder: string): Promise<RunFacts> {
  const path = join(folder, RECIPE);
  return { ...(await readFacts(folder)), recipe: readRecipe(await readText(path), path) };
}

const writeFacts = (folder: string, facts: StoredFacts): Promise<void> =>
  writeWhole(factsFile(folder), `${JSON.stringify(facts, null, 2)}\n`);

async function readFacts(folder: string): Promise<StoredFacts> {
  const path = factsFile(folder);
  const facts = factsSchema.safeParse(withStores(parsed(await readText(path), path)));
  if (facts.success) return facts.data;
  const { path: field, message } = facts.error.issues[0]!;
  const where = field.length > 0 ? ` at '${field.join('.')}'` : '';
  throw new LogError(`'${path}' does not hold the facts of a run${where}: ${message}`);
}

/** Runs of format 1 have one store. */
function withStores(facts: unknown): unknown {
  const one = oneStoreSchema.safeParse(facts);
  if (!one.success) return facts;
  const { store, ...rest } = one.data;
  return { ...rest, format: 2, stores: [store] };
}

const oneStoreSchema = z.looseObject({ format: z.literal(1), store: storeSchema });

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new LogError(`'${path}' cannot be read: ${reasonOf(error)}`, { cause: error });
  }
}

function parsed(json: string, path: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new LogError(`'${path}' is not JSON`, { cause: error });
  }
}

function startedHere({ command, device, target }: NewStart): Start {
  const processors = cpus();
  return {
    date: new Date().toISOString(),
    command,
    device,
    target,
    versions: {
      agewise: versionIn('../../../package.json'),
      onnxruntime: versionIn('onnxruntime-node/package.json'),
      node: process.versions.node,
    },
    machine: {
      cpu: processors[0]?.model.trim() ?? 'unknown',
      cores: processors.length,
      memory: totalmem(),
      platform: `${platform()} ${release()} ${arch()}`,
    },
  };
}

const require = createRequire(import.meta.url);

const versionIn = (file: string): string => (require(file) as { version: string }).version;
