/** `agewise train`: its arguments. What it does is in run-train.ts, loaded only when it is called. */
import type { Command } from 'commander';
import { collect, wholeNumber } from './arguments.js';
import { deviceOption, threadsOption } from './options.js';
import { withProcessSettings } from './process-settings.js';
import type { TrainFlags } from './train-flags.js';

const MOST_MEMBERS = 100;
/** A month. */
const MOST_MINUTES = 31 * 24 * 60;

const AFTER = `
A run is a folder: recipe.yaml, with every value that was used; run.json, what it
ran on; history.jsonl and event files for TensorBoard; report.html with curves;
last and best, the weights as safetensors; graph.onnx, the network.
agewise export makes a model of it.

Ctrl-C saves the run and ends it; again, it ends at once. However a run ended,
--resume goes on from its last checkpoint to the same result.

--smoke trains on 64 faces until each stage's loss is below 30% of its first:
minutes that show that a recipe learns, and no model to use.

Members of an ensemble can be trained on machines of their own: the same command
on each, with --member 1, --member 2 and so on. Their folders (member-1, ...) are
then put into one run's folder, or given to agewise export one by one. A store
may lie elsewhere on each: --data beside --resume says where.

Examples:
  agewise train finetune-hse-faceres --data utkface.store --out runs/first
  agewise train wrn-16-8-imdb-wiki --data imdb.store --set batch=64 --set stages.0.rate=0.05
  agewise train vgg19-groups-14 --weights vgg19_weights_tf_dim_ordering_tf_kernels.h5 --data utkface.store
  agewise train --resume runs/first
  agewise train own.yaml --smoke

Exit codes:
  0    trained
  1    training failed; the last checkpoint is kept
  2    wrong usage, or a recipe, weights, data or a run that cannot be used
  130  interrupted; the run is saved
`;

export function addTrain(program: Command): void {
  program
    .command('train')
    .summary('train a network by a recipe')
    .description('Trains a network by a recipe, on a store of faces.')
    .argument('[recipe]', 'one that agewise recipes lists, or a file')
    .option(
      '--data <store>',
      'a folder that agewise data import has made; again for each store of a recipe of several',
      collect,
    )
    .option('--out <folder>', 'where the run goes (default: runs/ and the name of the recipe)')
    .option('--set <key=value>', 'replace a value of the recipe; give it again for more', collect)
    .option(
      '--weights <file>',
      'what the network begins with: a path or an address of Keras HDF5, safetensors or ONNX weights',
    )
    .option('--resume <run>', 'go on with a run, or with the members of an ensemble')
    .option('--smoke', 'train on 64 faces, to show that the recipe learns')
    .option(
      '--member <n>',
      'of an ensemble this one alone, as on a machine of its own',
      wholeNumber(1, MOST_MEMBERS),
    )
    .addOption(deviceOption('where to train'))
    .addOption(threadsOption())
    .option(
      '--minutes <n>',
      'save the run and end after so long; --resume goes on',
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
