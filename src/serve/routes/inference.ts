/**
 * `/v2`: the Open Inference Protocol, for clients of KServe and Triton. Its models are each network, which takes tensors,
 * and `agewise`, the whole pipeline, which takes image files.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { suggestion } from '../../names/index.js';
import {
  elementCount,
  type InferenceRequest,
  jsonBytesOf,
  type OutputTensor,
  type Parameters,
  readInference,
  type Signature,
  writeInference,
} from '../inference/index.js';
import { pictureProblem } from '../problem.js';
import { checkedQuery, RequestError } from '../requests/index.js';
import { estimateQuery } from '../schemas.js';
import { estimateTask, workOn } from './pictures.js';
import type { Services } from './route.js';

const SERVER = { name: 'agewise', extensions: ['binary_tensor_data', 'parameters'] };
/** The only version of every model. */
const VERSION = '1';
/** The name of the pipeline as a model. */
const PIPELINE = 'agewise';

const PIPELINE_SIGNATURE: Signature = {
  inputs: [{ name: 'image', datatype: 'BYTES', shape: [-1] }],
  outputs: [{ name: 'faces', datatype: 'BYTES', shape: [-1] }],
};

/** Larger JSON parts, in bytes, are parsed in a child process, since they would delay all requests. */
const LARGE_JSON = 65_536;

interface InferenceModel {
  readonly name: string;
  readonly platform: string;
  readonly signature: Signature;
  readonly infer: (request: FastifyRequest, inference: InferenceRequest) => Promise<OutputTensor[]>;
}

interface ModelPath {
  readonly Params: { readonly model: string; readonly version?: string };
}

/** @param ending whether the server takes no new requests */
export function addInference(
  app: FastifyInstance,
  services: Services,
  version: string,
  ending: () => boolean,
): void {
  const { pool } = services;
  const models = inferenceModels(services);
  const isReady = () => pool.state.ready > 0 && !ending();
  const probe = { config: { public: true, rateLimit: false as const } };

  for (const path of ['/v2', '/v2/']) app.get(path, async () => ({ ...SERVER, version }));
  app.get('/v2/health/live', probe, async () => ({ live: true }));
  app.get('/v2/health/ready', probe, async (_request, reply) => {
    reply.code(isReady() ? 200 : 400);
    return { live: true, ready: isReady() };
  });
  for (const path of ['/v2/models/:model', '/v2/models/:model/versions/:version']) {
    app.get<ModelPath>(path, async ({ params }) => {
      const { name, platform, signature } = modelOf(params, models);
      return { name, versions: [VERSION], platform, ...signature };
    });
    app.get<ModelPath>(`${path}/ready`, async ({ params }, reply) => {
      const { name } = modelOf(params, models);
      reply.code(isReady() ? 200 : 400);
      return { name, ready: isReady() };
    });
    app.post<ModelPath>(`${path}/infer`, async (request, reply) => {
      const model = modelOf(request.params, models);
      const inference = await read(request, services, model.signature);
      const outputs = await model.infer(request, inference);
      const response = {
        model_name: model.name,
        model_version: VERSION,
        ...(inference.id !== undefined && { id: inference.id }),
      };
      const byName = new Map(outputs.map((output) => [output.name, output]));
      const { body, jsonBytes } = writeInference(response, inference.outputs, byName);
      if (jsonBytes === undefined) reply.type('application/json');
      else {
        reply.type('application/octet-stream').header('inference-header-content-length', jsonBytes);
      }
      return body;
    });
  }
}

function modelOf(
  { model, version = VERSION }: ModelPath['Params'],
  models: readonly InferenceModel[],
): InferenceModel {
  const names = models.map(({ name }) => name);
  const found = models.find(({ name }) => name === model);
  if (found === undefined) {
    const list = names.map((name) => `'${name}'`).join(', ');
    throw new RequestError(400, `there is no model '${model}' among ${list}${suggestion(model, names)}`);
  }
  if (version !== VERSION) {
    throw new RequestError(400, {
      subject: `Model '${model}'`,
      expected: `version ${VERSION}`,
      found: `version '${version}'`,
    });
  }
  return found;
}

async function read(
  request: FastifyRequest,
  { pool }: Services,
  signature: Signature,
): Promise<InferenceRequest> {
  const body = (request.body as Buffer | undefined) ?? Buffer.alloc(0);
  const jsonBytes = jsonBytesOf(request.headers['inference-header-content-length'], body.length);
  if (jsonBytes < LARGE_JSON) return readInference(body, jsonBytes, signature);
  const [done] = pool.run([{ do: 'read', body, jsonBytes, signature }], request.stop.signal);
  return (await done!).answer;
}

function inferenceModels(services: Services): InferenceModel[] {
  const networks = services.models.map(
    ({ name, signature }, index): InferenceModel => ({
      name,
      platform: 'onnxruntime_onnx',
      signature,
      infer: (request, inference) => runNetwork(request, services, index, signature, inference),
    }),
  );
  const pipeline: InferenceModel = {
    name: PIPELINE,
    platform: 'agewise',
    signature: PIPELINE_SIGNATURE,
    infer: (request, inference) => estimateFiles(request, services, inference),
  };
  return [pipeline, ...networks];
}

async function runNetwork(
  request: FastifyRequest,
  services: Services,
  model: number,
  { inputs, outputs }: Signature,
  inference: InferenceRequest,
): Promise<OutputTensor[]> {
  const { shape, data } = inference.inputs[inputs[0]!.name]!;
  const count = shape[0]!;
  const image = data as Float32Array;
  services.metrics.pictures(count);
  const [outcome] = await workOn(request, services, [{ do: 'run', model, image, count }]);
  if ('error' in outcome!) throw outcome.error;
  // In the order of the signature.
  const answers = [outcome!.age, outcome!.gender].filter((values) => values !== undefined);
  const tensor = (facts: Signature['outputs'][number], values: Float32Array): OutputTensor => ({
    ...facts,
    shape: [count, values.length / count],
    data: values,
  });
  return answers.map((values, i) => tensor(outputs[i]!, values));
}

/** Runs the pipeline; the request's parameters are those of `POST /v1/estimate`. */
async function estimateFiles(
  request: FastifyRequest,
  services: Services,
  inference: InferenceRequest,
): Promise<OutputTensor[]> {
  const { settings, metrics } = services;
  const { shape, data } = inference.inputs.image!;
  const count = elementCount(shape);
  if (count > settings.maxImages) {
    throw new RequestError(413, {
      subject: 'image',
      expected: `at most ${settings.maxImages} images`,
      found: `${count}`,
    });
  }
  metrics.pictures(count);
  request.notes.images = count;
  const schema = estimateQuery(settings.maxFaces);
  const query = checkedQuery(schema, asTexts(inference.parameters, Object.keys(schema.shape)));
  const tasks = (data as readonly Uint8Array[]).map((picture) => estimateTask(picture, query, settings));
  const outcomes = await workOn(request, services, tasks, ({ faces }) => faces.length);
  const faces = outcomes.map((outcome, index) => {
    if (!('error' in outcome)) return JSON.stringify(outcome);
    const error = pictureProblem(outcome.error, index);
    metrics.failed(error.code);
    return JSON.stringify({ error });
  });
  return [{ name: 'faces', datatype: 'BYTES', shape: [count], data: faces }];
}

/** The parameters with known names; clients may send others meant for other servers. */
const asTexts = (parameters: Parameters, names: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    Object.entries(parameters).flatMap(([name, value]) =>
      names.includes(name) ? [[name, String(value)]] : [],
    ),
  );
