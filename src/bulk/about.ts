/** What the command line's help and checks take of this room, which loads nothing else. */
export { parseShard, type Shard } from './shard.js';
