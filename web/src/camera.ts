/**
 * `<agewise-camera>`: a live camera with the age of every face in view, for any page. docs/CAMERA.md describes it.
 *
 * Events, all of which bubble: `agewise-faces` for each frame, `agewise-decision` in the mode `check`, `agewise-start`,
 * `agewise-stop`, and `agewise-error`.
 */
import type { AgeEstimator, AgeRule, Frame, FrameEstimate, TrackedFace } from './agewise.js';
import css from './camera.css?inline';
import { Decider, type Decision } from './decide.js';
import { findDevices } from './devices.js';
import { h } from './dom.js';
import { Estimators, liveModel } from './estimators.js';
import { certainty, shortAge } from './face-text.js';
import { text } from './text.js';

export type { Decision } from './decide.js';

/** A file in the folder beside those of models and WebAssembly. */
const HERE = import.meta.url;

/** The size of frames that is asked for: faces of people before a camera have over 100 pixels then. */
const FRAME = { width: 640, height: 480, rate: 30 } as const;

const MOST_FACES = 8;
const REQUIRED_AGE = 18;
const CHALLENGE_YEARS = 7;
/** The interval of announcements for screen readers, in ms. */
const ANNOUNCE_MS = 3000;

export interface FacesDetail {
  /** The time of the frame in seconds. */
  readonly time: number;
  readonly width: number;
  readonly height: number;
  readonly faces: readonly TrackedFace[];
  /** Milliseconds from the frame's capture until its result was drawn. */
  readonly latency: number;
}

const sheet = new CSSStyleSheet();
sheet.replaceSync(css);

export class AgewiseCamera extends HTMLElement {
  static readonly observedAttributes = ['mirrored', 'mode', 'age', 'challenge'];

  /** An estimator that is already loaded; otherwise the element loads its own. */
  estimator: AgeEstimator | undefined;

