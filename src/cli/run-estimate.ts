/** Runs `agewise estimate`: names → pictures → estimates → lines, in the order given. */
import { type FailureRecord, failureRecord, type PictureRecord, pictureRecord } from '../bulk/index.js';
import { sentenceAbout } from '../errors/index.js';
import type { AgeEstimator, ImageEstimate, ImageFailure } from '../estimate/index.js';
import { reasonOf } from '../files/index.js';
import { planAnnotations, writeAnnotation } from './annotations.js';
import { Console } from './console.js';
import { csvFormat } from './csv.js';
import type { EstimateFlags } from './flags.js';
import type { Format } from './format.js';
import { expandInputs, type Input, STANDARD_INPUT } from './inputs.js';
import { jsonFormat } from './json.js';
import { loadEstimator } from './load-estimator.js';
import type { OutputFacts } from './output-facts.js';
import { makeNamedFolder } from './paths.js';
import { Progress } from './progress.js';
import { areClips, runClips } from './run-clips.js';
import { readAll, STANDARD_INPUT_NAME } from './standard-input.js';
import { commonFolder, counted, tableFormat } from './table.js';
import { lookOf, oneLine } from './text.js';
import { EXIT, UsageError } from './usage.js';

/** @returns the exit code */
export async function runEstimate(given: readonly string[], flags: EstimateFlags): Promise<number> {
  if (given.filter((name) => name === STANDARD_INPUT).length > 1) {
    throw new UsageError('standard input (-) can be given only once');
  }
  // The first Ctrl-C stops after the pictures in progress; the second is not caught and ends the process at once.
  const stop = new AbortController();
  const interrupt = () => stop.abort();
  process.once('SIGINT', interrupt);
  try {
    return await run(given, flags, stop);
  } finally {
    process.off('SIGINT', interrupt);
  }
}

async function run(given: readonly string[], flags: EstimateFlags, stop: AbortController): Promise<number> {
  const console = new Console();
  const inputs = await expandInputs(given, flags.annotate);
  const files = inputs.flatMap((input) => ('error' in input ? [] : [input.file]));
  const clips = areClips(files, flags);
  const annotations =
    flags.annotate === undefined || clips ? undefined : await planAnnotations(files, flags.annotate);
  const { estimator, outputs } = await loadEstimator(flags, console);
  if (clips) {
    try {
      if (flags.annotate !== undefined) await makeNamedFolder('--annotate', flags.annotate);
      const code = await runClips(estimator, files, { flags, outputs }, console, stop.signal);
      return stop.signal.aborted && !console.closed ? EXIT.interrupted : code;
    } finally {
      await estimator.dispose();
    }
  }
  const batch = new EstimateRun(inputs, stop, console, formatFor(flags, files, outputs), flags, annotations);
  try {
    if (flags.annotate !== undefined) await makeNamedFolder('--annotate', flags.annotate);
    await batch.run(estimator);
  } finally {
    await estimator.dispose();
  }
  if (stop.signal.aborted && !console.closed) return EXIT.interrupted;
  return batch.failed > 0 ? EXIT.inputsFailed : EXIT.done;
}

function formatFor(flags: EstimateFlags, files: readonly string[], outputs: OutputFacts): Format {
  if (flags.json) return jsonFormat;
  const details = { ...detailsOf(flags), outputs };
  if (flags.csv) return csvFormat(details);
  return tableFormat({ ...details, ...lookOf(process.stdout), files, cropped: flags.cropped ?? false });
}

function detailsOf({ atLeast = [], distribution = false }: EstimateFlags) {
  return { atLeast, distribution };
}

/** One pass over the inputs. */
class EstimateRun {
  failed = 0;
  private done = 0;
  private faces = 0;
  /** Paths of the copies written so far. */
  private readonly annotated: string[] = [];
  /** The bytes read from standard input. */
  private standardInput: Uint8Array | undefined;
  /** Errors of inputs that lead to no picture, by their index. */
  private readonly problems: (string | undefined)[];
  /** The copy being written while the networks continue. */
  private annotating: Promise<void> = Promise.resolve();

