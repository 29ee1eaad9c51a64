/** The contenders of bench/web.ts as scripts for a page, and the loops that show them a camera. */

/** What a contender's script in the page gives: `start` loads it, and its result takes a video's frame. */
const HUMAN = (skipping: boolean) => `
  const { Human } = await import('/human/human.esm.js');
  const off = { enabled: false };
  const again = ${skipping ? '{}' : '{ skipFrames: 0, skipTime: 0 }'};
  const human = new Human({
    backend: 'wasm', wasmPath: '/tfjs-wasm/', modelBasePath: '/human-models/', debug: false, warmup: 'none',
    ${skipping ? '' : 'cacheSensitivity: 0,'}
    filter: off, gesture: off, body: off, hand: off, object: off, segmentation: off,
    face: { enabled: true, detector: { maxDetected: 2, ...again }, mesh: off, attention: off, iris: off, emotion: off, antispoof: off,
      liveness: off, description: { enabled: true, ...again } },
  });
  await human.load();
  // It may answer from an earlier frame: counts the runs of its age network.
  globalThis.computed = 0;
  const { faceres } = human.models.models;
  const execute = faceres.execute.bind(faceres);
  faceres.execute = (...inputs) => { globalThis.computed++; return execute(...inputs); };
  globalThis.contender = async (video) => {
    const { face, error } = await human.detect(video);
    if (error) throw new Error(error);
    return face.map(({ box: [x, y, width, height], age }) => ({ x, y, width, height, age }));
  };`;

const CONTENDERS = {
  'agewise-camera': `
    const camera = document.createElement('agewise-camera');
    camera.style.width = '640px';
    document.body.append(camera);
    await import('/page/agewise-camera.js');`,
  agewise: `
    const { AgeEstimator } = await import('/agewise/agewise.js');
    const onProgress = (event) => { if (event.phase === 'runtime') globalThis.runtime = event; };
    const estimator = await AgeEstimator.load({
      modelsUrl: '/models/', wasmUrl: '/onnxruntime-web/', device: 'cpu', onProgress });
    const queue = [];
    let wake = () => {};
    const frames = (async function* () {
      for (;;) {
        while (queue.length === 0) await new Promise((resolve) => { wake = resolve; });
        yield queue.shift();
      }
    })();
    const results = estimator.follow(frames);
    globalThis.contender = async (video, time) => {
      const image = new VideoFrame(video);
      queue.push({ image, time });
      wake();
      const { value } = await results.next();
      image.close();
      return value.faces.map(({ face: { box, age } }) => ({ ...box, age }));
    };`,
  human: HUMAN(true),
  'human, no skipping': HUMAN(false),
  'face-api': `
    const api = await import('/face-api/face-api.esm.js');
    api.tf.setWasmPaths('/tfjs-wasm/');
    await api.tf.setBackend('wasm');
    await api.tf.ready();
    await Promise.all([api.nets.tinyFaceDetector, api.nets.ageGenderNet].map((net) => net.loadFromUri('/face-api-models')));
    const options = new api.TinyFaceDetectorOptions();
    globalThis.contender = async (video) => {
      const found = await api.detectAllFaces(video, options).withAgeAndGender();
      return found.map(({ detection: { box: { x, y, width, height } }, age }) => ({ x, y, width, height, age }));
    };`,
} as const;
export type Contender = keyof typeof CONTENDERS;
export const CONTENDER_NAMES = Object.keys(CONTENDERS) as Contender[];

/** What a turn tells. */
export interface Turn {
  /** Different camera frames a second whose result was drawn. */
  readonly rate: number;
  /** Of these, frames a second whose ages were computed anew, not taken from an earlier frame. */
  readonly newRate: number;
  /** Milliseconds from a frame's capture to its drawn result: the 95th percentile, and the last third's over the first third's. */
  readonly p95: number;
  readonly growth: number;
  /** The page's longest task in milliseconds. */
  readonly longest: number;
  /** Faces found in a frame on average. */
  readonly faces: number;
  /** Milliseconds from the first frame with a face, after some without, to its drawn result: the longest; null without such. */
  readonly entered: number | null;
}

