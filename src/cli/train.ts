/** The arguments of `agewise train`. run-train.ts runs it and is loaded only when needed. */
import type { Command } from 'commander';
import { collect, outputPath, wholeNumber } from './arguments.js';
import { deviceOption, threadsOption } from './options.js';
import { withProcessSettings } from './process-settings.js';
import type { TrainFlags } from './train-flags.js';

const MOST_MEMBERS = 100;
const MOST_EPOCHS = 100_000;
/** A month. */
const MOST_MINUTES = 31 * 24 * 60;

const AFTER = `
A run is a folder: recipe.yaml, with every value used; run.json, what it ran on;
history.jsonl and event files for TensorBoard; report.html, with curves; last and
best, the weights as safetensors; graph.onnx, the network. agewise export makes a
model from it.

Ctrl-C saves the run and stops it; a second Ctrl-C stops at once. However a run
ended, --resume continues from its last checkpoint and reaches the same result.
--prolong adds a stage to a finished run: a copy of its last one, with that many
epochs, which recipe.yaml then lists too.

--smoke trains on 64 faces until each stage's loss is below 30% of its first. It
takes minutes and shows that a recipe learns; the model itself is of no use.

Members of an ensemble can be trained on different machines: run the same command
on each, with --member 1, --member 2 and so on. Then put their folders (member-1,
...) into one run's folder, or pass them to agewise export one by one. If a store
is in another place there, say where with --data beside --resume.

Examples:
  agewise train finetune-hse-faceres --data utkface.store --out runs/first
  agewise train wrn-16-8-imdb-wiki --data imdb.store --set batch=64 --set stages.0.rate=0.05
  agewise train vgg19-groups-14 --weights vgg19_weights_tf_dim_ordering_tf_kernels.h5 --data utkface.store
  agewise train --resume runs/first
  agewise train --resume runs/first --prolong 5
  agewise train own.yaml --smoke

Exit codes:
  0    trained
  1    training failed; the last checkpoint is kept
  2    wrong usage, or a recipe, weights, data, device or run that cannot be used
  130  interrupted; the run is saved
`;

export function addTrain(program: Command): void {
  program
    .command('train')
    .summary('train a network from a recipe')
    .description('Trains a network from a recipe, on a store of faces.')
    .argument('[recipe]', 'a name from agewise recipes, or a file')
    .option(
      '--data <store>',
      'a folder made by agewise data import; repeat for a recipe with several stores',
      collect,
    )
    .option('--out <folder>', "the run's folder (default: runs/ and the recipe's name)", outputPath)
    .option(
      '--set <key=value>',
      'replace a value of the recipe, or leave it out (null); can be repeated',
      collect,
    )
    .option('--weights <file>', 'initial weights: a path or URL of Keras HDF5, safetensors or ONNX weights')
    .option('--resume <run>', 'continue a run, or the members of an ensemble')
    .option(
      '--prolong <n>',
      'with --resume: train a finished run for n more epochs',
      wholeNumber(1, MOST_EPOCHS),
    )
    .option('--smoke', 'train on 64 faces, to check that the recipe learns')
    .option('--member <n>', 'train only this member of an ensemble', wholeNumber(1, MOST_MEMBERS))
    .addOption(deviceOption('where to train'))
    .addOption(threadsOption())
    .option(
      '--minutes <n>',
      'save the run and stop after this time; --resume continues it',
      wholeNumber(1, MOST_MINUTES),
    )
    .option('--json', 'print the history as JSON lines')
    .addHelpText('after', AFTER)
    .action(async (recipe: string | undefined, flags: TrainFlags) => {
      await withProcessSettings(async () => {
        const { runTrain } = await import('./run-train.js');
        process.exitCode = await runTrain(recipe, flags);
      });
    });
}
