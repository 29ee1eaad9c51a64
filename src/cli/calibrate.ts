/** The arguments of `agewise calibrate`. run-calibrate.ts runs it and is loaded only when needed. */
import type { Command } from 'commander';
import { anyNumber, collect } from './arguments.js';
import type { CalibrateFlags } from './calibrate-flags.js';
import { croppedOption, deviceOption, threadsOption } from './options.js';

const AFTER = `
The copy's probabilities are calibrated: distributions are tempered and smoothed to
minimize the negative log-likelihood of the labels, the mean error at each age is
corrected, and the interval is widened or narrowed to hold the ages of 90% of faces
like these (conformal prediction). Gender gets the threshold of the best balanced
accuracy, moved to one half. Faces of several stores count the same, but for the
interval, for which the stores do; with --balance rare ages, such as minors, count
more. Weights of years and the correction of bias are kept only if they lower the
error in cross-validation.

For age checks, --minors 2.7 makes ages around 13 so many times likelier before all
else: fewer minors are estimated as adults, and more adults are stopped. Which value
meets your limits, a validation part shows; the bias is not corrected then.

The likeliest distributions need not have the means with the lowest error. Below the
temperature that fits, --temperature 0.7 moves each mean towards the likeliest years,
and makes the model too certain; what is gained and lost, a validation part shows.

A model that learned from age groups alone may put much of its probability in single
years, which labels of groups cannot correct: --spread 2 spreads it.

Calibrate on faces that the model was not trained on, such as the validation part.
The model records them, and agewise evaluate refuses to evaluate it on them.

Examples:
  agewise calibrate agewise-base calibrated.onnx --data utkface.store --split hash --part validation --cropped
  agewise calibrate run calibrated.onnx --data utkface.store --data aaf.store --split hash --part validation --cropped
  agewise estimate photo.jpg --model calibrated.onnx
  agewise evaluate --model calibrated.onnx --data utkface.store --split hash --part test --cropped

Exit codes:
  0    the copy is written
  1    it could not be written, or some pictures could not be read
  2    wrong usage, a model that cannot be loaded, or too few faces
  130  interrupted; nothing was written
`;

export function addCalibrate(program: Command): void {
  program
    .command('calibrate')
    .summary("calibrate a model's probabilities and intervals on labelled faces")
    .description('Writes a copy of a model with probabilities and intervals calibrated on labelled faces.')
    .argument('<model>', 'a shipped model, an .onnx file or a run')
    .argument('<out.onnx>', 'the file to write')
    .requiredOption('--data <store>', 'a store of labelled faces; repeat for several', collect)
    .option('--split <name>', 'a split of each store, made by agewise data split')
    .option('--part <name>', 'the part of the split')
    .addOption(croppedOption())
    .option(
      '--balance <n>',
      'how much more rare ages count, from 0 (default) to 1 (all ages the same)',
      anyNumber(0, 1),
    )
    .option(
      '--minors <n>',
      'how many times likelier ages around 13 become, from 1 (default) to 20',
      anyNumber(1, 20),
    )
    .option(
      '--spread <years>',
      'smooth distributions by a Gaussian of at least so many years, up to 10; default 0',
      anyNumber(0, 10),
    )
    .option(
      '--temperature <t>',
      'temper distributions by this, 0.2 to 5, instead of the temperature and smoothing that fit',
      anyNumber(0.2, 5),
    )
    .option('--overwrite', 'replace an existing file')
    .option('--json', 'print one JSON object')
    .addOption(deviceOption('where the network runs'))
    .addOption(threadsOption())
    .addHelpText('after', AFTER)
    .action(async (model: string, out: string, flags: CalibrateFlags) => {
      const { runCalibrate } = await import('./run-calibrate.js');
      process.exitCode = await runCalibrate(model, out, flags);
    });
}
