/**
 * A model card (Mitchell et al., Model Cards for Model Reporting, FAT* 2019): what a model is, whom it was measured on,
 * how good it is with intervals, for whom it is worst, limits and terms. Its JSON holds all of it; its text is made of that.
 */
import type { AgeClass } from '../../age/index.js';
import { formatNumber } from '../../report/index.js';
import type { Evaluation, FaceCount, Figure } from '../document.js';
import {
  ageOf,
  bootstrapText,
  dataText,
  headlineFigures,
  rangeText,
  valueText,
  worstText,
  writeShare,
} from '../figure-text.js';

export const CARD_VERSION = 1;

/** What a model's metadata say of it. */
export interface ModelFacts {
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

export interface CardModel {
  readonly name: string;
  /** Of its file; null where it is not known. */
  readonly sha256: string | null;
  /** Null where only its predictions are known. */
  readonly facts: {
    readonly input: ModelFacts['input'];
    /** None of a model that tells gender alone. */
    readonly ageClasses: number;
    readonly youngest: number | null;
    readonly oldest: number | null;
    readonly gender: boolean;
    readonly provenance: ModelFacts['provenance'];
  } | null;
}

export interface CardFigure extends Figure {
  readonly name: string;
  /** How many faces it is of. */
  readonly faces: number;
  /** Value and interval as they are read. */
  readonly text: string;
}

export interface CardGroups {
  readonly column: string;
  /** Which group is the worst, in a sentence; null where fewer than two are large enough. */
  readonly worst: string | null;
  readonly parts: readonly {
    readonly name: string;
    readonly faces: number;
    readonly notFoundShare: number;
    readonly mae: Figure | null;
    readonly bias: Figure | null;
    readonly gender: Figure | null;
  }[];
}

export interface ModelCard {
  readonly formatVersion: typeof CARD_VERSION;
  readonly name: string;
  readonly models: readonly CardModel[];
  /** What it was measured on, and what intervals are, each in a sentence. */
  readonly measuredOn: string;
  readonly intervals: string;
  readonly bootstrap: Evaluation['bootstrap'];
  readonly faces: Evaluation['all']['faces'];
  readonly figures: readonly CardFigure[];
  readonly groups: readonly CardGroups[];
  /** How many faces it was measured on, by age, gender and race. */
  readonly counts: readonly FaceCount[];
  /** Each in a sentence. */
  readonly limits: readonly string[];
  readonly terms: readonly string[];
}

/** @param facts of the evaluation's models, in their order; empty where only predictions are known */
export function modelCard(evaluation: Evaluation, facts: readonly ModelFacts[] = []): ModelCard {
  const { origin, bootstrap, all, groups, counts } = evaluation;
  const known = origin?.models ?? facts.map(({ name }) => ({ name, sha256: null }));
  return {
    formatVersion: CARD_VERSION,
    name: origin?.name ?? facts[0]?.name ?? 'a model',
    models: known.map(({ name, sha256 }, m) => ({
      name,
      sha256,
      facts: facts[m] === undefined ? null : factsOf(facts[m]),
    })),
    measuredOn: `Measured on ${dataText(evaluation)}: ${formatNumber(all.faces.total)} faces.`,
    intervals: bootstrapText(evaluation),
    bootstrap,
    faces: all.faces,
    figures: headlineFigures(evaluation).map(({ name, figure, n, write }) => {
      const range = rangeText(figure, write);
      const text = valueText(figure, write) + (range === '' ? '' : ` (${range})`);
      return { name, ...figure, faces: n, text };
    }),
    groups: groups.map((grouping) => ({
      column: grouping.column,
      worst: worstText(grouping) ?? null,
      parts: grouping.parts.map((part) => ({
        name: part.name,
        faces: part.faces.total,
        notFoundShare: part.faces.notFoundShare,
        mae: ageOf(part)?.figures.mae ?? null,
        bias: ageOf(part)?.figures.bias ?? null,
        gender: part.gender?.figures.accuracy ?? null,
      })),
    })),
    counts,
    limits: limitsOf(evaluation),
    terms: [...new Set(facts.map(({ provenance }) => provenance.licence))],
  };
}

const factsOf = ({ input, age, gender, provenance }: ModelFacts): CardModel['facts'] => ({
  input: { width: input.width, height: input.height, color: input.color, margin: input.margin },
  ageClasses: age?.classes.length ?? 0,
  youngest: age?.classes[0]?.from ?? null,
  oldest: age?.classes.at(-1)?.to ?? null,
  gender: gender !== null,
  provenance,
});

/** What follows from the figures themselves, beside what is true of every model of age. */
function limitsOf(evaluation: Evaluation): string[] {
  const { all, checks, groups, origin } = evaluation;
  const { notFound, total, notFoundShare } = all.faces;
  const adults = checks.filter(
    ({ column, decoding, threshold, minors }) =>
      column === null && decoding === 'mean' && threshold === ADULT && minors > 0,
  );
  return [
    'It estimates apparent age, as faces look; that is no proof of how old anybody is, and makeup, light and expression change it.',
    'Figures are of the faces named above: of other people, cameras and pictures they differ.',
    ...(notFound > 0
      ? [
          `${formatNumber(notFound)} of ${formatNumber(total)} faces (${writeShare(notFoundShare)}) were not found, and are in no figure of errors.`,
        ]
      : []),
    ...groups.flatMap((grouping) => {
      const worst = worstText(grouping);
      return worst === undefined ? [] : [`By ${grouping.column}: ${worst}`];
    }),
    ...adults.map(
      ({ youngest, minors, falseAdultRate }) =>
        `Of ${formatNumber(minors)} faces ${youngest === 0 ? `younger than ${ADULT}` : `of ${youngest} to ${ADULT - 1} years`}, ${valueText(falseAdultRate, writeShare)} (${rangeText(falseAdultRate, writeShare)}) were told to be ${ADULT} or older.`,
    ),
    ...(origin?.notes ?? []),
  ];
}

const ADULT = 18;
