/** Suggestions for misspelled names. */
export { nearest, plainName, SHORTEST_PART, suggestion } from './nearest.js';
