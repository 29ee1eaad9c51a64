/** Runs `agewise import-weights`: published weights → model file and card. */
import { exists, writeWholeFile } from '../files/index.js';
import { writeModelFile } from '../onnx/file.js';
import { type ImportedWeights, importWeights, loadRecipe } from '../train/index.js';
import { Console } from './console.js';
import type { ImportWeightsFlags } from './import-weights-flags.js';
import { untilInterrupted } from './interrupt.js';
import { mustBeWritable } from './model-output.js';
import { jsonText } from './text.js';
import { TransferBars } from './transfer-bars.js';
import { EXIT, UsageError } from './usage.js';

/** @returns the exit code */
export async function runImportWeights(
  file: string,
  out: string,
  { as, terms, sha256, overwrite = undefined, json }: ImportWeightsFlags,
): Promise<number> {
  await mustBeWritable(out, overwrite ?? false);
  const cardPath = out.replace(/\.onnx$/i, '.md');
  if (!overwrite && (await exists(cardPath))) {
    throw new UsageError(
      `${cardPath}: expected a new name for the card, found an existing file; --overwrite replaces it`,
    );
  }
  const recipe = await loadRecipe(as);
  const console = new Console();
  return untilInterrupted(async (signal) => {
    const bars = new TransferBars(console);
    try {
      const imported = await importWeights(file, recipe, {
        signal,
        terms,
        ...(sha256 !== undefined && { sha256 }),
        onProgress: (progress) => bars.update(file, progress),
        onNotice: (sentence) => void console.complain(sentence),
      });
      await writeModelFile(out, imported.model);
      await writeWholeFile(cardPath, imported.card);
      await console.print(json ? jsonLine(out, cardPath, imported) : summary(out, cardPath, imported));
      return EXIT.done;
    } finally {
      bars.stop();
    }
  });
}

const jsonLine = (file: string, card: string, { kind, recipe, sha256, terms }: ImportedWeights): string =>
  jsonText({ file, card, kind, recipe, sha256, terms });

function summary(
  file: string,
  card: string,
  { kind, network, classes, gender, terms }: ImportedWeights,
): string {
  const outputs = [...(classes ? [`ages in ${classes.length} classes`] : []), ...(gender ? ['gender'] : [])];
  const what =
    kind === 'model'
      ? `${network}, ${outputs.join(' and ')}`
      : `${network} without heads, a backbone for training (--set network.backbone=${file})`;
  return `${file}: ${what}\n${card}: ${terms}\n`;
}
