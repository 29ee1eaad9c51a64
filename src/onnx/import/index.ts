/** Importers: networks of other formats as ONNX graphs. They take bytes and read no files. */
export { ImportError } from './errors.js';
export { importTfjs, type TfjsOptions } from './tfjs.js';
export { importTflite, type TfliteOptions } from './tflite.js';
