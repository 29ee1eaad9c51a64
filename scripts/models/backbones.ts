/** The backbones that recipes begin with and that do not ship: a recipe names them `made:NAME`. */
import { buildDlib } from './dlib.js';
import { type MadeModel, SHIPPED } from './shipped.js';

export const BACKBONES: readonly MadeModel[] = [
  {
    file: 'dlib-face-resnet.onnx',
    build: buildDlib,
    sha256: '4d5e2e2ec63e0679f9fa521219fbd27c832102297eae45539c296688cde1502b',
  },
  SHIPPED.find(({ file }) => file === 'hse-faceres.onnx')!,
];
