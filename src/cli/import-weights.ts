/** The arguments of `agewise import-weights`. run-import-weights.ts runs it and is loaded only when needed. */
import type { Command } from 'commander';
import type { ImportWeightsFlags } from './import-weights-flags.js';

const AFTER = `
FILE is a path or URL of weights as their authors published them: Keras HDF5 (of
Keras 1, 2 or 3), safetensors or ONNX. RECIPE names the system that they belong to;
its network, input, classes and heads become the model's. All layers must be present
and of the right size; missing and extra ones are named.

Weights of a network without heads for age or gender, as those of Keras
Applications, become a backbone: --set network.backbone=OUT.onnx starts training
from it.

OUT.md, beside the model, says where the weights come from, their hash and terms.

Examples:
  agewise import-weights weights.18-4.06.hdf5 --as wrn-16-8-imdb-wiki age.onnx
  agewise import-weights age_model_weights.h5 --as vgg-face-wiki-age face-age.onnx
  agewise import-weights resnet50v2.h5 --as resnet50v2-groups-14 backbone.onnx
  agewise estimate photo.jpg --model age.onnx

Exit codes:
  0    the model and its card are written
  1    they could not be written
  2    wrong usage, or weights of another network or layout
  130  interrupted; nothing was written
`;

export function addImportWeights(program: Command): void {
  program
    .command('import-weights')
    .summary('make a model from published weights')
    .description('Makes a model from weights that the authors of a system published, without training.')
    .argument('<file>', 'the weights: a path or URL')
    .argument('<out.onnx>', 'the model file to write')
    .requiredOption('--as <recipe>', "the recipe of the system, as 'agewise recipes' lists it")
    .option('--terms <text>', "the weights' terms, for the card; those of the published ones if left out")
    .option('--sha256 <hash>', 'the hash that the file must have')
    .option('--overwrite', 'replace existing files')
    .option('--json', 'print one JSON object')
    .addHelpText('after', AFTER)
    .action(async (file: string, out: string, flags: ImportWeightsFlags) => {
      const { runImportWeights } = await import('./run-import-weights.js');
      process.exitCode = await runImportWeights(file, out, flags);
    });
}
