/** Reads an inference request: validates its JSON part and takes tensors from JSON or from the bytes after it. */
import * as z from 'zod';
import { suggestion } from '../../names/index.js';
import { RequestError } from '../requests/index.js';
import { type Elements, fromBinary, fromJson, type TensorFacts, wrong } from './tensors.js';

/** A model's inputs and outputs. */
export interface Signature {
  /** All of them are required. */
  readonly inputs: readonly TensorFacts[];
  readonly outputs: readonly TensorFacts[];
}

export type Parameters = Readonly<Record<string, string | number | boolean>>;

export interface RequestedOutput {
  readonly name: string;
  /** Whether to return it as bytes after the JSON part. */
  readonly binary: boolean;
}

export interface InferenceRequest {
  /** Returned unchanged. */
  readonly id?: string;
  readonly parameters: Parameters;
  /** By input name. */
  readonly inputs: Readonly<Record<string, { readonly shape: readonly number[]; readonly data: Elements }>>;
  /** In the order to return them in. */
  readonly outputs: readonly RequestedOutput[];
}

const parameters = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({});

const requestSchema = z.object({
  id: z.string().optional(),
  parameters,
  inputs: z.array(
    z.object({
      name: z.string(),
      shape: z.array(z.int().min(1)),
      datatype: z.string(),
      parameters,
      data: z.unknown().optional(),
    }),
  ),
  outputs: z.array(z.object({ name: z.string(), parameters })).default([]),
});

type Given = z.output<typeof requestSchema>;

/** Parameters that this server does not support and that would change the answer. */
const UNSUPPORTED = ['classification', 'shared_memory_region', 'sequence_id'];

/**
 * The length of a body's JSON part in bytes, from the header `Inference-Header-Content-Length`.
 * @throws RequestError if it is not a number or larger than the body
 */
export function jsonBytesOf(header: string | string[] | undefined, bodyBytes: number): number {
  if (header === undefined) return bodyBytes;
  const length = typeof header === 'string' && /^\d{1,12}$/.test(header) ? Number(header) : Number.NaN;
  if (length >= 0 && length <= bodyBytes) return length;
  throw wrong('Inference-Header-Content-Length', `a number of bytes from 0 to ${bodyBytes}`, `'${header}'`);
}

/**
 * @param jsonBytes the length of the JSON part; binary tensors follow it in the order of the inputs
 * @throws RequestError about the first problem found
 */
export function readInference(body: Uint8Array, jsonBytes: number, signature: Signature): InferenceRequest {
  const given = parsed(body.subarray(0, jsonBytes));
  const inputs: Record<string, { shape: readonly number[]; data: Elements }> = {};
  let at = jsonBytes;
  for (const input of given.inputs) {
    const facts = known(input.name, signature.inputs, 'input');
    if (Object.hasOwn(inputs, facts.name)) throw wrong('inputs', `'${facts.name}' once`, 'it twice');
    supported(input.name, input.parameters);
    check(input, facts);
    const size = input.parameters.binary_data_size;
    if (size === undefined) {
      inputs[facts.name] = { shape: input.shape, data: fromJson(input.data, facts, input.shape) };
      continue;
    }
    if (input.data !== undefined) throw wrong(input.name, 'data or binary data', 'both');
    const left = body.length - at;
    if (!(Number.isInteger(size) && (size as number) >= 0 && (size as number) <= left)) {
      throw wrong(`${input.name}, binary_data_size`, `a number of bytes from 0 to ${left}`, `${size}`);
    }
    const bytes = body.subarray(at, at + (size as number));
    inputs[facts.name] = { shape: input.shape, data: fromBinary(bytes, facts, input.shape) };
    at += bytes.length;
  }
  const missing = signature.inputs.find(({ name }) => !Object.hasOwn(inputs, name));
  if (missing !== undefined) throw wrong('inputs', `'${missing.name}'`, 'none of this name');
  if (at < body.length) {
    throw wrong('request', `a body that ends with its tensors, after ${at} bytes`, `${body.length}`);
  }
  supported('request', given.parameters);
  const { id } = given;
  return {
    ...(id !== undefined && { id }),
    parameters: given.parameters,
    inputs,
    outputs: requestedOutputs(given, signature),
  };
}

function parsed(json: Uint8Array): Given {
  let document: unknown;
  try {
    document = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(json));
  } catch (error) {
    throw new RequestError(
      400,
      { subject: 'request', expected: 'a JSON object', found: 'something else' },
      { cause: error },
    );
  }
  const result = requestSchema.safeParse(document);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  const problem = message.replace(/^Invalid input: /, '').replace(', received ', ', found ');
  throw new RequestError(400, { subject: path.join('.') || 'request', problem });
}

function known(name: string, all: readonly TensorFacts[], kind: 'input' | 'output'): TensorFacts {
  const facts = all.find((one) => one.name === name);
  if (facts !== undefined) return facts;
  const names = all.map((one) => one.name);
  const list = names.map((one) => `'${one}'`).join(', ');
  throw new RequestError(
    400,
    `${kind}s: there is no ${kind} '${name}' among ${list}${suggestion(name, names)}`,
  );
}

function check(input: Given['inputs'][number], { name, datatype, shape }: TensorFacts): void {
  if (input.datatype !== datatype) throw wrong(`${name}, datatype`, `'${datatype}'`, `'${input.datatype}'`);
  const fits =
    input.shape.length === shape.length && shape.every((side, i) => side < 0 || side === input.shape[i]);
  if (!fits) throw wrong(`${name}, shape`, `[${shape.join(', ')}]`, `[${input.shape.join(', ')}]`);
}

function supported(subject: string, given: Parameters): void {
  const name = UNSUPPORTED.find((one) => Object.hasOwn(given, one));
  if (name !== undefined) {
    throw new RequestError(400, { subject, problem: `its parameter '${name}' is not supported` });
  }
}

function requestedOutputs({ parameters, outputs }: Given, signature: Signature): RequestedOutput[] {
  const all = switchOf(parameters, 'binary_data_output', 'request') ?? false;
  if (outputs.length === 0) return signature.outputs.map(({ name }) => ({ name, binary: all }));
  const names = new Set<string>();
  return outputs.map(({ name, parameters: own }) => {
    known(name, signature.outputs, 'output');
    if (names.has(name)) throw wrong('outputs', `'${name}' once`, 'it twice');
    names.add(name);
    supported(name, own);
    return { name, binary: switchOf(own, 'binary_data', name) ?? all };
  });
}

function switchOf(given: Parameters, name: string, subject: string): boolean | undefined {
  const value = Object.hasOwn(given, name) ? given[name] : undefined;
  if (value === undefined || typeof value === 'boolean') return value;
  throw wrong(`${subject}, ${name}`, 'true or false', `'${value}'`);
}
