/** Several networks as one that averages their predictions. */
import { type AgeClass, YOUNGEST, yearClasses } from '../../age/index.js';
import type { InputSpec, ModelMetadataDocument } from '../../metadata/index.js';
import { GraphBuilder, type Model, opsetOf, raiseOpset, type Value } from '../../onnx/index.js';
import { AGE, GENDER } from '../graph/index.js';
import { ExportError } from './export-error.js';

/** A network in inference form, with the facts needed to join it. */
export interface Part {
  /** In messages. */
  readonly name: string;
  /** Of outputs `age`, probabilities `[N, K]`, and `gender`, `[N, 2]`, as far as it predicts them. */
  readonly model: Model;
  /** The name of its input of pictures. */
  readonly images: string;
  readonly input: InputSpec;
  /** Undefined if it does not predict ages. */
  readonly classes: readonly AgeClass[] | undefined;
  readonly gender: boolean;
  /** The outputs of the networks that predict ages, in the same classes if there are several. */
  readonly members?: readonly string[];
  /** Measured figures, by the name of the data they were measured on. */
  readonly metrics: ModelMetadataDocument['metrics'];
}

/** The name of the joined network. */
const JOINED = 'joined';

/**
 * Joins networks that read the same pictures into one. Age distributions and gender probabilities are averaged over the
 * networks that predict them. Ages in different classes are averaged year by year, over 0..100.
 * @throws ExportError that names the first two with different inputs; RangeError if there is none.
 */
export function joinParts(parts: readonly Part[]): Part {
  const [first] = parts;
  if (first === undefined) throw new RangeError('There is no network to export');
  if (parts.length === 1) return first;
  for (const part of parts) mustMatch(first, part);
  const opset = Math.max(...parts.map(({ model }) => opsetOf(model)));
  const g = new GraphBuilder({ name: JOINED, opset });
  const { width, height } = first.input;
  const images = g.input(first.images, 'float32', ['N', 3, height, width]);
  const outputs = parts.map(({ model, images: input }, i) =>
    g.scope(`network${i + 1}`, () => g.inline(raiseOpset(model, opset), { [input]: images })),
  );
  const classes = commonClasses(parts);
  const ages = parts.flatMap((part, i) =>
    part.classes ? [inClasses(g, outputs[i]![AGE]!, part.classes, classes!)] : [],
  );
  const genders = parts.flatMap((part, i) => (part.gender ? [outputs[i]![GENDER]!] : []));
  if (ages.length > 0) g.output(g.op('Mean', ages), AGE);
  const members = ages.length > 1 ? ages.map((value, i) => ({ value, name: `${AGE}.${i + 1}` })) : [];
  for (const { value, name } of members) g.output(g.op('Identity', [value]), name);
  if (genders.length > 0) g.output(g.op('Mean', genders), GENDER);
  return {
    name: parts.map(({ name }) => name).join(', '),
    model: g.build(),
    images: first.images,
    input: first.input,
    classes,
    gender: genders.length > 0,
    ...(members.length > 0 && { members: members.map(({ name }) => name) }),
    // Metrics of single networks do not hold for the joined one.
    metrics: {},
  };
}

function mustMatch(first: Part, part: Part): void {
  for (const key of Object.keys(first.input) as (keyof InputSpec)[]) {
    const [expected, found] = [first, part].map(({ input }) => [input[key]].flat().join(', '));
    if (expected === found) continue;
    throw new ExportError(
      `Runs '${first.name}' and '${part.name}' expect different pictures: ${key} ${expected} and ${found}`,
    );
  }
}

const sameClasses = (a: readonly AgeClass[], b: readonly AgeClass[]): boolean =>
  a.length === b.length && a.every(({ from, to }, k) => from === b[k]!.from && to === b[k]!.to);

/** The common classes of all; years if they differ. */
function commonClasses(parts: readonly Part[]): readonly AgeClass[] | undefined {
  const [first, ...others] = parts.flatMap(({ classes }) => (classes ? [classes] : []));
  return first === undefined || others.every((classes) => sameClasses(classes, first))
    ? first
    : yearClasses();
}

/** Probabilities over classes converted to years: a class spreads its own evenly. */
function inClasses(
  g: GraphBuilder,
  probabilities: Value,
  classes: readonly AgeClass[],
  target: readonly AgeClass[],
): Value {
  if (sameClasses(classes, target)) return probabilities;
  const spread = new Float32Array(classes.length * target.length);
  classes.forEach(({ from, to }, k) => {
    const row = k * target.length - YOUNGEST;
    spread.fill(1 / (to - from + 1), row + from, row + to + 1);
  });
  const dims = [classes.length, target.length];
  return g.op('MatMul', [probabilities, g.parameter('years', 'float32', dims, spread)]);
}