/** What both loops share: `turn` collects a turn's results. */
const TURN = `
  globalThis.turn = () => {
    const frames = new Set(), anew = new Set(), delays = [], entered = [], longest = [0];
    let faces = 0, start, empty = false, appeared;
    const observer = new PerformanceObserver((list) => longest.push(...list.getEntries().map(({ duration }) => duration)));
    observer.observe({ type: 'longtask' });
    const spot = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
    const middle = (of) => [...of].sort((a, b) => a - b)[of.length >> 1] ?? NaN;
    return {
      // The film's background is grey, and in its middle is a face or nothing.
      look(video, captured) {
        spot.drawImage(video, video.videoWidth / 2, video.videoHeight / 2, 1, 1, 0, 0, 1, 1);
        const [r, g, b] = spot.getImageData(0, 0, 1, 1).data;
        const isEmpty = Math.max(r, g, b) - Math.min(r, g, b) < 8 && Math.abs(g - 128) < 8;
        if (empty && !isEmpty) appeared = captured;
        empty = isEmpty;
      },
      // @returns whether time is up; the first frame warms up
      drawn(frame, captured, found, seconds, isNew = true) {
        const now = performance.now();
        if (start === undefined) { start = now; longest.length = 1; return seconds === 0; }
        if (appeared !== undefined && found > 0) { entered.push(now - appeared); appeared = undefined; }
        frames.add(frame);
        if (isNew) anew.add(frame);
        delays.push(now - captured);
        faces += found;
        return now >= start + 1000 * seconds;
      },
      end() {
        observer.disconnect();
        const took = (performance.now() - start) / 1000;
        const third = Math.floor(delays.length / 3);
        const growth = middle(delays.slice(-third)) / middle(delays.slice(0, third));
        delays.sort((a, b) => a - b);
        return { rate: frames.size / took, newRate: anew.size / took, p95: delays[Math.floor(0.95 * delays.length)] ?? NaN, growth, longest: Math.max(...longest),
          faces: faces / Math.max(1, delays.length), entered: entered.length === 0 ? null : Math.max(...entered) };
      },
    };
  };`;

/** Opens the camera and gives a contender the newest frame as soon as it is free. */
const LOOP = `
  globalThis.watch = async (seconds, entering) => {
    const stream = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 480, frameRate: 30 } });
    const video = document.querySelector('video');
    video.srcObject = stream;
    await video.play();
    const context = document.querySelector('canvas').getContext('2d');
    const mine = turn();
    let newest, wake = () => {};
    const onFrame = (now, { presentedFrames, captureTime }) => {
      newest = { presentedFrames, captured: captureTime ?? now };
      if (entering) mine.look(video, newest.captured);
      wake();
      if (video.srcObject) video.requestVideoFrameCallback(onFrame);
    };
    video.requestVideoFrameCallback(onFrame);
    for (let last = -1; ; ) {
      while (!newest || newest.presentedFrames === last) await new Promise((resolve) => { wake = resolve; });
      const { presentedFrames, captured } = newest;
      last = presentedFrames;
      const before = globalThis.computed;
      const found = await contender(video, performance.now() / 1000);
      const isNew = before === undefined || globalThis.computed > before;
      context.clearRect(0, 0, 640, 480);
      for (const { x, y, width, height, age } of found) {
        context.strokeRect(x, y, width, height);
        context.fillText(String(Math.round(age)), x, y);
      }
      if (mine.drawn(presentedFrames, captured, found.length, seconds, isNew)) break;
    }
    video.srcObject = null;
    for (const track of stream.getTracks()) track.stop();
    return mine.end();
  };`;

/** The same of the camera element, which has its own loop: its events tell of each frame once its result is drawn. */
const ELEMENT_LOOP = `
  globalThis.watch = async (seconds, entering) => {
    const camera = document.querySelector('agewise-camera');
    const video = camera.shadowRoot.querySelector('video');
    const mine = turn();
    let running = true;
    const onFrame = (now, { captureTime }) => {
      mine.look(video, captureTime ?? now);
      if (running) video.requestVideoFrameCallback(onFrame);
    };
    if (entering) video.requestVideoFrameCallback(onFrame);
    await new Promise((resolve, reject) => {
      camera.addEventListener('agewise-error', ({ detail }) => reject(detail.error), { once: true });
      const onFaces = ({ detail: { time, faces, latency } }) => {
        if (!mine.drawn(time, performance.now() - latency, faces.length, seconds)) return;
        camera.removeEventListener('agewise-faces', onFaces);
        resolve();
      };
      camera.addEventListener('agewise-faces', onFaces);
      void camera.start();
    });
    running = false;
    camera.stop();
    return mine.end();
  };`;

/** The script that gives a page `watch(seconds, entering)`, which takes a turn. */
export const loopOf = (name: Contender): string => TURN + (name === 'agewise-camera' ? ELEMENT_LOOP : LOOP);

/** The expression that loads a contender and lets it look at one frame. */
export const startOf = (name: Contender): string => `(async () => { ${CONTENDERS[name]} await watch(0); })()`;
