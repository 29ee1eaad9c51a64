/**
 * Who may import whom: an arrow of docs/ARCHITECTURE.md is a line here. A room may import itself and the rooms
 * listed for it, through their front door (index.ts); nothing imports upwards.
 */
const rooms = {
  names: [],
  random: [],
  onnx: [],
  autodiff: ['onnx'],
  lowering: ['onnx'],
  runtime: ['onnx'],
  networks: ['onnx', 'names', 'random'],
  age: ['onnx'],
  vision: ['runtime'],
  estimate: ['age', 'vision', 'runtime', 'onnx'],
  report: [],
  data: ['age', 'vision', 'report', 'random'],
  train: [
    'autodiff',
    'lowering',
    'networks',
    'age',
    'vision',
    'estimate',
    'data',
    'runtime',
    'report',
    'onnx',
    'names',
    'random',
  ],
  evaluate: ['age', 'estimate', 'data', 'report'],
  serve: ['estimate'],
};

const notTests = { pathNot: '\\.test\\.ts$' };

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...Object.entries(rooms).map(([room, allowed]) => ({
      name: `${room}-imports`,
      comment: `${room}/ may import ${allowed.length ? allowed.map((r) => `${r}/`).join(', ') : 'no other room'}`,
      severity: 'error',
      from: { path: `^src/${room}/`, ...notTests },
      to: { path: '^src/', pathNot: `^src/(${[room, ...allowed].join('|')})/` },
    })),
    {
      name: 'front-door',
      comment: 'a room is entered through its index.ts, or through node.ts or file.ts for what needs Node',
      severity: 'error',
      from: { path: '^src/([^/]+)/', ...notTests },
      to: {
        path: '^src/([^/]+)/',
        pathNot: ['^src/$1/', '^src/([^/]+/(index|node|file)|onnx/import/index)\\.ts$'],
      },
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
        path: '^src/(age|runtime|onnx/(?!file)|vision/(?!decode|file-type|annotate|node)|estimate/(?!node|shipped|index))',
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
