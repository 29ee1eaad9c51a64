/** The benchmarks that `npm run bench` knows, with whom each compares Agewise and how both sides are set. */
export interface Benchmark {
  /** Of the file in bench/, of the notes in bench/notes/ and on the command line. */
  readonly name: string;
  readonly title: string;
  readonly peer: string;
  readonly ours: string;
  readonly theirs: string;
  readonly arguments?: readonly string[];
  /** Arguments of all runs but the first: fewer rounds, and nothing that a single run settles. Default: the same. */
  readonly later?: readonly string[];
  /** Arguments that show in a minute or two that the benchmark works; left out of a quick run if it has none. */
  readonly quick?: readonly string[];
  /** Whether it runs the built package. */
  readonly built?: boolean;
  /** Whether it counts rather than times, so that all runs give the same. */
  readonly counts?: boolean;
}

const TWO_THREADS = '2 threads';

export const BENCHMARKS: readonly Benchmark[] = [
  {
    name: 'train',
    title: 'Training steps',
    peer: "PyTorch (Debian's python3-torch, with oneDNN), and TensorFlow.js on WASM for ResNet-18",
    ours: `${TWO_THREADS}, large pages, as \`agewise train\` sets itself`,
    theirs: `${TWO_THREADS}, channels last, memory kept between steps, large pages`,
    later: ['--rounds', '4', '--speed'],
    quick: ['MobileNet-v3-large', '--rounds', '1'],
  },
  {
    name: 'detect',
    title: 'Face detection',
    peer: 'YuNet (libfacedetection, OpenCV Zoo) on ONNX Runtime',
    ours: `${TWO_THREADS}, pixels to boxes`,
    theirs: `${TWO_THREADS}, pixels to boxes at full resolution, score ≥ 0.6`,
    later: ['--times'],
    quick: ['--portraits', '10', '--rounds', '2'],
  },
  {
    name: 'estimate',
    built: true,
    title: 'Estimates, from file to age',
    peer: '`@vladmandic/human` and `@vladmandic/face-api` on TensorFlow.js WASM',
    ours: `1 and ${TWO_THREADS}, several files at once`,
    theirs: 'SIMD, their default models and sizes, the next file decoded ahead',
    later: ['--rounds', '3', '--judged'],
    quick: ['--rounds', '1', '--starts', '1', '--portraits', '2'],
  },
  {
    name: 'models',
    title: 'The age models',
    peer: 'HSE-FaceRes as its authors publish it, at 224 px',
    ours: `${TWO_THREADS}, one portrait at a time`,
    theirs: 'the same pipeline with that network',
    quick: ['--rounds', '3'],
  },
  {
    name: 'data',
    built: true,
    title: 'Data sets',
    peer: 'sharp alone on the same pictures, and with the detector',
    ours: `import as \`agewise data import\` does, loader with ${TWO_THREADS}`,
    theirs: 'as many pictures at once, no checks, no hashes, no store',
    arguments: ['--rows', '50000'],
    later: ['--rows', '20000', '--rounds', '3'],
    quick: ['--rows', '2000', '--pictures', '40', '--rounds', '1'],
  },
  {
    name: 'evaluate',
    title: 'Evaluation',
    peer: 'decoding and the network alone on the same pictures',
    ours: '`agewise evaluate --cropped` with figures and intervals, processor time',
    theirs: 'batches of 32, processor time',
    arguments: ['--faces', '4000'],
    later: ['--faces', '1000'],
    quick: ['--faces', '128'],
  },
  {
    name: 'serve',
    built: true,
    title: 'The server under load',
    peer: "the library's stream and processes without HTTP; face-api behind Node's HTTP server",
    ours: '16 clients, one child process a core',
    theirs: 'the same pictures and cores',
  },
  {
    name: 'jobs',
    built: true,
    title: 'Jobs on a queue',
    peer: 'one process of two threads on the same pictures',
    ours: 'two workers of one thread, Redis on this machine',
    theirs: '`agewise estimate --threads 2`',
  },
  {
    name: 'web',
    title: 'Live video in a browser',
    peer: 'human and face-api in the same headless Chromium, on WASM',
    ours: 'the camera element and the library, 1 and 2 faces',
    theirs: 'their loops, with and without skipped frames',
    later: ['2', '4'],
  },
  {
    name: 'accuracy',
    built: true,
    title: 'Accuracy of the shipped age model',
    peer: 'labels of UTKFace',
    ours: 'whole pipeline, 1,000 chips',
    theirs: '–',
    counts: true,
  },
  {
    name: 'false-faces',
    title: 'False faces',
    peer: 'the detector without its second look',
    ours: 'defaults',
    theirs: 'the same, without the second look',
    quick: ['--drawings', '2'],
    counts: true,
  },
];

/** The arguments of a run, counted from 0, whose results become part of a page. */
export const argumentsOf = (
  { arguments: first = [], later = first }: Benchmark,
  run: number,
): readonly string[] => (run === 0 ? first : later);
