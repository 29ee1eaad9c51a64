/**
 * The Open Inference Protocol, version 2, over HTTP: tensors in, tensors out, as JSON and in Triton's binary form.
 * Specifications: github.com/kserve/open-inference-protocol, specification/protocol/inference_rest.md;
 * github.com/triton-inference-server/server, docs/protocol/extension_binary_data.md.
 */
export {
  type InferenceRequest,
  jsonBytesOf,
  type Parameters,
  type RequestedOutput,
  readInference,
  type Signature,
} from './request.js';
export { type InferenceResponse, type OutputTensor, writeInference } from './response.js';
export { type Datatype, elementCount, type TensorFacts } from './tensors.js';
