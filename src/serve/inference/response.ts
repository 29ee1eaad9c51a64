/** Writes an inference response: JSON, followed by binary tensors if requested. */
import type { RequestedOutput } from './request.js';
import type { TensorFacts } from './tensors.js';

/** An output; texts are the elements of `BYTES`. */
export interface OutputTensor extends TensorFacts {
  readonly data: Float32Array | readonly string[];
}

export interface InferenceResponse {
  readonly model_name: string;
  readonly model_version: string;
  readonly id?: string;
}

/**
 * @param outputs by name
 * @returns the body, and the length of its JSON part in bytes if binary tensors follow it
 */
export function writeInference(
  response: InferenceResponse,
  wanted: readonly RequestedOutput[],
  outputs: ReadonlyMap<string, OutputTensor>,
): { readonly body: Buffer; readonly jsonBytes?: number } {
  const binary: Uint8Array[] = [];
  const described = wanted.map((output) => {
    const { name, datatype, shape, data } = outputs.get(output.name)!;
    if (!output.binary) return { name, datatype, shape, data: Array.from<string | number>(data) };
    const bytes = binaryForm(data);
    binary.push(bytes);
    return { name, datatype, shape, parameters: { binary_data_size: bytes.length } };
  });
  const json = Buffer.from(JSON.stringify({ ...response, outputs: described }));
  if (binary.length === 0) return { body: json };
  return { body: Buffer.concat([json, ...binary]), jsonBytes: json.length };
}

function binaryForm(data: OutputTensor['data']): Uint8Array {
  if (data instanceof Float32Array) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return Buffer.concat(
    data.flatMap((text) => {
      const bytes = Buffer.from(text);
      const length = Buffer.alloc(4);
      length.writeUInt32LE(bytes.length);
      return [length, bytes];
    }),
  );
}
