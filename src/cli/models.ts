/** `agewise models`: the shipped models and their scores. */
import type { Command } from 'commander';
import type { ShippedModel } from '../registry/node.js';
import { Console } from './console.js';
import { factList } from './fact-list.js';
import { jsonText, lookOf, type Paint, paint } from './text.js';

const AFTER = `
The card beside each model says where it comes from, what it was trained on and
for whom it works badly.

Examples:
  agewise models
  agewise estimate photo.jpg --model agewise-base
`;

export function addModels(program: Command): void {
  program
    .command('models')
    .summary('list the shipped models and their scores')
    .description('Lists the shipped models and their scores.')
    .option('--json', 'print one JSON object per line for each model')
    .addHelpText('after', AFTER)
    .action(async ({ json }: { json?: true }) => {
      const { shippedModels } = await import('../registry/node.js');
      const models = await shippedModels();
      const style = paint(lookOf(process.stdout));
      const print = json ? jsonLine : (model: ShippedModel) => paragraph(model, style);
      await new Console().print(models.map(print).join(json ? '' : '\n'));
    });
}

/** `metadata` is the document in the model file; null for the face detector. */
function jsonLine({ name, bytes, card, metadata }: ShippedModel): string {
  return jsonText({ name, bytes, card, metadata: metadata ?? null });
}

function paragraph({ name, bytes, card, metadata }: ShippedModel, style: Paint): string {
  const rows: [string, string][] = [['size', `${(bytes / 1e6).toFixed(2)} MB`]];
  if (metadata !== undefined) {
    const { age, gender, input, provenance, metrics } = metadata;
    const ages =
      age && `ages ${age.classes[0]!.from} to ${age.classes.at(-1)!.to} in ${age.classes.length} classes`;
    rows.push(
      ['output', [...(ages ? [ages] : []), ...(gender ? ['gender'] : [])].join(', ')],
      ['input', `${input.width}×${input.height} ${input.color}, margin ${input.margin}`],
      ['backbone', provenance.backbone],
      ['data', provenance.data],
      ['recipe', provenance.recipe],
      ['licence', provenance.licence],
      ['source', provenance.source],
      ...Object.entries(metrics).map(([set, scores]): [string, string] => ['scored', score(set, scores)]),
    );
  } else rows.unshift(['finds', 'faces, their eyes, nose and mouth']);
  rows.push(['card', card]);
  return `${style.bold(name)}\n${factList(rows, style)}`;
}

/** Such as `mae 5.61, gender 0.934 on UTKFace`. */
function score(set: string, scores: Readonly<Record<string, number>>): string {
  const figures = Object.entries(scores).map(([name, value]) => `${name} ${value}`);
  return `${figures.join(', ')} on ${set}`;
}
