/** The card of a model that was made of published weights: where they come from, what they are, and their terms. */
import type { AgeClass } from '../age/index.js';
import type { InputSpec } from '../metadata/index.js';

/** What is known of published weights without running them. */
export interface ImportedFacts {
  /** A model that estimates, or a backbone that recipes begin with. */
  readonly kind: 'model' | 'backbone';
  readonly recipe: string;
  /** The network's title. */
  readonly network: string;
  /** The name of the file. */
  readonly source: string;
  /** Of the file of weights, in hexadecimal digits. */
  readonly sha256: string;
  readonly terms: string;
  readonly input: InputSpec;
  /** Undefined where it tells no ages. */
  readonly classes: readonly AgeClass[] | undefined;
  readonly gender: boolean;
}

/** Markdown. */
export function importCard(facts: ImportedFacts): string {
  const { kind, recipe, network, source, sha256, terms, input, classes, gender } = facts;
  const { width, height, color, mean, scale, margin, crop, alignment } = input;
  const told = [
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
    ['Tells', told.join(', ')],
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
      ? 'Estimates how old a face looks, or of which gender; that is no proof of either.'
      : 'A network without heads, to begin training with.',
    '',
    '| | |',
    '|---|---|',
    ...rows.map(([what, text]) => `| ${what} | ${text} |`),
    '',
    '## Limits',
    'Nobody has measured these weights here: `agewise evaluate --model FILE --data STORE --card FILE` does, on your own data.',
    'Whether they may be used for a purpose follows from their terms and from those of the pictures that they were trained on.',
    '',
  ].join('\n');
}
