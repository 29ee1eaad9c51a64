/** Runs `agewise estimate --out`: any number of pictures or videos → a file of results, which a later run continues. */
import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import {
  type BulkPicture,
  type EstimateRequest,
  estimateAll,
  estimatesInfo,
  inShard,
  isStore,
  listedPictures,
  type MakeRecords,
  namedModel,
  openStore,
  parquetOf,
  readNamedModel,
  sameRequest,
  unfinishedName,
  type WriteRecords,
  writeResults,
} from '../bulk/node.js';
import { AgeEstimator } from '../estimate/index.js';
import { exists } from '../files/index.js';
import { AGE_MODEL } from '../registry/index.js';
import { clipCsvFormat } from './clip-formats.js';
import { Console } from './console.js';
import { csvFormat } from './csv.js';
import type { EstimateFlags } from './flags.js';
import type { Format } from './format.js';
import { findInputs, isList, LIST, STANDARD_INPUT } from './inputs.js';
import { untilInterrupted } from './interrupt.js';
import { jsonFormat } from './json.js';
import { estimateOptions, modelOf } from './load-estimator.js';
import { type OutputFacts, outputFacts, requireGroups } from './output-facts.js';
import { packageVersion } from './package-version.js';
import { Progress } from './progress.js';
import { areClips, EVERY, estimateClips } from './run-clips.js';
import { counted } from './table.js';
import { textResults } from './text-results.js';
import { EXIT, UsageError } from './usage.js';

/** @returns the exit code */
export async function runEstimateToFile(
  given: readonly string[],
  flags: EstimateFlags,
  out: string,
): Promise<number> {
  if (given.includes(STANDARD_INPUT)) {
    throw new UsageError('standard input (-) cannot be read again after an interrupt; --out is for files');
  }
  const console = new Console();
  const inputs = await openInputs(given);
  try {
    const clips = areClips(await firstFiles(given, inputs), flags);
    const models = await Promise.all((flags.model ?? [AGE_MODEL]).map(readModel));
    const request: EstimateRequest = {
      version: packageVersion(),
      models: models.map(({ name, sha256 }) => ({ name, sha256 })),
      options: estimateOptions(flags),
      details: { distribution: flags.distribution ?? false, atLeast: [...(flags.atLeast ?? [])] },
      ...(clips && { every: flags.every ?? EVERY }),
      inputs: inputs.names,
      ...(flags.shard && { shard: flags.shard }),
    };
    if (!flags.overwrite && (await isDone(out, request))) {
      await console.note(`${out} holds these results already`);
      return EXIT.done;
    }
    const outputs = await outputFacts(
      models.map(({ bytes }) => bytes),
      flags.gender,
    );
    if (flags.groups) requireGroups(outputs);
    const estimator = await AgeEstimator.load({
      ...estimateOptions(flags),
      models: models.map(({ name, bytes }) => ({ name, model: bytes })),
      ...(flags.threads !== undefined && { threads: flags.threads }),
    });
    try {
      return await untilInterrupted((stop) =>
        write({ out, flags, request, outputs, inputs, estimator, console, stop }),
      );
    } finally {
      await estimator.dispose();
    }
  } finally {
    await inputs.close();
  }
}

/** Files that show whether the inputs are videos: those that were named one by one, and the first of all. */
async function firstFiles(given: readonly string[], { pictures }: Inputs): Promise<string[]> {
  const named = await Promise.all(
    given.map(async (name) => ((await stat(name).catch(() => undefined))?.isFile() ? [name] : [])),
  );
  for await (const first of pictures()) return [...named.flat(), ...('error' in first ? [] : [first.file])];
  return [];
}

async function readModel(name: string) {
  const model = await modelOf(name);
  return typeof model === 'string' ? readNamedModel(model) : namedModel(name, model);
}

/**
 * Whether the file is there and of the same request, as where a task of an array is started again.
 * @throws UsageError where there is another file
 */
async function isDone(out: string, request: EstimateRequest): Promise<boolean> {
  if (!(await exists(out))) return false;
  const info = extname(out).toLowerCase() === '.parquet' ? await estimatesInfo(out) : undefined;
  if (info !== undefined && sameRequest(info.request, request)) return true;
  throw new UsageError(`${out}: expected a new name, found an existing file; --overwrite replaces it`);
}

