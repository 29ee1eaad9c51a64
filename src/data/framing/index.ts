/** How ready-made crops, and boxes that come with a set, frame faces: measured, and what follows from it. */
export { boxesOf, detectorBox, foundTooFew, framingOf, type KnownBoxes, type KnownFraming } from './known.js';
export { measureStore } from './measure.js';
export { roomAround } from './room.js';
export { spread } from './spread.js';
