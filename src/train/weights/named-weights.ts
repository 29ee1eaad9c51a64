/** Weights by the names that they have here too: safetensors of timm and torchvision, checkpoints and models of ours. */

import { sentenceAbout } from '../../errors/index.js';
import { readWholeFile } from '../../files/index.js';
import { readModelFile } from '../../onnx/file.js';
import { elementCount, float32Values, intAttribute, plainConstants, type Tensor } from '../../onnx/index.js';
import { isCheckpoint } from '../checkpoint.js';
import { readSafetensors } from '../safetensors.js';
import { WeightsError } from './error.js';
import { byName, sizesOf } from './keras/difference.js';
import {
  type FoundLayer,
  formatDims,
  type LayerDifference,
  sameDims,
  type WantedLayer,
  type WeightFile,
} from './weight-file.js';

/** The floating-point types of stored weights. */
const FLOATS = new Set(['float32', 'float16', 'bfloat16', 'float64']);

/** Names of weights made by `foldBatchNorm`. */
const FOLDED = /\.folded(_\d+)?$/;

export class NamedWeights implements WeightFile {
  private readonly used = new Set<string>();

  private constructor(
    private readonly tensors: ReadonlyMap<string, Tensor>,
    /** Whether the matrix of that name is `[out, in]`, as in PyTorch. */
    private readonly transposed: (name: string) => boolean,
    private readonly prefix: string,
    /** Whether the file is a run's checkpoint, with other contents besides weights. */
    private readonly ofRun: boolean,
    readonly hint = '',
  ) {}

  /**
   * A safetensors file: of ours, where matrices are `[in, out]`, or of PyTorch.
   * @throws WeightsError if it is damaged.
   */
  static async safetensors(path: string, prefix: string): Promise<NamedWeights> {
    const { tensors, metadata } = await attempt(path, async () => readSafetensors(await readWholeFile(path)));
    const ours = isCheckpoint(metadata);
    return new NamedWeights(tensors, () => !ours, prefix, ours);
  }

  /**
   * The initializers of an ONNX file.
   * @throws WeightsError if it is damaged.
   */
  static async onnx(path: string, prefix: string): Promise<NamedWeights> {
    const { graph } = plainConstants(await attempt(path, () => readModelFile(path)));
    const transposed = new Set(
      graph.nodes.flatMap((n) =>
        n.op === 'Gemm' && intAttribute(n, 'transB', 0) === 1 ? [n.inputs[1]!] : [],
      ),
    );
    const folded = [...graph.initializers.keys()].some((name) => FOLDED.test(name));
    const hint = folded ? 'batch norm is folded into its convolutions; take a checkpoint of its run' : '';
    return new NamedWeights(graph.initializers, (name) => transposed.has(name), prefix, false, hint);
  }

  layer({ scope, shapes }: WantedLayer): FoundLayer {
    const nameOf = (role: string) => `${this.prefix}${scope === '' ? '' : `${scope}.`}${role}`;
    const names = new Map([...shapes.keys()].map((role) => [role, nameOf(role)]));
    const present = [...names.values()].filter((name) => this.tensors.has(name));
    if (present.length === 0)
      return { kind: 'missing', what: `'${nameOf([...shapes.keys()][0]!)}' is missing` };
    for (const name of present) this.used.add(name);
    const problems: string[] = [];
    const read = new Map<string, () => Float32Array>();
    for (const [role, dims] of shapes) {
      const name = names.get(role)!;
      const tensor = this.tensors.get(name);
      const turned = dims.length === 2 && this.transposed(name);
      const expected = turned ? dims.toReversed() : dims;
      if (tensor === undefined) problems.push(`'${name}' is missing`);
      else if (!FLOATS.has(tensor.dtype)) problems.push(`'${name}' must be float32, found ${tensor.dtype}`);
      else if (!sameDims(tensor.dims, expected)) {
        problems.push(`'${name}' must be ${formatDims(expected)}, found ${formatDims(tensor.dims)}`);
      } else read.set(role, () => (turned ? transpose(tensor) : float32Values(tensor)));
    }
    // A bias without a counterpart in the network would be lost.
    for (const role of ['weight', 'bias']) {
      const name = nameOf(role);
      if (!shapes.has(role) && this.tensors.has(name))
        problems.push(`'${name}' is there, '${scope}' has none`);
    }
    return problems.length > 0 ? { kind: 'misfit', problems } : { kind: 'found', read };
  }

  difference(wanted: readonly WantedLayer[]): LayerDifference {
    const expected = wanted.map(({ scope, shapes }) => ({
      name: this.prefix + scope,
      sizes: sizesOf([...shapes]),
    }));
    const layers = new Map<string, [role: string, dims: readonly number[]][]>();
    for (const [name, { dtype, dims }] of this.tensors) {
      if (!FLOATS.has(dtype) || elementCount(dims) < 2) continue;
      const dot = name.lastIndexOf('.');
      const [layer, role] = dot < 0 ? [name, 'values'] : [name.slice(0, dot), name.slice(dot + 1)];
      layers.set(layer, [...(layers.get(layer) ?? []), [role, dims]]);
    }
    const found = [...layers].map(([name, weights]) => ({ name, sizes: sizesOf(weights) }));
    const { extra, ...rest } = byName(expected, found);
    return { ...rest, extra: this.ofRun ? [] : extra };
  }

  unused(): string[] {
    if (this.ofRun) return [];
    return [...this.tensors].flatMap(([name, { dtype, dims }]) =>
      this.used.has(name) || !FLOATS.has(dtype) || elementCount(dims) < 2 ? [] : [name],
    );
  }

  close(): void {}
}

async function attempt<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw new WeightsError(sentenceAbout(path, error), { cause: error });
  }
}

/** `[out, in]` as `[in, out]`. */
function transpose(tensor: Tensor): Float32Array {
  const [outputs, inputs] = tensor.dims as [number, number];
  const values = float32Values(tensor);
  const result = new Float32Array(values.length);
  for (let o = 0; o < outputs; o++) {
    for (let i = 0; i < inputs; i++) result[i * outputs + o] = values[o * inputs + i]!;
  }
  return result;
}