interface Inputs {
  /** As they were given; a store with the fingerprint of its content. */
  readonly names: string[];
  /** Anew each time. */
  pictures(): AsyncIterable<BulkPicture>;
  close(): Promise<void>;
}

async function openInputs(given: readonly string[]): Promise<Inputs> {
  const opened = await Promise.all(
    given.map(async (name) => ((await isStore(name)) ? { name, store: await openStore(name) } : { name })),
  );
  const stores = opened.flatMap(({ store }) => store ?? []);
  return {
    names: opened.map(({ name, store }) => (store ? `${name} ${store.fingerprint}` : name)),
    async *pictures() {
      let index = 0;
      for (const { name, store } of opened) {
        if (store !== undefined) {
          for await (const row of store.pictures()) yield { ...row, index: index++ };
          continue;
        }
        if (await isList(name)) {
          for await (const { file, picture } of listedPictures(name.slice(LIST.length)))
            yield { index: index++, file, picture };
          continue;
        }
        for await (const input of findInputs([name])) {
          yield { index: index++, ...('error' in input ? input : { file: input.file, picture: input.file }) };
        }
      }
    },
    close: async () => {
      await Promise.all(stores.map((store) => store.close()));
    },
  };
}

interface Writing {
  readonly out: string;
  readonly flags: EstimateFlags;
  readonly request: EstimateRequest;
  readonly outputs: OutputFacts;
  readonly inputs: Inputs;
  readonly estimator: AgeEstimator;
  readonly console: Console;
  readonly stop: AbortSignal;
}

async function write({
  out,
  flags,
  request,
  outputs,
  inputs,
  estimator,
  console,
  stop,
}: Writing): Promise<number> {
  const chosen = () => (flags.shard ? inShard(inputs.pictures(), flags.shard) : inputs.pictures());
  const total = process.stderr.isTTY ? await count(chosen()) : 0;
  const progress = new Progress(process.stderr, total);
  console.progress = progress;
  const noun = request.every === undefined ? 'picture' : 'video';
  let done = 0;
  try {
    const { details, every } = request;
    const make: MakeRecords = (found) =>
      every === undefined
        ? estimateAll(estimator, found, { details, stop })
        : estimateClips(estimator, found, { details, every, stop });
    const written = await writeResults(out, make, chosen(), {
      request,
      write: writerOf(out, request, outputs),
      stop,
      onResume: (before) => {
        done = before;
        progress.continueFrom(before);
        void console.note(`${counted(before, noun)} were done before`);
      },
      onRecord: async ({ record }) => {
        progress.update(++done);
        if ('error' in record) await console.complain(record.error);
      },
    });
    progress.stop();
    const { pictures, faces, failed, finished } = written;
    const people = `${faces} ${faces === 1 ? 'person' : 'people'}`;
    const parts = [counted(pictures, noun), every === undefined ? counted(faces, 'face') : people];
    if (failed > 0) parts.push(`${failed} failed`);
    if (finished) await console.note(`${parts.join(', ')} in ${out}`);
    else
      await console.note(`${parts.join(', ')} so far, in ${unfinishedName(out)}; the same command continues`);
    if (!finished) return EXIT.interrupted;
    return failed > 0 ? EXIT.inputsFailed : EXIT.done;
  } finally {
    progress.stop();
  }
}

async function count(pictures: AsyncIterable<unknown>): Promise<number> {
  let found = 0;
  for await (const _ of pictures) found++;
  return found;
}

function writerOf(out: string, request: EstimateRequest, outputs: OutputFacts): WriteRecords {
  const { details, every } = request;
  const formats: Readonly<Record<string, () => Format>> = {
    '.csv': () =>
      every === undefined
        ? csvFormat({ ...details, outputs })
        : clipCsvFormat({ atLeast: details.atLeast, outputs }),
    '.jsonl': () => jsonFormat,
  };
  const format = formats[extname(out).toLowerCase()];
  return format === undefined ? parquetOf(request) : textResults(format());
}
