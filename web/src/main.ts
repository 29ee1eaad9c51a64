/** The page: pictures and a camera, on the visitor's own machine. */
import type { AgeRule, ImageEstimate, PictureResult } from './agewise.js';
import './camera.js';
import type { FacesDetail } from './camera.js';
import { type Devices, findDevices, type PageDevice } from './devices.js';
import { h } from './dom.js';
import {
  DEFAULT_MODEL,
  Estimators,
  liveModel,
  type ModelChoice,
  modelNames,
  type Wanted,
} from './estimators.js';
import { faceCard } from './face-card.js';
import { PictureCard } from './picture-card.js';
import { text } from './text.js';
import { TrainView } from './train-view.js';

const FILE_CHOICE = 'file';
const CHECKS: readonly AgeRule[] = [
  { age: 18, challenge: 18 },
  { age: 18, challenge: 25 },
  { age: 21, challenge: 21 },
  { age: 21, challenge: 25 },
];
/** How often the list beside the camera is drawn, in ms: no faster than anyone can read. */
const PEOPLE_MS = 300;

const places = {
  models: new URL('models/', document.baseURI).href,
  wasm: new URL('wasm/', document.baseURI).href,
  worker: new URL('worker.js', document.baseURI).href,
  trainWorker: new URL('train-worker.js', document.baseURI).href,
  ...threadsAsked(),
};

/** `?threads=2` sets the number of threads, for measurements. */
function threadsAsked(): { threads?: number } {
  const threads = Number(new URLSearchParams(location.search).get('threads'));
  return threads > 0 ? { threads } : {};
}

// State: the visitor's choices and pictures. Without a choice a model or device is chosen for each use.
let model: ModelChoice | undefined;
let second: ModelChoice | undefined;
let device: PageDevice | undefined;
/** What the camera was last started with. */
let cameraUses: Wanted | undefined;
let devices: Devices = { all: ['cpu'], automatic: 'cpu' };
let gender = false;
let rule: AgeRule | undefined;
const cards: PictureCard[] = [];

const status = h('p', { class: 'status', attributes: { role: 'status' } });
const say = (message: string) => {
  status.textContent = message;
};
const estimators = new Estimators(places, (event) => {
  if (event.phase === 'load') say(text.loadingPart(event.done, event.total));
});
const nameOf = (choice: ModelChoice) => (typeof choice === 'string' ? choice : choice.name);
const wanted = (choice: ModelChoice): Wanted => ({
  model: choice,
  gender,
  device: device ?? devices.automatic,
});
const choices = (): ModelChoice[] => {
  const first = model ?? DEFAULT_MODEL;
  return second === undefined ? [first] : [first, second];
};

/** Tasks run one after another, so that a change of settings takes effect after those in progress. */
let queue: Promise<void> = Promise.resolve();
const enqueue = (work: () => Promise<void>) => {
  queue = queue.then(work).catch((error: Error) => say(text.cannotLoad(error.message)));
  return queue;
};

async function estimateCard(card: PictureCard): Promise<void> {
  card.wait();
  const estimates: ImageEstimate[] = [];
  for (const choice of choices()) {
    let result: PictureResult | undefined;
    try {
      const estimator = await estimators.get(wanted(choice));
      [result] = await estimator.estimate([card.picture.file]);
    } catch (error) {
      card.fail(text.cannotLoad((error as Error).message));
      return;
    }
    if ('error' in result!) {
      card.fail(result.error.message);
      say(text.failed(card.picture.name));
      return;
    }
    estimates.push(result!);
  }
  const [estimate, other] = estimates as [ImageEstimate, ImageEstimate?];
  await card.show({ estimate, second: other && { model: nameOf(second!), estimate: other } }, rule);
  say(text.facesIn(estimate.faces.length, card.picture.name));
}

function estimateAll(): void {
  void enqueue(async () => {
    for (const card of cards) await estimateCard(card);
    const inUse = cameraUses === undefined ? [] : [cameraUses];
    await estimators.keep([...choices().map(wanted), ...inUse]);
  });
}

function add(files: Iterable<File>, nameless?: string): void {
  showView('pictures');
  for (const file of files) {
    const name = nameless ?? file.name;
    const card = new PictureCard({ name, file }, () => {
      cards.splice(cards.indexOf(card), 1);
      card.dispose();
      update();
      chooseButton.focus();
    });
    cards.push(card);
    list.append(card.element);
    void enqueue(() => (cards.includes(card) ? estimateCard(card) : Promise.resolve()));
  }
  update();
}

