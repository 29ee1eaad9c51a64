/**
 * Who may import whom: a row of the table in docs/ARCHITECTURE.md is a line here. A room may import itself, errors/ and
 * the rooms listed for it, through their front doors; nothing imports upwards.
 */
const rooms = {
  errors: [],
  files: ['report'],
  threads: [],
  names: [],
  random: [],
  wasm: [],
  onnx: ['files'],
  autodiff: ['onnx'],
  lowering: ['onnx'],
  runtime: ['onnx', 'wasm'],
  networks: ['onnx', 'metadata', 'names', 'random'],
  age: [],
  losses: ['onnx', 'age'],
  metadata: ['age', 'onnx'],
  metrics: ['age', 'random', 'wasm'],
  vision: ['runtime', 'metadata', 'files', 'wasm'],
  registry: ['files', 'metadata', 'onnx', 'names'],
  estimate: ['age', 'metadata', 'vision', 'registry', 'runtime', 'onnx', 'names', 'threads'],
  report: [],
  data: ['age', 'metadata', 'vision', 'report', 'random', 'files', 'names', 'threads'],
  train: [
    'autodiff',
    'lowering',
    'networks',
    'losses',
    'metrics',
    'age',
    'metadata',
    'registry',
    'vision',
    'data',
    'runtime',
    'report',
    'onnx',
    'files',
    'names',
    'random',
  ],
  evaluate: ['estimate', 'age', 'metadata', 'metrics', 'data', 'report', 'registry', 'random', 'files'],
  bulk: ['estimate', 'age', 'vision', 'registry', 'runtime', 'data', 'files'],
  jobs: ['bulk', 'estimate', 'train', 'evaluate', 'onnx', 'runtime', 'files'],
  serve: ['estimate', 'vision', 'registry', 'metadata', 'age', 'onnx', 'report', 'files', 'names', 'threads'],
};

/** The files by which a room is entered: for everything, for what needs Node, for a browser; `probe` runs what it finds out. */
const DOORS = '^src/([^/]+/(index|node|web|file|probe|telemetry|about)|onnx/import/index)\\.ts$';
/** What of a room only tests may use. */
const TEST_DOORS = '^src/[^/]+/testing\\.ts$';

const notTests = { pathNot: '\\.test\\.ts$' };

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...Object.entries(rooms).map(([room, allowed]) => ({
      name: `${room}-imports`,
      comment: `${room}/ may import ${allowed.length ? allowed.map((r) => `${r}/`).join(', ') : 'no other room'}`,
      severity: 'error',
      from: { path: `^src/${room}/`, ...notTests },
      to: { path: '^src/', pathNot: `^src/(${['errors', room, ...allowed].join('|')})/` },
    })),
    {
      name: 'front-door',
      comment:
        'a room is entered through its index.ts, or through node.ts, file.ts, probe.ts or telemetry.ts for what needs Node',
      severity: 'error',
      from: { path: '^src/([^/]+)/', pathNot: '(\\.test|/testing)\\.ts$' },
      to: { path: '^src/([^/]+)/', pathNot: ['^src/$1/', DOORS] },
    },
    {
      name: 'front-door-of-tests',
      comment: 'helpers of tests also enter by the testing.ts of other rooms',
      severity: 'error',
      from: { path: '^src/([^/]+)/testing\\.ts$' },
      to: { path: '^src/([^/]+)/', pathNot: ['^src/$1/', DOORS, TEST_DOORS] },
    },
    {
      name: 'front-door-from-outside',
      comment:
        'benchmarks, tests of the whole, examples and the web page enter rooms as the library itself does',
      severity: 'error',
      from: { path: '^(bench|test|examples|scripts|web)/' },
      to: { path: '^src/', pathNot: [DOORS, TEST_DOORS] },
    },
    {
      name: 'blocked-kernels',
      comment: 'kernels of the blocked lowering are pieces of graph, which know no node and no rule',
      severity: 'error',
      from: { path: '^src/lowering/blocked/kernels/', ...notTests },
      to: { path: '^src/lowering/blocked/(?!kernels|layout|memo)' },
    },
    {
      name: 'blocked-layout',
      comment: 'layouts of the blocked lowering know neither kernels nor rules',
      severity: 'error',
      from: { path: '^src/lowering/blocked/layout/', ...notTests },
      to: { path: '^src/lowering/blocked/(?!layout)' },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'browser-safe',
      comment: 'what runs unchanged in a browser imports no module of Node',
      severity: 'error',
      from: {
        path: '^src/(errors|names|random|wasm|age|losses|metadata|metrics|networks|autodiff|lowering|train/(heads|web)|runtime/(?!node|probe|telemetry)|onnx/(?!file)|vision/(?!decode|annotate|clip|exif|node|tiff-data|unmarked-inks)|registry/(index|types|names|error|web)|estimate/(?!node|spread|thread|index))',
        ...notTests,
      },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'nobody-imports-the-cli',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/cli/' },
      to: { path: '^src/cli/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
