/** The card of a model made from published weights: their source, contents and terms. */
import type { AgeClass } from '../age/index.js';
import type { InputSpec } from '../metadata/index.js';

/** The facts about published weights that need no evaluation. */
export interface ImportedFacts {
  /** A model that estimates, or a backbone for recipes. */
  readonly kind: 'model' | 'backbone';
  readonly recipe: string;
  /** The network's title. */
  readonly network: string;
  /** The name of the file. */
  readonly source: string;
  /** The hash of the weights' file, in hexadecimal digits. */
  readonly sha256: string;
  readonly terms: string;
  readonly input: InputSpec;
  /** Undefined if it does not predict ages. */
  readonly classes: readonly AgeClass[] | undefined;
  readonly gender: boolean;
}

/** Markdown. */
export function importCard(facts: ImportedFacts): string {
  const { kind, recipe, network, source, sha256, terms, input, classes, gender } = facts;
  const { width, height, color, mean, scale, margin, crop, alignment } = input;
  const outputs = [
    ...(classes ? [`ages ${classes[0]!.from} to ${classes.at(-1)!.to} in ${classes.length} classes`] : []),
    ...(gender ? ['gender'] : []),
    ...(kind === 'backbone' ? ['features, for `network.backbone` of a recipe'] : []),
  ];
  const rows = [
    ['Network', network],
    ['Recipe', `\`${recipe}\``],
    ['Weights', `as their authors published them, from \`${source}\`; nothing was trained here`],
    ['SHA-256 of the source', `\`${sha256}\``],
    ['Terms', terms],
    ['Output', outputs.join(', ')],
    [
      'Input',
      `${width}×${height} ${color}, (value − [${mean.join(', ')}]) · [${scale.map((s) => Number(s.toPrecision(6))).join(', ')}]`,
    ],
    ...(kind === 'model' ? [['Crop', `margin ${margin}, ${crop}, alignment ${alignment}`]] : []),
  ];
  return [
    `# ${recipe}: published weights`,
    '',
    kind === 'model'
      ? 'Estimates how old a face looks, or its gender; that is no proof of either.'
      : 'A network without heads, to start training from.',
    '',
    '| | |',
    '|---|---|',
    ...rows.map(([what, text]) => `| ${what} | ${text} |`),
    '',
    '## Limits',
    'These weights were not evaluated here: `agewise evaluate --model FILE --data STORE --card FILE` does it on your own data.',
    'Their terms, and those of the pictures they were trained on, decide what they may be used for.',
    '',
  ].join('\n');
}
