/** The card of one face: age, range, distribution, and a second model's estimate. */
import type { FaceData } from './agewise.js';
import { chart } from './chart.js';
import { h } from './dom.js';
import { certainty, genderText, hasAge, shortAge, spokenFace } from './face-text.js';
import { text } from './text.js';

export interface FaceCardOptions {
  /** Counts from 1. */
  readonly number: number;
  readonly second?: { readonly model: string; readonly face: FaceData } | undefined;
  /** The required age and the challenge age, if an age check is on. */
  readonly marks: readonly number[];
  /** P(age ≥ t) by t. */
  readonly atLeast?: readonly (readonly [age: number, probability: number])[];
}

export function faceCard(
  face: FaceData,
  { number, second, marks, atLeast = [] }: FaceCardOptions,
): HTMLElement {
  const facts = [genderText(face), ...atLeast.map(([age, p]) => text.atLeast(age, p))].filter(Boolean);
  return h(
    'li',
    {
      class: 'face',
      tabIndex: 0,
      attributes: { 'aria-label': spokenFace(face, number) },
    },
    h(
      'div',
      { class: 'figure' },
      h('span', { class: 'ordinal', attributes: { 'aria-hidden': 'true' } }, String(number)),
      h('strong', { class: 'age' }, shortAge(face), hasAge(face) && h('small', {}, ` ${text.years}`)),
      h('span', { class: 'range' }, !face.group && h('small', {}, `${text.rangeLabel} `), certainty(face)),
    ),
    hasAge(face) && chart(face, { marks, second: second && hasAge(second.face) ? second.face : undefined }),
    second &&
      h(
        'p',
        { class: 'opinion' },
        text.secondOpinion(second.model, shortAge(second.face), certainty(second.face)),
      ),
    facts.length > 0 && h('p', { class: 'facts' }, facts.join(' · ')),
  );
}
