/** The parts for the command line's help and argument checks, which load nothing else. */
export { parseShard, type Shard } from './shard.js';
