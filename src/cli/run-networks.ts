/** Runs `agewise networks`. */
import {
  describeNetwork,
  Layers,
  NETWORKS,
  type Network,
  type NetworkCount,
  networkOf,
  zeroWeights,
} from '../networks/index.js';
import { elementCount, GraphBuilder } from '../onnx/index.js';
import { type AlignedColumn, alignedTable } from './aligned-table.js';
import { Console } from './console.js';
import { factList } from './fact-list.js';
import type { NetworksFlags } from './networks-flags.js';
import { jsonText, lookOf, type Paint, paint } from './text.js';

export async function runNetworks(name: string | undefined, { json }: NetworksFlags): Promise<void> {
  const networks = name === undefined ? NETWORKS : [networkOf(name)];
  const counted = networks.map((network) => ({ network, count: describeNetwork(network) }));
  const style = paint(lookOf(process.stdout));
  await new Console().print(
    json
      ? counted.map((entry) => jsonText(plain(entry, name !== undefined))).join('')
      : name === undefined
        ? networkTable(counted, style)
        : networkPage(counted[0]!, style),
  );
}

interface CountedNetwork {
  readonly network: Network;
  readonly count: NetworkCount;
}

/** A network's facts without its functions; with the parameters of its parts if asked for. */
function plain({ network, count }: CountedNetwork, parts: boolean): object {
  const { build, keras, ...facts } = network;
  return { ...facts, ...count, ...(parts ? { parts: Object.fromEntries(partsOf(network)) } : {}) };
}

interface Column extends AlignedColumn {
  cell(entry: CountedNetwork): string;
}

const COLUMNS: readonly Column[] = [
  { title: 'Network', cell: ({ network }) => network.name },
  { title: 'Title', cell: ({ network }) => network.title },
  { title: 'Input', align: 'right', cell: ({ network }) => sides(network) },
  { title: 'Parameters', align: 'right', cell: ({ count }) => whole(count.parameters) },
  { title: 'Multiply-adds', align: 'right', cell: ({ count }) => millions(count.multiplyAdds) },
  {
    title: 'Published',
    cell: (entry) => publishedBy(entry.network) || `none; ${headsCounted(entry)}`,
  },
];

const MORE = `Parameters are the trainable ones, with the classifier of the published count if there is one.
Wide ResNets of any depth and width are named wrn-DEPTH-WIDTH.
`;

/** A row for each network. */
function networkTable(networks: readonly CountedNetwork[], style: Paint): string {
  const rows = networks.map((entry) => COLUMNS.map((column) => column.cell(entry)));
  return alignedTable(COLUMNS, rows, style) + style.dim(MORE);
}

/** All facts about one network. */
function networkPage(entry: CountedNetwork, style: Paint): string {
  const { bold } = style;
  const { network, count } = entry;
  const { input, smallest, source, classifier, backbone, keras } = network;
  const rows: [string, string][] = [
    ['source', source],
    ['input', `${sides(network)} ${input.color}, (value − ${list(input.mean)}) · ${list(input.scale)}`],
    ...optional('smallest', smallest === undefined ? '' : `${smallest} pixels a side`),
    ['parameters', `${whole(count.parameters)} ${headsCounted(entry)}`.trimEnd()],
    ['statistics', whole(count.statistics)],
    ['multiply-adds', millions(count.multiplyAdds)],
    ['published', publishedBy(network) || 'none'],
    ['classifier', classifier],
    ...optional('backbone', backbone ?? ''),
    ['weights', keras ? 'safetensors, ONNX, Keras HDF5' : 'safetensors, ONNX'],
  ];
  const parts = [...partsOf(network)].map(([part, size]): [string, string] => [part, whole(size)]);
  return `${bold(network.title)}\n${factList(rows, style)}${parts.length > 0 ? `\n${bold('Parameters by part')}\n${factList(parts, style)}` : ''}`;
}

const optional = (what: string, text: string): [string, string][] => (text === '' ? [] : [[what, text]]);

/** Scopes are split further until there are at least this many parts. */
const FEWEST_PARTS = 4;

/** Trainable parameters of a network, without heads, by the outermost scopes that give a few parts. */
function partsOf(network: Network): Map<string, number> {
  const sizes = new Map<string, number>();
  const g = new GraphBuilder({ name: network.name });
  const l = new Layers(g, (name, dims, initial) => {
    sizes.set(name, elementCount(dims));
    return zeroWeights(name, dims, initial);
  });
  const { height, width } = network.input;
  network.build(l, g.input('images', 'float32', [1, 3, height, width]));
  const scopes = l.trainable.map((name) => ({ path: name.split('.').slice(0, -1), size: sizes.get(name)! }));
  const deepest = Math.max(0, ...scopes.map(({ path }) => path.length));
  let parts = new Map<string, number>();
  for (let depth = 1; depth <= deepest && parts.size < FEWEST_PARTS; depth++) {
    parts = new Map();
    for (const { path, size } of scopes) {
      const part = path.slice(0, depth).join('.');
      parts.set(part, (parts.get(part) ?? 0) + size);
    }
  }
  return parts;
}

const sides = ({ input: { width, height } }: Network): string => `${width}×${height}`;

const whole = (count: number): string => count.toLocaleString('en-US');

const millions = (count: number): string => {
  const digits = count < 1e8 ? 1 : 0;
  return `${(count / 1e6).toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })} M`;
};

/** Four digits of each; a single number if all are equal. */
function list(values: readonly number[]): string {
  const texts = values.map((value) => String(Number(value.toPrecision(4))));
  return new Set(texts).size === 1 ? texts[0]! : `(${texts.join(', ')})`;
}

/** Whether heads are included in the count; empty for a network that needs none. */
function headsCounted({ network: { published }, count }: CountedNetwork): string {
  if (published === undefined)
    return `without a head${count.parameters === 0 ? ', which holds all of them' : ''}`;
  const { heads } = published;
  if (heads.length === 0) return '';
  return `with ${heads.length === 1 ? 'a head' : 'heads'} of ${heads.join(' and ')} outputs`;
}

/** Such as `25,636,712 with statistics (Keras Applications)`; empty if no count was published. */
function publishedBy({ published }: Network): string {
  if (published === undefined) return '';
  const { parameters, statistics, side, source } = published;
  const of = [statistics ? ' with statistics' : '', side === undefined ? '' : ` at ${side} pixels`].join('');
  return `${whole(parameters)}${of} (${source})`;
}
