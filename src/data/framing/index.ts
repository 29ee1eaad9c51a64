/** How faces lie in pictures that are ready crops: measured, and what follows of it. */
export { framingOf, type KnownFraming } from './known.js';
export { measureFraming } from './measure.js';
