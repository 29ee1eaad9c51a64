/** The backbones for recipes that do not ship; a recipe names them `made:NAME`. */
import { buildDlib } from './dlib.js';
import { buildAgeModel } from './hse-faceres.js';
import type { MadeModel } from './shipped.js';

export const BACKBONES: readonly MadeModel[] = [
  {
    file: 'dlib-face-resnet.onnx',
    build: buildDlib,
    sha256: '4d5e2e2ec63e0679f9fa521219fbd27c832102297eae45539c296688cde1502b',
  },
  {
    file: 'hse-faceres.onnx',
    build: buildAgeModel,
    sha256: 'be23b7dd4311173beca0ff75d627bc69104f4c2b3e9c27e70dfaa2b65d7daf52',
  },
];
