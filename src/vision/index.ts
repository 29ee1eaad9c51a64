/** Vision's front door in Node: what a browser has too, and what reads and writes image files. */
export { type DecodeOptions, decodeImage, MAX_PIXELS } from './decode.js';
export * from './index.browser.js';
