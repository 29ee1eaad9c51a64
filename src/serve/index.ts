/** The HTTP server (Node). */
export * from './workers/index.js';
