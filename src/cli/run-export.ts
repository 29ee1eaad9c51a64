/** Runs `agewise export`: runs → model file, or a model in a repository for Triton. */
import { resolve } from 'node:path';
import { writeModelFile } from '../onnx/file.js';
import { readModel, writeModel } from '../onnx/index.js';
import { AGE_MODEL } from '../registry/index.js';
import { addToTriton, readModelSource, shippedModelPath, type TritonVersion } from '../registry/node.js';
import { formatBytes } from '../report/index.js';
import { type Exported, exportRuns, type Measured } from '../train/index.js';
import { Console } from './console.js';
import type { ModelExportFlags } from './export-flags.js';
import { untilInterrupted } from './interrupt.js';
import { mustBeWritable } from './model-output.js';
import { Progress } from './progress.js';
import { counted } from './table.js';
import { jsonText, padEnd, padStart } from './text.js';
import { EXIT, UsageError } from './usage.js';

/** @returns the exit code */
export async function runExport(paths: readonly string[], flags: ModelExportFlags): Promise<number> {
  if (flags.triton !== undefined) return runTriton(flags.triton, paths, flags);
  if (paths.length === 0) throw new UsageError('expected a run and the file to write, found neither');
  const [runs, out] = [paths.slice(0, -1), paths.at(-1)!];
  if (runs.length === 0) {
    throw new UsageError(`expected a run and the file to write, found only '${out}'`);
  }
  await mustBeWritable(out, flags.overwrite ?? false);
  const console = new Console();
  return exported(runs, flags, console, async (made) => {
    await writeModelFile(out, made.model);
    await console.print(flags.json ? jsonLine(out, made) : summary(out, made));
  });
}

/** Makes one model of runs, and has it written. */
function exported(
  runs: readonly string[],
  flags: ModelExportFlags,
  console: Console,
  write: (made: Exported) => Promise<void>,
): Promise<number> {
  return untilInterrupted(async (signal) => {
    let progress: Progress | undefined;
    const onProgress = (done: number, total: number) => {
      progress ??= new Progress(process.stderr, total);
      console.progress = progress;
      progress.update(done);
    };
    try {
      const made = await exportRuns(runs, {
        last: flags.last ?? false,
        float16: flags.float16 ?? false,
        int8Weights: flags.int8Weights ?? false,
        int8: flags.int8 ?? false,
        folders: flags.data,
        session: flags.threads === undefined ? {} : { threads: flags.threads },
        signal,
        onProgress,
      });
      progress?.stop();
      await write(made);
      return EXIT.done;
    } finally {
      progress?.stop();
    }
  });
}

/** Adds a model that ships, an .onnx file, or what is made of runs, to a model repository. */
async function runTriton(
  repository: string,
  paths: readonly string[],
  flags: ModelExportFlags,
): Promise<number> {
  const console = new Console();
  const print = ({ name, version, folder }: TritonVersion) =>
    console.print(
      flags.json
        ? jsonText({ name, version, folder })
        : `${folder}: version ${version}. tritonserver --model-repository=${resolve(repository)} serves it.\n`,
    );
  const [first = AGE_MODEL, ...others] = paths;
  if (!(await isModel(first))) {
    return exported(paths, flags, console, async ({ model }) => {
      await print(await addToTriton(repository, model, 'made of the runs'));
    });
  }
  if (others.length > 0) {
    throw new UsageError(`--triton: expected one model, or runs, found '${first}' and '${others[0]}'`);
  }
  const { float16, int8Weights, int8, last, data } = flags;
  const ofRuns = Object.entries({ float16, 'int8-weights': int8Weights, int8, last, data }).find(
    ([, value]) => value !== undefined,
  );
  if (ofRuns !== undefined) {
    throw new UsageError(`--${ofRuns[0]}: expected a run with it, found the model '${first}'`);
  }
  const { bytes, model = readModel(bytes), name } = await readModelSource(first);
  await print(await addToTriton(repository, model, name));
  return EXIT.done;
}

const isModel = async (path: string): Promise<boolean> =>
  path.toLowerCase().endsWith('.onnx') || (await shippedModelPath(path)) !== undefined;

function jsonLine(file: string, { model, networks, comparison }: Exported): string {
  const bytes = writeModel(model).length;
  return jsonText({ file, bytes, networks, ...comparison });
}

function summary(file: string, { model, networks, comparison }: Exported): string {
  const of = networks > 1 ? ` of ${counted(networks, 'network')}` : '';
  const head = `${file}${of}: ${formatBytes(writeModel(model).length)}\n`;
  return comparison === undefined ? head : head + table(comparison.float, comparison.int8);
}

/** Compares float and 8-bit accuracy, size and time. */
function table(float: Measured, int8: Measured): string {
  const signed = (value: number, digits: number) => {
    const text = Math.abs(value).toFixed(digits);
    return Number(text) === 0 ? text : `${value < 0 ? '-' : '+'}${text}`;
  };
  const share = (value: number) => `${(100 * value).toFixed(1)}%`;
  const rows = [['', 'float', '8 bits', 'difference']];
  const [mae, mae8] = [float.figures.mae, int8.figures.mae];
  if (mae !== undefined && mae8 !== undefined) {
    rows.push(['MAE', mae.toFixed(3), mae8.toFixed(3), `${signed(mae8 - mae, 3)} years`]);
  }
  const [gender, gender8] = [float.figures.gender, int8.figures.gender];
  if (gender !== undefined && gender8 !== undefined) {
    rows.push(['gender', share(gender), share(gender8), `${signed(100 * (gender8 - gender), 1)} points`]);
  }
  rows.push(
    ['size', formatBytes(float.bytes), formatBytes(int8.bytes), `${share(int8.bytes / float.bytes)}`],
    [
      'time per face',
      `${float.milliseconds.toFixed(2)} ms`,
      `${int8.milliseconds.toFixed(2)} ms`,
      share(int8.milliseconds / float.milliseconds),
    ],
  );
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  return rows
    .map(
      ([what, ...cells]) =>
        `  ${padEnd(what!, widths[0]!)}${cells.map((cell, i) => `  ${padStart(cell, widths[i + 1]!)}`).join('')}\n`,
    )
    .join('');
}
