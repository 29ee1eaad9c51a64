/** How faces lie in pictures that are ready crops, and in boxes that come with a set: measured, and what follows of it. */
export { boxesOf, detectorBox, framingOf, type KnownBoxes, type KnownFraming } from './known.js';
export { measureStore } from './measure.js';