// Controls.
const fileInput = h('input', {
  type: 'file',
  accept: 'image/*',
  multiple: true,
  hidden: true,
  attributes: { 'aria-label': text.choose, 'data-test': 'files' },
});
fileInput.onchange = () => {
  add(fileInput.files ?? []);
  fileInput.value = '';
};
const chooseButton = h(
  'button',
  { type: 'button', class: 'primary', onclick: () => fileInput.click() },
  text.choose,
);
const dropHint = h('span', { class: 'hint' }, text.dropHint);
const drop = h('div', { class: 'drop' }, chooseButton, dropHint, h('small', {}, text.formats));

const modelFile = h('input', {
  type: 'file',
  accept: '.onnx',
  hidden: true,
  attributes: { 'aria-label': text.modelFile },
});

/** A choice of models, one of which may be a file. */
function modelSelect(label: string, none: string, choose: (choice: ModelChoice | undefined) => void) {
  const select = h('select', {});
  const fill = (names: readonly string[]) => {
    const options = names.map((name) => h('option', { value: name }, name));
    const first = h('option', { value: '' }, none);
    select.replaceChildren(first, ...options, h('option', { value: FILE_CHOICE }, text.modelFile));
  };
  let before = '';
  select.onfocus = () => {
    before = select.value;
  };
  select.onchange = () => {
    if (select.value !== FILE_CHOICE) {
      choose(select.value || undefined);
      return;
    }
    modelFile.onchange = () => {
      const file = modelFile.files?.[0];
      modelFile.value = '';
      if (file === undefined) return;
      use(file);
    };
    modelFile.oncancel = () => {
      select.value = before;
    };
    modelFile.click();
  };
  /** Chooses a file as the visitor would. */
  const use = (file: File) => {
    const option = h('option', { value: `${FILE_CHOICE}:${file.name}` }, file.name);
    select.insertBefore(option, select.lastElementChild);
    select.value = option.value;
    choose(file);
  };
  return { element: h('label', { class: 'field' }, h('span', {}, label), select), fill, use };
}

const modelField = modelSelect(text.model, text.automatic, (choice) => {
  model = choice;
  estimateAll();
  void useCameraModel();
});
const secondField = modelSelect(text.compareWith, text.nothing, (choice) => {
  second = choice;
  estimateAll();
});
const deviceSelect = h('select', {});
const deviceField = h('label', { class: 'field', hidden: true }, h('span', {}, text.device), deviceSelect);
deviceSelect.onchange = () => {
  device = (deviceSelect.value || undefined) as PageDevice | undefined;
  estimateAll();
  void useCameraModel();
};
function showDevices(): void {
  const options = devices.all.map((one) => h('option', { value: one }, text.devices[one]));
  deviceSelect.replaceChildren(h('option', { value: '' }, text.automatic), ...options);
  deviceField.hidden = devices.all.length < 2;
}
const genderInput = h('input', { type: 'checkbox', attributes: { role: 'switch' } });
genderInput.onchange = () => {
  gender = genderInput.checked;
  estimateAll();
  void useCameraModel();
};
const checkSelect = h(
  'select',
  {},
  h('option', { value: '' }, text.checkOff),
  ...CHECKS.map(({ age, challenge }, i) => h('option', { value: String(i) }, text.checkRule(age, challenge))),
);
checkSelect.onchange = () => {
  rule = checkSelect.value === '' ? undefined : CHECKS[Number(checkSelect.value)];
  if (rule) {
    camera.setAttribute('age', String(rule.age));
    camera.setAttribute('challenge', String(rule.challenge));
  }
  camera.setAttribute('mode', rule ? 'check' : 'estimate');
  estimateAll();
};
const checkField = h('label', { class: 'field' }, h('span', {}, text.check), checkSelect);
const genderField = h('label', { class: 'switch' }, genderInput, h('span', {}, text.gender));
/** Settings without a meaning for training. */
const ofPictures = [secondField.element, checkField, genderField];
const settings = h(
  'form',
  {
    class: 'settings',
    attributes: { 'aria-label': text.settings },
    onsubmit: (event: Event) => event.preventDefault(),
  },
  modelField.element,
  secondField.element,
  checkField,
  deviceField,
  genderField,
);

// Pictures.
const list = h('div', { class: 'list' });
const clearButton = h('button', { type: 'button', class: 'quiet' }, text.clear);
clearButton.onclick = () => {
  for (const card of cards.splice(0)) card.dispose();
  update();
  chooseButton.focus();
};
const results = h(
  'section',
  { class: 'results', hidden: true, attributes: { 'aria-label': text.results } },
  h('div', { class: 'heading' }, h('h2', {}, text.results), clearButton),
  list,
);
const picturesView = h('div', { class: 'view' }, drop, results);

