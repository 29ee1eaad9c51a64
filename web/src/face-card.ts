/** The card of one face: age, range, distribution, and a second model's estimate. */
import type { FaceData } from './agewise.js';
import { chart } from './chart.js';
import { h } from './dom.js';
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
  const facts = [
    face.gender && text.genderOf(face.gender.label, face.gender.probability),
    ...atLeast.map(([age, p]) => text.atLeast(age, p)),
  ].filter(Boolean);
  return h(
    'li',
    {
      class: 'face',
      tabIndex: 0,
      attributes: { 'aria-label': text.box(number, face.age, ...face.interval) },
    },
    h(
      'div',
      { class: 'figure' },
      h('span', { class: 'ordinal', attributes: { 'aria-hidden': 'true' } }, String(number)),
      h('strong', { class: 'age' }, text.age(face.age), h('small', {}, ` ${text.years}`)),
      h('span', { class: 'range' }, h('small', {}, `${text.rangeLabel} `), text.range(...face.interval)),
    ),
    chart(face, { marks, second: second?.face }),
    second &&
      h(
        'p',
        { class: 'opinion' },
        text.secondOpinion(second.model, second.face.age, ...second.face.interval),
      ),
    facts.length > 0 && h('p', { class: 'facts' }, facts.join(' · ')),
  );
}
