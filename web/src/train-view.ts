/** Training on the visitor's own pictures: labels, the curve, and the resulting model. */
import { type FineTuned, fineTune, type HeadEpoch, labelledFolder } from './agewise.js';
import { curve } from './curve.js';
import type { PageDevice } from './devices.js';
import { h } from './dom.js';
import { save, stem } from './downloads.js';
import type { ModelChoice, Places } from './estimators.js';
import { text } from './text.js';

/** The library's minimum number of pictures. */
const LEAST = 8;
const EPOCHS = 40;
/** The number of pictures shown; a folder may have thousands. */
const MOST_SHOWN = 60;
const OLDEST = 120;

/** The page's choices and callbacks for training. */
export interface TrainContext {
  readonly places: Places & { readonly trainWorker: string };
  /** The model to start from. */
  model(): ModelChoice;
  device(): PageDevice;
  /** Called to use the trained model on the page. */
  onUse(model: File): void;
}

interface Sample {
  readonly file: File;
  age: number | undefined;
  readonly element: HTMLElement;
  readonly url: string;
}

export class TrainView {
  readonly element: HTMLElement;
  private readonly samples: Sample[] = [];
  private run: AbortController | undefined;
  private readonly list = h('ul', { class: 'samples' });
  private readonly more = h('p', { class: 'count', hidden: true });
  private readonly count = h('p', { class: 'count' });
  private readonly least = h('p', { class: 'hint' }, text.trainLeast(LEAST));
  private readonly startButton = h(
    'button',
    { type: 'button', class: 'primary', disabled: true },
    text.trainStart,
  );
  private readonly stopButton = h('button', { type: 'button', hidden: true }, text.trainStop);
  private readonly progress = h('p', { class: 'count', attributes: { role: 'status' } });
  private readonly outcome = h('div', { class: 'outcome' });
  private readonly folderInput = fileInput(text.trainFolder, { webkitdirectory: '' });
  private readonly picturesInput = fileInput(text.trainPictures, { accept: 'image/*' });

  constructor(private readonly context: TrainContext) {
    this.folderInput.onchange = () => {
      this.add(labelledFolder(this.folderInput.files ?? []));
      this.folderInput.value = '';
    };
    this.picturesInput.onchange = () => {
      this.add([...(this.picturesInput.files ?? [])].map((image) => ({ image, age: undefined })));
      this.picturesInput.value = '';
    };
    this.startButton.onclick = () => void this.train();
    this.stopButton.onclick = () => this.run?.abort();
    const open = (input: HTMLInputElement, label: string) =>
      h('button', { type: 'button', onclick: () => input.click() }, label);
    this.element = h(
      'section',
      { class: 'card train', attributes: { 'aria-label': text.trainTitle } },
      h('h2', {}, text.trainTitle),
      h('p', { class: 'hint' }, text.trainIntro),
      h(
        'div',
        { class: 'actions' },
        open(this.folderInput, text.trainFolder),
        open(this.picturesInput, text.trainPictures),
        h('small', {}, text.trainFolderHint),
      ),
      this.list,
      this.more,
      this.count,
      h('div', { class: 'actions' }, this.startButton, this.stopButton, this.least),
      this.progress,
      this.outcome,
      this.folderInput,
      this.picturesInput,
    );
    this.update();
  }

  /** Stops what is in progress. */
  stop(): void {
    this.run?.abort();
  }

  private add(pictures: readonly { readonly image: File; readonly age: number | undefined }[]): void {
    for (const { image, age } of pictures) {
      const sample = this.sample(image, age);
      this.samples.push(sample);
      if (this.samples.length <= MOST_SHOWN) this.list.append(sample.element);
    }
    this.update();
  }

  private sample(file: File, age: number | undefined): Sample {
    const url = URL.createObjectURL(file);
    const input = h('input', {
      type: 'number',
      min: '0',
      max: String(OLDEST),
      step: '1',
      placeholder: text.trainAgePlaceholder,
      value: age === undefined ? '' : String(age),
      attributes: { 'aria-label': text.trainAge(file.name), inputmode: 'numeric' },
    });
    const remove = h(
      'button',
      { type: 'button', class: 'quiet', attributes: { 'aria-label': text.trainRemove(file.name) } },
      '×',
    );
    const image = h('img', { src: url, alt: '', loading: 'lazy' });
    const sample: Sample = { file, age, url, element: h('li', {}, image, input, remove) };
    input.oninput = () => {
      sample.age = input.value !== '' && input.checkValidity() ? input.valueAsNumber : undefined;
      this.update();
    };
    remove.onclick = () => {
      this.samples.splice(this.samples.indexOf(sample), 1);
      URL.revokeObjectURL(url);
      this.list.replaceChildren(...this.samples.slice(0, MOST_SHOWN).map(({ element }) => element));
      this.update();
      this.startButton.focus();
    };
    return sample;
  }

