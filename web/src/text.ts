/** All text of the page and of the camera element, in English. */

const plural = (count: number, one: string, many: string) => `${count} ${count === 1 ? one : many}`;

export const text = {
  name: 'Agewise',
  description: 'Estimates the apparent age of faces in pictures, on your own machine.',
  noScript: 'Agewise runs on your own machine, for which it needs JavaScript.',
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
  training: 'Train',

  choose: 'Choose pictures',
  dropHint: 'or drop them here, or paste one',
  dropNow: 'Drop to estimate',
  moreHint: 'Drop, paste or choose more',
  formats: 'JPEG, PNG, WebP, AVIF or GIF',

  settings: 'Settings',
  model: 'Model',
  automatic: 'Automatic',
  device: 'Runs on',
  devices: { cpu: 'Processor (WebAssembly)', webgpu: 'Graphics card (WebGPU)' },
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
  group: (from: number, to: number) => (to === 100 ? `${from}+` : from === to ? `${from}` : `${from}–${to}`),
  noAge: '–',
  years: 'years',
  range: (low: number, high: number) => `${low.toFixed(0)}–${high.toFixed(0)}`,
  rangeLabel: '90% range',
  box: (n: number, age: number, low: number, high: number) =>
    `Face ${n}: about ${age.toFixed(0)} years, 90% range ${low.toFixed(0)} to ${high.toFixed(0)}`,
  boxWithoutAge: (n: number, gender: string) => `Face ${n}: ${gender}`,
  boxOfGroup: (n: number, group: string, p: number) => `Face ${n}: ${group} years, ${(100 * p).toFixed(0)}%`,
  chart: (age: number, low: number, high: number) =>
    `Distribution over the ages 0 to 100: mean ${age.toFixed(0)}, 90% between ${low.toFixed(0)} and ${high.toFixed(0)}`,
  probabilityOf: (p: number) => `${(100 * p).toFixed(0)}%`,
  genderOf: (label: string, p: number) =>
    `${label === 'female' ? 'Female' : 'Male'}, ${(100 * p).toFixed(0)}%`,
  atLeast: (age: number, p: number) => `${(100 * p).toFixed(0)}% at least ${age}`,
  secondOpinion: (model: string, age: string, certainty: string | undefined) =>
    `${model}: ${age} years${certainty ? ` (${certainty})` : ''}`,

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

  trainTitle: 'Teach it your own faces',
  trainIntro:
    'Label your own pictures with ages, and the last layer of the model is trained on them, in this tab. A quarter of the pictures is held out to check that the model also improves on others.',
  trainFolder: 'Choose a folder',
  trainFolderHint: 'Its subfolders are named by ages, such as 34.',
  trainPictures: 'Add pictures to label',
  trainAge: (name: string) => `Age of the person in ${name}`,
  trainAgePlaceholder: 'Age',
  trainRemove: (name: string) => `Remove ${name}`,
  trainCount: (labelled: number, all: number) =>
    all === 0
      ? 'No pictures yet'
      : `${labelled} of ${plural(all, 'picture', 'pictures')} ${labelled === 1 ? 'has' : 'have'} an age`,
  trainMore: (count: number) => `and ${count} more`,
  trainLeast: (least: number) =>
    `At least ${least} pictures with an age are needed; sixty or more are better.`,
  trainStart: 'Start training',
  trainStop: 'Stop',
  trainLoading: 'Loading the model…',
  trainLooking: (done: number, total: number) => `Processing pictures: ${done} of ${total}`,
  trainEpoch: (epoch: number, total: number) => `Training: round ${epoch} of ${total}`,
  trainCurve: (rounds: number, first: number, last: number, held: readonly [number, number] | undefined) =>
    `Loss over ${rounds} rounds: on the training pictures from ${first.toFixed(2)} to ${last.toFixed(2)}${
      held ? `, on the held-out pictures from ${held[0].toFixed(2)} to ${held[1].toFixed(2)}` : ''
    }`,
  trainSeen: 'Trained on',
  trainHeld: 'Held out',
  trainLoss: 'Loss',
  trainRounds: 'Rounds',
  trainDone: (before: number, after: number, epoch: number) =>
    `On the held-out pictures the mean error went from ${before.toFixed(1)} to ${after.toFixed(1)} years; round ${epoch} is kept.`,
  trainUnchanged:
    'No round improved the held-out pictures, so the model stays unchanged. More pictures may help.',
  trainUnused: (count: number) => `${plural(count, 'picture', 'pictures')} could not be used:`,
  trainFailed: (message: string) => `Training failed: ${message}`,
  trainStopped: 'Training was stopped before it started.',
  trainDownload: 'Download the model',
  trainUse: 'Use it on this page',
  trainUsed: (name: string) => `The page now uses ${name}.`,

  offlineReady: 'Ready to work offline',
  cannotLoad: (message: string) => `The models cannot be loaded: ${message}`,
} as const;