// The camera.
const camera = h('agewise-camera', { attributes: { mirrored: '' } });
const people = h('ol', { class: 'faces people', attributes: { 'aria-label': text.cameraPeople } });
let drawn = 0;
camera.addEventListener('agewise-faces', ({ detail }: CustomEvent<FacesDetail>) => {
  if (performance.now() - drawn < PEOPLE_MS) return;
  drawn = performance.now();
  const marks = rule ? [...new Set([rule.age, rule.challenge])] : [];
  const faces = detail.faces.toSorted((a, b) => a.id - b.id);
  people.replaceChildren(...faces.map(({ id, face }) => faceCard(face, { number: id, marks })));
});
camera.addEventListener('agewise-stop', () => people.replaceChildren());
const cameraView = h('div', { class: 'view camera', hidden: true }, camera, people);

async function useCameraModel(): Promise<void> {
  const wasRunning = camera.running;
  camera.stop();
  camera.estimator = undefined;
  if (wasRunning) await startCamera();
}

async function startCamera(): Promise<void> {
  try {
    cameraUses = wanted(model ?? (await liveModel(places.models)));
    camera.estimator = await estimators.get(cameraUses);
    await camera.start();
  } catch (error) {
    say(text.cannotLoad((error as Error).message));
  }
}

// Training.
const trainView = new TrainView({
  places,
  model: () => model ?? DEFAULT_MODEL,
  device: () => device ?? devices.automatic,
  onUse: (file) => modelField.use(file),
});
trainView.element.hidden = true;

// Views.
type View = 'pictures' | 'camera' | 'training';
const radios = (['pictures', 'camera', 'training'] as const).map((view) => {
  const radio = h('input', { type: 'radio', name: 'view', value: view, checked: view === 'pictures' });
  radio.onchange = () => showView(view);
  return { view, radio, label: h('label', {}, radio, h('span', {}, text[view])) };
});
const views = h(
  'div',
  { class: 'views', attributes: { role: 'radiogroup', 'aria-label': text.views } },
  ...radios.map(({ label }) => label),
);

function showView(view: View): void {
  for (const one of radios) one.radio.checked = one.view === view;
  picturesView.hidden = view !== 'pictures';
  cameraView.hidden = view !== 'camera';
  trainView.element.hidden = view !== 'training';
  for (const field of ofPictures) field.hidden = view === 'training';
  say('');
  if (view === 'camera') void startCamera();
  else camera.stop();
}

function update(): void {
  const some = cards.length > 0;
  results.hidden = !some;
  document.body.classList.toggle('busy', some);
  dropHint.textContent = some ? text.moreHint : text.dropHint;
}

const mark = h('span', { class: 'mark', attributes: { 'aria-hidden': 'true' } });
document
  .querySelector('#app')!
  .append(
    h('header', { class: 'top' }, h('span', { class: 'name' }, mark, text.name), views),
    h(
      'main',
      {},
      h('div', { class: 'intro' }, h('h1', {}, text.title), h('p', { class: 'privacy' }, text.privacy)),
      settings,
      picturesView,
      cameraView,
      trainView.element,
      status,
    ),
    h('footer', {}, h('p', {}, text.disclaimer)),
    fileInput,
    modelFile,
  );

// Drop and paste.
const hasFiles = ({ dataTransfer }: DragEvent) => dataTransfer?.types.includes('Files') ?? false;
let depth = 0;
addEventListener('dragenter', (event) => {
  if (!hasFiles(event)) return;
  depth++;
  document.body.classList.add('dropping');
  dropHint.textContent = text.dropNow;
});
addEventListener('dragleave', (event) => {
  if (!hasFiles(event) || --depth > 0) return;
  document.body.classList.remove('dropping');
  update();
});
addEventListener('dragover', (event) => {
  if (hasFiles(event)) event.preventDefault();
});
addEventListener('drop', (event) => {
  depth = 0;
  document.body.classList.remove('dropping');
  if (!hasFiles(event)) return;
  event.preventDefault();
  add(event.dataTransfer?.files ?? []);
  update();
});
addEventListener('paste', ({ clipboardData }) => {
  const files = clipboardData?.files ?? [];
  if (files.length > 0) add(files, text.pasted);
});

// Models, and work offline.
modelField.fill([DEFAULT_MODEL]);
secondField.fill([DEFAULT_MODEL]);
say(text.loading);
void (async () => {
  try {
    const [names, found] = await Promise.all([modelNames(places.models), findDevices()]);
    devices = found;
    showDevices();
    modelField.fill(names);
    secondField.fill(names);
    await estimators.get(wanted(DEFAULT_MODEL));
    say(text.ready);
  } catch (error) {
    say(text.cannotLoad((error as Error).message));
  }
  document.documentElement.dataset.ready = 'true';
})();
if (import.meta.env.MODE === 'production' && 'serviceWorker' in navigator) {
  navigator.serviceWorker
    .register('./sw.js')
    .then(() => navigator.serviceWorker.ready)
    .then(() => {
      document.documentElement.dataset.offline = 'ready';
    })
    .catch(() => {
      // Without HTTPS, or in a private window, the page works while there is a connection.
    });
}
