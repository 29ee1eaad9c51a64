/** Names that somebody gave, and those that there are. */
export { nearest, plainName, SHORTEST_PART, suggestion } from './nearest.js';
