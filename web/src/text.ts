/** All text of the page and of the camera element, in English. */

const plural = (count: number, one: string, many: string) => `${count} ${count === 1 ? one : many}`;

export const text = {
  name: 'Agewise',
  title: 'How old does a face look?',
  privacy: 'Your pictures stay on this machine. They are never sent anywhere.',
  disclaimer:
    'An estimate of apparent age is no proof of how old anybody is, and must not be the only basis of a decision about a person.',
  loading: 'Loading the models…',
  loadingPart: (done: number, total: number) => `Loading the models: ${done} of ${total}`,
  ready: 'Ready',
  working: 'Estimating…',

  views: 'View',
  pictures: 'Pictures',
  camera: 'Camera',

  choose: 'Choose pictures',
  dropHint: 'or drop them here, or paste one',
  dropNow: 'Drop to estimate',
  moreHint: 'Drop, paste or choose more',
  formats: 'JPEG, PNG, WebP, AVIF or GIF',

  settings: 'Settings',
  model: 'Model',
  compareWith: 'Compare with',
  nothing: 'Nothing',
  modelFile: 'A model file…',
  gender: 'Show apparent gender',
  check: 'Age check',
  checkOff: 'Off',
  checkRule: (age: number, challenge: number) =>
    challenge > age ? `${age}, Challenge ${challenge}` : `${age}`,

  results: 'Results',
  picture: (name: string) => `Picture ${name}`,
  pasted: 'Pasted picture',
  faces: (count: number) => (count === 0 ? 'No face was found' : plural(count, 'face', 'faces')),
  facesIn: (count: number, name: string) =>
    count === 0 ? `No face was found in ${name}.` : `${plural(count, 'face', 'faces')} in ${name}.`,
  failed: (name: string) => `${name} cannot be read`,
  face: (n: number) => `Face ${n}`,
  age: (age: number) => age.toFixed(0),
  years: 'years',
  range: (low: number, high: number) => `${low.toFixed(0)}–${high.toFixed(0)}`,
  rangeLabel: '90% range',
  box: (n: number, age: number, low: number, high: number) =>
    `Face ${n}: about ${age.toFixed(0)} years, 90% range ${low.toFixed(0)} to ${high.toFixed(0)}`,
  chart: (age: number, low: number, high: number) =>
    `Distribution over the ages 0 to 100: mean ${age.toFixed(0)}, 90% between ${low.toFixed(0)} and ${high.toFixed(0)}`,
  genderOf: (label: string, p: number) =>
    `${label === 'female' ? 'Female' : 'Male'}, ${(100 * p).toFixed(0)}%`,
  atLeast: (age: number, p: number) => `${(100 * p).toFixed(0)}% at least ${age}`,
  secondOpinion: (model: string, age: number, low: number, high: number) =>
    `${model}: ${age.toFixed(0)} years (${low.toFixed(0)}–${high.toFixed(0)})`,

  verdicts: { pass: 'Pass', refer: 'Refer', fail: 'Fail' },
  verdictMeanings: {
    pass: 'Looks old enough.',
    refer: 'Ask for another proof of age.',
    fail: 'Looks too young.',
  },

  download: 'Download',
  downloadPicture: 'Annotated picture',
  downloadJson: 'JSON',
  downloadCsv: 'CSV',
  remove: 'Remove',
  removePicture: (name: string) => `Remove ${name}`,
  clear: 'Remove all',

  cameraStart: 'Start the camera',
  cameraStop: 'Stop the camera',
  cameraIdle: 'The camera is off.',
  cameraStarting: 'Starting the camera…',
  cameraRunning: (count: number) =>
    count === 0 ? 'No face in view' : `${plural(count, 'face', 'faces')} in view`,
  cameraPeople: 'In view',
  cameraSettling: 'Hold still for a moment.',
  cameraErrors: {
    NotAllowedError:
      'The camera is not allowed. Allow it in the browser’s settings for this page, then start it again.',
    NotFoundError: 'No camera was found. Connect one, then start it again.',
    NotReadableError: 'The camera is in use by another program.',
    none: 'The camera is available only over HTTPS.',
    other: (message: string) => `The camera cannot be used: ${message}`,
  },
  decisionAlone: 'One person at a time, please.',

  offlineReady: 'Ready to work offline',
  cannotLoad: (message: string) => `The models cannot be loaded: ${message}`,
} as const;