  private readonly video = h('video', { muted: true, playsInline: true, attributes: { part: 'video' } });
  private readonly boxes = h('div', { attributes: { 'aria-hidden': 'true' } });
  private readonly stage = h('div', { class: 'stage' }, this.video, this.boxes);
  private readonly message = h('span', { attributes: { part: 'message', role: 'alert' } }, text.cameraIdle);
  private readonly startButton = h(
    'button',
    { type: 'button', attributes: { part: 'button' } },
    text.cameraStart,
  );
  private readonly cover = h(
    'div',
    { class: 'cover', attributes: { part: 'cover' } },
    this.message,
    this.startButton,
  );
  private readonly stopButton = h(
    'button',
    { type: 'button', class: 'stop', hidden: true, attributes: { part: 'button' } },
    text.cameraStop,
  );
  private readonly verdict = h('div', {
    class: 'verdict',
    hidden: true,
    attributes: { part: 'verdict', role: 'status' },
  });
  private readonly status = h('div', { class: 'status', attributes: { role: 'status' } });
  private readonly shown = new Map<number, { readonly box: HTMLElement; readonly label: HTMLElement }>();
  private run: AbortController | undefined;
  private decider: Decider | undefined;
  private announced = 0;
  private own: Estimators | undefined;

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = [sheet];
    root.append(this.stage, this.verdict, this.cover, this.stopButton, this.status);
    this.startButton.onclick = () => void this.start();
    this.stopButton.onclick = () => this.stop();
  }

  get running(): boolean {
    return this.run !== undefined;
  }

  connectedCallback(): void {
    this.attributeChangedCallback();
    if (this.hasAttribute('autostart')) void this.start();
  }

  disconnectedCallback(): void {
    this.stop();
    void this.own?.keep([]);
    this.own = undefined;
  }

  attributeChangedCallback(): void {
    this.stage.classList.toggle('mirrored', this.hasAttribute('mirrored'));
    const rule = this.rule();
    this.decider = rule && new Decider(rule);
    this.verdict.hidden = true;
  }

  /** Opens the camera and estimates until `stop`. A failure is shown and dispatched as `agewise-error`. */
  async start(): Promise<void> {
    if (this.run !== undefined) return;
    const run = new AbortController();
    this.run = run;
    this.show(text.cameraStarting, false);
    let stream: MediaStream | undefined;
    try {
      stream = await openCamera();
      run.signal.throwIfAborted();
      this.video.srcObject = stream;
      const [estimator] = await Promise.all([this.estimator ?? this.load(), this.video.play()]);
      run.signal.throwIfAborted();
      this.cover.hidden = true;
      this.stopButton.hidden = false;
      this.dispatch('start', undefined);
      const frames = newestFrames(this.video, run.signal);
      const options = { maxFaces: MOST_FACES, order: 'size', signal: run.signal } as const;
      for await (const result of estimator.follow(frames, options)) {
        this.draw(result);
        await painted();
        if (run.signal.aborted) break;
      }
    } catch (error) {
      if (!run.signal.aborted) {
        this.show(cameraProblem(error as Error), true);
        this.dispatch('error', { error });
      }
    } finally {
      for (const track of stream?.getTracks() ?? []) track.stop();
      if (this.run === run) this.stop();
    }
  }

  stop(): void {
    if (this.run === undefined) return;
    const failed = this.message.dataset.failed === 'true';
    this.run.abort();
    this.run = undefined;
    this.video.srcObject = null;
    for (const { box } of this.shown.values()) box.remove();
    this.shown.clear();
    this.verdict.hidden = true;
    this.status.textContent = '';
    if (!failed) this.show(text.cameraIdle, false);
    this.startButton.hidden = false;
    this.dispatch('stop', undefined);
  }

  private async load(): Promise<AgeEstimator> {
    const place = (name: string, standard: string) =>
      new URL(this.getAttribute(name) ?? new URL(standard, HERE), document.baseURI).href;
    const models = place('models-url', '../models/').replace(/\/?$/, '/');
    const threads = Number(this.getAttribute('threads'));
    this.own ??= new Estimators({
      models,
      wasm: place('wasm-url', '../wasm/'),
      worker: place('worker-url', '../worker.js'),
      ...(threads > 0 && { threads }),
    });
    return this.own.get({
      model: this.getAttribute('model') ?? (await liveModel(models)),
      gender: this.hasAttribute('gender'),
      device: (await findDevices()).automatic,
    });
  }

  private rule(): AgeRule | undefined {
    if (this.getAttribute('mode') !== 'check') return undefined;
    const age = Number(this.getAttribute('age') ?? REQUIRED_AGE) || REQUIRED_AGE;
    const challenge = Number(this.getAttribute('challenge') ?? age + CHALLENGE_YEARS) || age;
    return { age, challenge: Math.max(age, challenge) };
  }

  private show(message: string, failed: boolean): void {
    this.message.textContent = message;
    this.message.dataset.failed = String(failed);
    this.cover.hidden = false;
    this.stopButton.hidden = true;
    this.startButton.hidden = message === text.cameraStarting;
  }

  private draw({ time, width, height, faces }: FrameEstimate): void {
    const { clientWidth, clientHeight } = this.stage;
    const scale = Math.min(clientWidth / width, clientHeight / height);
    const [left, top] = [(clientWidth - scale * width) / 2, (clientHeight - scale * height) / 2];
    const mirrored = this.hasAttribute('mirrored');
    const gone = new Set(this.shown.keys());
    for (const { id, face } of faces) {
      gone.delete(id);
      const { box, label } = this.shown.get(id) ?? this.addBox(id);
      const x = mirrored ? width - face.box.x - face.box.width : face.box.x;
      box.style.transform = `translate(${left + scale * x}px, ${top + scale * face.box.y}px)`;
      box.style.width = `${scale * face.box.width}px`;
      box.style.height = `${scale * face.box.height}px`;
      box.classList.toggle('low', scale * face.box.y < 40);
      const shown = [shortAge(face), certainty(face)].filter(Boolean).join('  ·  ');
      if (label.textContent !== shown) label.textContent = shown;
    }
    for (const id of gone) {
      this.shown.get(id)!.box.remove();
      this.shown.delete(id);
    }
    this.decide(time, faces);
    this.announce(faces);
    const latency = performance.now() - time * 1000;
    this.dispatch('faces', { time, width, height, faces, latency } satisfies FacesDetail);
  }

  private addBox(id: number) {
    const label = h('div', { class: 'label', attributes: { part: 'label' } });
    const box = h('div', { class: 'box', attributes: { part: 'box' } }, label);
    this.boxes.append(box);
    const made = { box, label };
    this.shown.set(id, made);
    return made;
  }

  private decide(time: number, faces: readonly TrackedFace[]): void {
    if (this.decider === undefined) return;
    const decision = this.decider.take(time, faces);
    if (faces.length === 0) this.verdict.hidden = true;
    else if (faces.length > 1) this.showVerdict('refer', text.decisionAlone);
    else if (decision === undefined && this.verdict.hidden) this.showVerdict('', text.cameraSettling);
    if (decision === undefined) return;
    const { verdict } = decision;
    this.showVerdict(verdict, `${text.verdicts[verdict]}. ${text.verdictMeanings[verdict]}`);
    this.dispatch('decision', decision satisfies Decision);
  }

  private showVerdict(kind: string, message: string): void {
    this.verdict.className = `verdict ${kind}`;
    this.verdict.hidden = false;
    if (this.verdict.textContent !== message) this.verdict.textContent = message;
  }

  private announce(faces: readonly TrackedFace[]): void {
    if (performance.now() - this.announced < ANNOUNCE_MS) return;
    this.announced = performance.now();
    const ages = faces.map(({ face }) => `${shortAge(face)} ${text.years}`).join(', ');
    const message = `${text.cameraRunning(faces.length)}${ages && `: ${ages}`}`;
    if (this.status.textContent !== message) this.status.textContent = message;
  }

  private dispatch(name: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(`agewise-${name}`, { detail, bubbles: true, composed: true }));
  }
}

