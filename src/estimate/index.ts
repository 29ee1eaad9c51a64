/** The package's entry point for Node; `web.ts` is the one for browsers. */
export * from './node.js';
