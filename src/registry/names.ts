/** The names of the shipped models that the library uses by default. */
export const FACE_DETECTOR = 'face-detector';
export const AGE_MODEL = 'agewise-base';