  constructor(
    private readonly inputs: readonly Input[],
    private readonly stop: AbortController,
    private readonly console: Console,
    private readonly format: Format,
    private readonly flags: EstimateFlags,
    private readonly annotations: ReadonlyMap<string, string> | undefined,
  ) {
    this.problems = inputs.map((input) => ('error' in input ? input.error : undefined));
  }

  async run(estimator: AgeEstimator): Promise<void> {
    const { console, format, inputs } = this;
    console.progress = new Progress(process.stderr, inputs.length);
    try {
      await console.print(format.head());
      for await (const result of estimator.stream(this.sources())) {
        await this.reportProblems();
        await this.printResult(inputs[this.done]!.file, result);
      }
      if (!this.stop.signal.aborted) await this.reportProblems();
      await this.annotating;
    } finally {
      console.progress.stop();
    }
    const { done, faces, failed } = this;
    await console.print(format.tail({ pictures: done, of: inputs.length, faces, failed }));
    await this.reportAnnotations();
  }

  /** The sources of all inputs that may be pictures. The estimator reads a few of them ahead. */
  private async *sources(): AsyncGenerator<string | Uint8Array> {
    for (const [index, { file }] of this.inputs.entries()) {
      if (this.stop.signal.aborted) return;
      if (this.problems[index] !== undefined) continue;
      if (file !== STANDARD_INPUT) {
        yield file;
        continue;
      }
      try {
        this.standardInput = await readAll(process.stdin, this.stop.signal);
      } catch (error) {
        this.problems[index] = sentenceAbout(STANDARD_INPUT_NAME, error);
        continue;
      }
      yield this.standardInput;
    }
  }

  /** Reports failed inputs up to the next picture. */
  private async reportProblems(): Promise<void> {
    for (let problem = this.problems[this.done]; problem !== undefined; problem = this.problems[this.done]) {
      await this.finish({ file: this.inputs[this.done]!.file, error: problem });
    }
  }

  private async printResult(file: string, result: ImageEstimate | ImageFailure): Promise<void> {
    if ('error' in result) {
      const name = file === STANDARD_INPUT ? STANDARD_INPUT_NAME : undefined;
      await this.finish(failureRecord(file, result.error, name));
      return;
    }
    const record = pictureRecord(file, result, detailsOf(this.flags));
    await this.finish(record);
    await this.annotate(record);
  }

  private async finish(record: PictureRecord | FailureRecord): Promise<void> {
    const { console, format } = this;
    this.done++;
    console.progress?.update(this.done);
    if ('error' in record) {
      this.failed++;
      if (!format.includesErrors) await console.complain(record.error);
    } else this.faces += record.faces.length;
    await console.print(format.picture(record));
    if (console.closed) this.stop.abort();
  }

  private async annotate({ file, faces }: PictureRecord): Promise<void> {
    const path = this.annotations?.get(file);
    if (path === undefined) return;
    const source = file === STANDARD_INPUT ? this.standardInput! : file;
    await this.annotating;
    this.annotating = writeAnnotation(source, faces, path, this.flags.annotate!, this.flags.maxPixels).then(
      () => {
        this.annotated.push(path);
      },
      async (error: Error) => {
        this.failed++;
        await this.console.complain(`${file}: cannot write its annotated copy: ${reasonOf(error)}`);
      },
    );
  }

  private async reportAnnotations(): Promise<void> {
    const { annotate: folder, json, csv } = this.flags;
    if (folder === undefined) return;
    // Mirrored paths may be deep: print the folder that holds them all.
    const where = commonFolder(this.annotated) || folder;
    const line = `${counted(this.annotated.length, 'annotated picture')} in ${where}`;
    await (json || csv ? this.console.note(line) : this.console.print(`${oneLine(line)}\n`));
  }
}
