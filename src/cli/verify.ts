/** The arguments of `agewise verify`. run-verify.ts runs it and is loaded only when needed. */
import type { Command } from 'commander';
import { OLDEST } from '../age/index.js';
import { JUDGEABLE } from '../estimate/about.js';
import { wholeNumber } from './arguments.js';
import { deviceOption, maxPixelsOption, threadsOption } from './options.js';
import type { VerifyFlags } from './verify-flags.js';

const AFTER = `
pass   the estimated age is the challenge age or more
fail   the whole 90% interval of the estimate is below the required age
refer  anything else: ask for another proof

A photograph is also referred if it shows no face or several, or one that is
smaller than ${JUDGEABLE.size} pixels, blurred (a sharpness below ${JUDGEABLE.sharpness}) or turned away (the nose more
than ${JUDGEABLE.turn} eye distances off the middle of the eyes, about 40 degrees).

Probabilities can be taken at their word only of a model that agewise calibrate has
calibrated; --json has whether it was. An estimate is no proof of age, and must
not be the only basis of a decision about a person. Which minors pass, and which
adults are referred, agewise evaluate measures for every challenge age.

Examples:
  agewise verify photo.jpg --age 18 --challenge 25
  agewise verify photo.jpg --age 16 --model calibrated.onnx --json

Exit codes:
  0  there is an answer
  1  the photograph could not be read
  2  wrong usage, or a model that cannot be loaded
`;

export function addVerify(program: Command): void {
  program
    .command('verify')
    .summary('check whether a photograph shows somebody old enough')
    .description('Checks whether a photograph shows somebody old enough: pass, refer or fail.')
    .argument('<photo>', 'a photograph of one person')
    .option('--age <years>', 'the required age', wholeNumber(1, OLDEST), 18)
    .option(
      '--challenge <years>',
      'the estimated age from which somebody passes (default: 7 years above the age)',
      wholeNumber(1, OLDEST),
    )
    .option('--model <model>', 'a shipped model or an .onnx file')
    .option('--json', 'print one JSON object')
    .addOption(deviceOption('where the networks run'))
    .addOption(threadsOption())
    .addOption(maxPixelsOption())
    .addHelpText('after', AFTER)
    .action(async (photo: string, flags: VerifyFlags) => {
      const { runVerify } = await import('./run-verify.js');
      process.exitCode = await runVerify(photo, flags);
    });
}
