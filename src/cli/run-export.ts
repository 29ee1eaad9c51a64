/** Runs `agewise export`: runs → model file. */

import { writeModelFile } from '../onnx/file.js';
import { writeModel } from '../onnx/index.js';
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
  const [runs, out] = [paths.slice(0, -1), paths.at(-1)!];
  if (runs.length === 0) {
    throw new UsageError(`expected a run and the file to write, found only '${out}'`);
  }
  await mustBeWritable(out, flags.overwrite ?? false);
  const console = new Console();
  return untilInterrupted(async (signal) => {
    let progress: Progress | undefined;
    const onProgress = (done: number, total: number) => {
      progress ??= new Progress(process.stderr, total);
      console.progress = progress;
      progress.update(done);
    };
    try {
      const exported = await exportRuns(runs, {
        last: flags.last ?? false,
        float16: flags.float16 ?? false,
        int8: flags.int8 ?? false,
        folders: flags.data,
        session: flags.threads === undefined ? {} : { threads: flags.threads },
        signal,
        onProgress,
      });
      progress?.stop();
      await writeModelFile(out, exported.model);
      await console.print(flags.json ? jsonLine(out, exported) : summary(out, exported));
      return EXIT.done;
    } finally {
      progress?.stop();
    }
  });
}

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
