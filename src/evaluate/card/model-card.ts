/**
 * A model card (Mitchell et al., Model Cards for Model Reporting, FAT* 2019): what a model is, whom it was measured on,
 * its figures with intervals, for whom it works worst, limits and terms. The JSON holds everything; the text is made from it.
 */
import { formatNumber } from '../../report/index.js';
import type { CardMetadata } from '../card-metadata.js';
import type { Evaluation, FaceCount, Figure, Robustness } from '../document.js';
import {
  ageOf,
  bootstrapText,
  dataText,
  figureText,
  headlineFigures,
  worstText,
  writeShare,
} from '../figure-text.js';

export const CARD_VERSION = 1;

export interface CardModel {
  readonly name: string;
  /** Of its file; null if unknown. */
  readonly sha256: string | null;
  /** Null if only its predictions are known. */
  readonly facts: {
    readonly input: CardMetadata['input'];
    /** 0 for a model of gender alone. */
    readonly ageClasses: number;
    readonly youngest: number | null;
    readonly oldest: number | null;
    readonly gender: boolean;
    readonly provenance: CardMetadata['provenance'];
  } | null;
}

export interface CardFigure extends Figure {
  readonly name: string;
  /** The number of faces it counts, and the share of all faces that were not found. */
  readonly faces: number;
  readonly notFoundShare: number;
  /** Value and interval as text. */
  readonly text: string;
}

export interface CardGroups {
  readonly column: string;
  /** A sentence that names the worst and the best group; null if too few are large enough. */
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
  /** A sentence each: what it was measured on, and how intervals were made. */
  readonly measuredOn: string;
  readonly intervals: string;
  readonly bootstrap: Evaluation['bootstrap'];
  readonly faces: Evaluation['all']['faces'];
  readonly figures: readonly CardFigure[];
  readonly groups: readonly CardGroups[];
  /** The number of faces it was measured on, by age, gender and race. */
  readonly counts: readonly FaceCount[];
  /** The error on some faces, unchanged and under changes; null if it was not requested. */
  readonly robustness: Robustness | null;
  /** A sentence each. */
  readonly limits: readonly string[];
  readonly terms: readonly string[];
}

/** @param facts of the evaluation's models, in their order; as the predictions recorded them if left out */
export function modelCard(
  evaluation: Evaluation,
  facts: readonly (CardMetadata | undefined)[] = evaluation.origin?.models.map((model) => model.facts) ?? [],
): ModelCard {
  const { origin, bootstrap, all, groups, counts } = evaluation;
  const known = origin?.models ?? facts.map((one) => ({ name: one?.name ?? 'a model', sha256: null }));
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
    figures: headlineFigures(evaluation).map(({ name, figure, n, notFoundShare, write }) => ({
      name,
      ...figure,
      faces: n,
      notFoundShare,
      text: figureText(figure, write),
    })),
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
    robustness: evaluation.robustness ?? null,
    limits: limitsOf(evaluation),
    terms: [...new Set(facts.flatMap((one) => one?.provenance.licence ?? []))],
  };
}

const factsOf = ({ input, age, gender, provenance }: CardMetadata): CardModel['facts'] => ({
  input: { width: input.width, height: input.height, color: input.color, margin: input.margin },
  ageClasses: age?.classes.length ?? 0,
  youngest: age?.classes[0]?.from ?? null,
  oldest: age?.classes.at(-1)?.to ?? null,
  gender: gender !== null,
  provenance,
});

/** The limits that follow from the figures, and those of every age model. */
function limitsOf(evaluation: Evaluation): string[] {
  const { all, checks, groups, origin } = evaluation;
  const { notFound, total, notFoundShare } = all.faces;
  const adults = checks.filter(
    ({ column, decoding, threshold, minors }) =>
      column === null && decoding === 'mean' && threshold === ADULT && minors > 0,
  );
  return [
    'It estimates apparent age, how old a face looks: no proof of how old anybody is, and changed by makeup, light and expression.',
    'The figures hold for the faces named above; they differ for other people, cameras and pictures.',
    ...(notFound > 0
      ? [
          `${formatNumber(notFound)} of ${formatNumber(total)} faces (${writeShare(notFoundShare)}) were not found and count in no error.`,
        ]
      : []),
    ...groups.flatMap((grouping) => {
      const worst = worstText(grouping);
      return worst === undefined ? [] : [`By ${grouping.column}: ${worst}`];
    }),
    ...adults.map(
      ({ youngest, minors, falseAdultRate }) =>
        `Of ${facesText(minors)} ${youngest === 0 ? `younger than ${ADULT}` : `of ${youngest} to ${ADULT - 1} years`}, ${figureText(falseAdultRate, writeShare)} were estimated as ${ADULT} or older.`,
    ),
    ...adults.flatMap(({ older }) =>
      older === null
        ? []
        : [
            `Of ${facesText(older.faces)} of ${older.age} years or older, ${figureText(older.referred, writeShare)} were estimated younger than ${older.age}.`,
          ],
    ),
    ...(origin?.notes ?? []),
  ];
}

const ADULT = 18;

const facesText = (count: number): string => `${formatNumber(count)} ${count === 1 ? 'face' : 'faces'}`;
