/** `agewise export`: its arguments. What it does is in run-export.ts, loaded only when it is called. */
import type { Command } from 'commander';
import { collect } from './arguments.js';
import type { ModelExportFlags } from './export-flags.js';
import { threadsOption } from './options.js';

const AFTER = `
An ensemble's members become one model, and so do several runs, which may come
from machines of their own: age distributions and genders are averaged over the
networks that tell them, so that a run for age and one for gender make a model of
both. They must expect the same pictures.

--int8 looks at 256 of the faces that the (first) run learnt from to see what
values occur, and then compares both forms on its validation part. Weights are
signed 8-bit integers with a scale for each output channel, activations unsigned
ones. The result is right on every processor, and fast where it has instructions
for it (VNNI; ARM's dot product).

Examples:
  agewise export runs/first age.onnx
  agewise export runs/first small.onnx --int8
  agewise export runs/age runs/gender both.onnx --float16
  agewise export here/member-1 there/member-2 ensemble.onnx
  agewise estimate photo.jpg --model age.onnx

Exit codes:
  0    the model is there
  1    it could not be written
  2    wrong usage, a folder that holds no trained run, runs that do not fit, or
       data that cannot be used
  130  interrupted; nothing is under the name
`;

export function addExport(program: Command): void {
  program
    .command('export')
    .summary('make a model of a run')
    .description('Makes a model file of one run or of several.')
    .argument('<paths...>', 'folders that agewise train has made, and last the file to be made')
    .usage('[options] <run...> <out.onnx>')
    .option('--float16', 'store weights in half the size; they are computed with as before')
    .option('--int8', 'store weights and compute in 8 bits')
    .option('--last', "take the weights after a run's last step, not its best ones")
    .option(
      '--data <store>',
      'where the store of the (first) run is now, again for each; with --int8',
      collect,
    )
    .option('--overwrite', 'replace a file of that name')
    .addOption(threadsOption())
    .option('--json', 'print one JSON object')
    .addHelpText('after', AFTER)
    .action(async (paths: string[], flags: ModelExportFlags) => {
      const { runExport } = await import('./run-export.js');
      process.exitCode = await runExport(paths, flags);
    });
}
