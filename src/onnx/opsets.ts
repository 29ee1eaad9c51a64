/** Operator sets: their domains and names, and the versions that a model imports. */
import type { Model, Node } from './graph.js';

/** The domain of our own gradient operators (see gradient-operators.ts). */
export const GRADIENT_DOMAIN = 'agewise';

/** ONNX's own domain has two names. */
const isStandard = (domain: string): boolean => domain === '' || domain === 'ai.onnx';

/** The normalized name of a domain: '' for ONNX's own. */
export const plainDomain = (domain: string): string => (isStandard(domain) ? '' : domain);

/** An operator's name with its domain, unless that is ONNX's own: `Conv`, `com.microsoft.FusedConv`. */
export const operatorName = ({ domain, op }: Pick<Node, 'domain' | 'op'>): string =>
  isStandard(domain) ? op : `${domain}.${op}`;

/** Whether a node applies one of these operators, by their full names. */
export const isOp = (node: Node, ...names: readonly string[]): boolean => names.includes(operatorName(node));

/** An operator's name and its domain, which is before the last dot. */
export function splitOperator(name: string): { domain: string; op: string } {
  const dot = name.lastIndexOf('.');
  return { domain: name.slice(0, Math.max(dot, 0)), op: name.slice(dot + 1) };
}

/** A name in a message shows so many characters of it. */
const SHOWN = 100;

const shown = (name: string): string => (name.length > SHOWN ? `${name.slice(0, SHOWN)}…` : name);

/** `com.microsoft.FusedConv 'stem.conv'`, for messages. */
export const nodeLabel = (node: Node): string =>
  `${shown(operatorName(node))} '${shown(node.name || (node.outputs[0] ?? ''))}'`;

/** The operator sets that a model imports, by normalized domain. */
export const importedOpsets = ({ opsets }: Pick<Model, 'opsets'>): Map<string, number> =>
  new Map([...opsets].map(([domain, version]) => [plainDomain(domain), version]));

/** The imported version of a domain (ONNX's own if left out); 1 if it is not imported. */
export function opsetOf({ opsets }: Pick<Model, 'opsets'>, domain = ''): number {
  return (isStandard(domain) ? (opsets.get('') ?? opsets.get('ai.onnx')) : opsets.get(domain)) ?? 1;
}

/** https://github.com/onnx/onnx/blob/main/docs/Versioning.md */
const IR_VERSIONS: readonly (readonly [opset: number, ir: number])[] = [
  [23, 11],
  [21, 10],
  [19, 9],
  [15, 8],
  [12, 7],
  [11, 6],
  [10, 5],
  [9, 4],
];

/** The IR version that came with `opset`: not newer than needed, so that older runtimes can read the file. */
export function irVersionFor(opset: number): number {
  return IR_VERSIONS.find(([from]) => opset >= from)?.[1] ?? 3;
}