  private labelled(): { readonly image: File; readonly age: number }[] {
    return this.samples.flatMap(({ file, age }) => (age === undefined ? [] : [{ image: file, age }]));
  }

  private update(): void {
    const labelled = this.labelled().length;
    const hidden = this.samples.length - MOST_SHOWN;
    this.count.textContent = text.trainCount(labelled, this.samples.length);
    this.more.hidden = hidden <= 0;
    this.more.textContent = text.trainMore(hidden);
    this.startButton.disabled = labelled < LEAST || this.run !== undefined;
    this.least.hidden = labelled >= LEAST;
    this.stopButton.hidden = this.run === undefined;
  }

  private async train(): Promise<void> {
    const run = new AbortController();
    this.run = run;
    this.update();
    this.outcome.replaceChildren();
    this.say(text.trainLoading);
    const pictures = this.labelled();
    const history: HeadEpoch[] = [];
    let seen = 0;
    const { places } = this.context;
    const model = this.context.model();
    try {
      const tuned = await fineTune(pictures, {
        model: typeof model === 'string' ? model : new Uint8Array(await model.arrayBuffer()),
        epochs: EPOCHS,
        device: this.context.device(),
        cache: false,
        modelsUrl: places.models,
        wasmUrl: places.wasm,
        workerUrl: places.trainWorker,
        ...(places.threads !== undefined && { threads: places.threads }),
        signal: run.signal,
        onPicture: () => this.say(text.trainLooking(++seen, pictures.length)),
        onEpoch: (record) => {
          history.push(record);
          this.say(text.trainEpoch(record.epoch, EPOCHS));
          this.outcome.replaceChildren(figure(history));
        },
      });
      this.say('');
      const name = typeof model === 'string' ? model : stem(model.name);
      this.show(tuned, pictures, `${name}-tuned.onnx`);
    } catch (error) {
      this.outcome.replaceChildren();
      this.say(run.signal.aborted ? text.trainStopped : text.trainFailed((error as Error).message));
    } finally {
      this.run = undefined;
      this.update();
    }
  }

  private show(
    { model, history, epoch, unused }: FineTuned,
    pictures: readonly { readonly image: File }[],
    name: string,
  ): void {
    const [before, after] = [history[0]!.validation!, history[epoch]!.validation!];
    const file = new File([model], name, { type: 'application/octet-stream' });
    const use = h('button', { type: 'button', class: 'primary' }, text.trainUse);
    use.onclick = () => {
      this.context.onUse(file);
      this.say(text.trainUsed(name));
    };
    const download = h('button', { type: 'button', onclick: () => save(name, file) }, text.trainDownload);
    const problems = unused.map(({ index, error }) =>
      h('li', {}, `${pictures[index]!.image.name}: ${error.message}`),
    );
    this.outcome.replaceChildren(
      figure(history, epoch),
      h(
        'p',
        { attributes: { role: 'status' } },
        epoch === 0 ? text.trainUnchanged : text.trainDone(before.mae, after.mae, epoch),
      ),
      h('div', { class: 'actions' }, use, download),
    );
    if (problems.length > 0) {
      this.outcome.append(
        h('details', {}, h('summary', {}, text.trainUnused(problems.length)), h('ul', {}, ...problems)),
      );
    }
  }

  private say(message: string): void {
    this.progress.textContent = message;
  }
}

function fileInput(label: string, attributes: Readonly<Record<string, string>>): HTMLInputElement {
  const given = { 'aria-label': label, ...attributes };
  return h('input', { type: 'file', multiple: true, hidden: true, attributes: given });
}

function figure(history: readonly HeadEpoch[], kept?: number): HTMLElement {
  return h(
    'figure',
    {},
    h(
      'figcaption',
      {},
      h('strong', {}, text.trainLoss),
      h('span', { class: 'key first' }, text.trainSeen),
      h('span', { class: 'key second' }, text.trainHeld),
    ),
    curve(history, EPOCHS, kept),
  );
}
