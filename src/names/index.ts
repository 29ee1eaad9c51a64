/** Names that somebody gave, and those that there are. */
export { nearest, plainName, SHORTEST_PART } from './nearest.js';
