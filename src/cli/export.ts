/** The arguments of `agewise export`. run-export.ts runs it and is loaded only when needed. */
import { type Command, Option } from 'commander';
import { collect } from './arguments.js';
import type { ModelExportFlags } from './export-flags.js';
import { threadsOption } from './options.js';

const AFTER = `
The members of an ensemble become one model, and so do several runs, which may
come from different machines. Age distributions and genders are averaged over the
networks that predict them, so a run for age and a run for gender make a model of
both. All networks must expect the same pictures.

--int8 measures the range of activations on 256 training faces of the (first) run,
then compares both forms on its validation part. Weights are signed 8-bit integers
with a scale for each output channel; activations are unsigned. The result is
correct on every processor, and fast on those with instructions for it (VNNI, or
ARM's dot product).

--triton writes FOLDER/NAME/config.pbtxt and FOLDER/NAME/VERSION/model.onnx, where
NAME is the model's name and VERSION 1, or the number after the highest there. It
takes runs, a shipped model or an .onnx file; without any, the shipped age model.
Triton serves the network: prepared faces in, as the model's metadata describe, raw
outputs out. agewise serve serves the same, and the whole pipeline as well.

Examples:
  agewise export runs/first age.onnx
  agewise export runs/first small.onnx --int8
  agewise export runs/age runs/gender both.onnx --float16
  agewise export runs/first small.onnx --int8-weights --float16
  agewise export --triton models
  agewise export here/member-1 there/member-2 ensemble.onnx
  agewise estimate photo.jpg --model age.onnx

Exit codes:
  0    the model is written
  1    the model could not be written
  2    wrong usage, a folder without a trained run, runs that do not fit together,
       or data that cannot be used
  130  interrupted; no model was written
`;

export function addExport(program: Command): void {
  program
    .command('export')
    .summary('make a model from a run')
    .description('Makes a model file from one run or several, or adds models to a repository for Triton.')
    .argument('[paths...]', 'run folders made by agewise train, then the file to write')
    .usage('[options] <run...> <out.onnx>\n       agewise export --triton <folder> [run... | model]')
    .option('--float16', 'store weights as float16, half the size; computation stays in float32')
    .addOption(
      new Option(
        '--int8-weights',
        'store large weights as int8, a quarter of the size; computation stays in float32',
      ).conflicts('int8'),
    )
    .option('--int8', 'quantize weights and computation to 8 bits')
    .option('--last', "use the weights after a run's last step instead of its best ones")
    .option(
      '--data <store>',
      'where the store of the (first) run is now, with --int8 or a regression head; repeat for several stores',
      collect,
    )
    .option('--triton <folder>', 'add a model to this model repository of Triton')
    .option('--overwrite', 'replace an existing file')
    .addOption(threadsOption())
    .option('--json', 'print one JSON object')
    .addHelpText('after', AFTER)
    .action(async (paths: string[], flags: ModelExportFlags) => {
      const { runExport } = await import('./run-export.js');
      process.exitCode = await runExport(paths, flags);
    });
}
