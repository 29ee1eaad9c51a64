/** The package's front door, which is Node's; a browser comes in by `web.ts`. */
export * from './node.js';