async function openCamera(): Promise<MediaStream> {
  if (navigator.mediaDevices === undefined) throw new DOMException(text.cameraErrors.none, 'NoCameras');
  const { width, height, rate } = FRAME;
  const video = {
    width: { ideal: width },
    height: { ideal: height },
    frameRate: { ideal: rate },
    facingMode: 'user',
  };
  return navigator.mediaDevices.getUserMedia({ video, audio: false });
}

function cameraProblem({ name, message }: Error): string {
  const known = text.cameraErrors;
  if (name === 'NotAllowedError' || name === 'NotFoundError' || name === 'NotReadableError')
    return known[name];
  return name === 'NoCameras' ? message : known.other(message);
}

/**
 * The newest frame of a video whenever one is requested: at once if there is one since the last, otherwise the next.
 * Times are of `performance.now()` at the frame's capture, in seconds.
 */
async function* newestFrames(
  video: HTMLVideoElement,
  signal: AbortSignal,
): AsyncGenerator<Frame<ImageBitmap | VideoFrame>> {
  let latest: { readonly captured: number } | undefined;
  let wake = () => {};
  const watch = (now: number, { captureTime }: VideoFrameCallbackMetadata) => {
    latest = { captured: captureTime ?? now };
    wake();
    if (!signal.aborted) video.requestVideoFrameCallback(watch);
  };
  video.requestVideoFrameCallback(watch);
  signal.addEventListener('abort', () => wake());
  let last = Number.NEGATIVE_INFINITY;
  while (!signal.aborted) {
    if (latest === undefined) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      continue;
    }
    // Cameras may give two frames the same timestamp.
    const captured = Math.max(latest.captured, last + 1);
    latest = undefined;
    last = captured;
    // A frame of the camera's own, where there are such, whose pixels the worker converts.
    const image = 'VideoFrame' in globalThis ? new VideoFrame(video) : await createImageBitmap(video);
    try {
      yield { image, time: captured / 1000 };
    } finally {
      image.close();
    }
  }
}

/** Lets the browser paint before the next frame is processed. */
const painted = (): Promise<void> =>
  new Promise((resolve) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => resolve();
    channel.port2.postMessage(null);
  });

if (!customElements.get('agewise-camera')) customElements.define('agewise-camera', AgewiseCamera);

declare global {
  interface HTMLElementTagNameMap {
    'agewise-camera': AgewiseCamera;
  }
  interface HTMLElementEventMap {
    'agewise-faces': CustomEvent<FacesDetail>;
    'agewise-decision': CustomEvent<Decision>;
    'agewise-error': CustomEvent<{ readonly error: Error }>;
    'agewise-start': CustomEvent<undefined>;
    'agewise-stop': CustomEvent<undefined>;
  }
}
