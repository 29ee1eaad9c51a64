/** Exports stores as files for other training programs. */
export { exportAgeGenderMat, type MatExport } from './age-gender-mat.js';
export { type AlResnetExport, type AlResnetOptions, exportAlResnetHdf5 } from './al-resnet-hdf5.js';
export { exportHdf5 } from './hdf5.js';
export { exportLabels } from './labels.js';
export type { ExportOptions } from './options.js';
export { exportPictures } from './picture-folder.js';
