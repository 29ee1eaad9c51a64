/** The names of models that ship and that the library takes by itself. */
export const FACE_DETECTOR = 'face-detector';
export const AGE_MODEL = 'agewise-base';
