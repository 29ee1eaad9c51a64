import type { AgeClass } from '../age/index.js';

/** The part of a model's metadata that a card uses. */
export interface CardMetadata {
  readonly name: string;
  readonly input: {
    readonly width: number;
    readonly height: number;
    readonly color: string;
    readonly margin: number;
  };
  readonly age: { readonly classes: readonly AgeClass[] } | null;
  readonly gender: object | null;
  readonly provenance: Readonly<Record<'backbone' | 'data' | 'recipe' | 'licence' | 'source', string>>;
}

/** These of a model's metadata, and no others. */
export const cardMetadata = ({ name, input, age, gender, provenance }: CardMetadata): CardMetadata => ({
  name,
  input: { width: input.width, height: input.height, color: input.color, margin: input.margin },
  age: age && { classes: age.classes.map(({ from, to }) => ({ from, to })) },
  gender: gender && {},
  provenance: {
    backbone: provenance.backbone,
    data: provenance.data,
    recipe: provenance.recipe,
    licence: provenance.licence,
    source: provenance.source,
  },
});
