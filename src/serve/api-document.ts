/** The server's OpenAPI 3.1 document (https://spec.openapis.org/oas/v3.1.1), made from the schemas that validate requests. */
import * as z from 'zod';
import type { Settings } from './about.js';
import {
  estimateQuery,
  healthSchema,
  inferenceErrorSchema,
  inferenceModelSchema,
  inferenceRequestSchema,
  inferenceResponseSchema,
  inferenceServerSchema,
  modelsSchema,
  pictureSchema,
  picturesSchema,
  problemSchema,
  readinessSchema,
  verificationAnswerSchema,
  verificationsSchema,
  verifyQuery,
} from './schemas.js';

type Json = Readonly<Record<string, unknown>>;

export interface Parameter {
  readonly name: string;
  readonly in: 'query' | 'path';
  readonly required: boolean;
  readonly description: string;
  readonly schema: Json;
}

export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly security?: readonly Json[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: {
    readonly required: true;
    readonly description: string;
    readonly content: Readonly<Record<string, { readonly schema: Json }>>;
  };
  readonly responses: Readonly<
    Record<string, { readonly description: string; readonly content?: Readonly<Record<string, Json>> }>
  >;
}

export interface ApiDocument {
  readonly openapi: '3.1.1';
  readonly info: Json & { readonly title: string; readonly version: string; readonly description: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: Json;
  readonly security?: readonly Json[];
}

/** The problems that a route with pictures can answer, by status. */
const PROBLEMS: Readonly<Record<string, string>> = {
  400: 'The request is wrong: a parameter, a malformed form, no image.',
  401: 'The bearer token is missing or wrong.',
  413: 'The request is too large, or has too many images.',
  422: 'The image cannot be estimated: it is not an image, is damaged, has too many pixels or takes too long.',
  429: 'This client sends too many requests; Retry-After says when to try again.',
  503: 'The server is at its limits or shutting down; Retry-After says when to try again.',
};

export function apiDocument(settings: Settings, version: string): ApiDocument {
  return {
    openapi: '3.1.1',
    info: {
      title: 'Agewise',
      version,
      description:
        'Apparent age, and gender if a model predicts it, of every face in pictures. Estimates are of apparent age; ' +
        'they are no proof of how old anybody is. Pictures are not stored or logged.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths: {
      '/v1/estimate': {
        post: {
          operationId: 'estimate',
          summary: 'Estimate the age of every face in one or several images',
          description:
            'A body that is the image itself gets its faces, or a problem. A multipart/form-data body gets a list; ' +
            'an image that cannot be read does not affect the others. The format is recognised by content; names and ' +
            'types are ignored. URLs are not fetched.',
          parameters: parametersOf(estimateQuery(settings.maxFaces)),
          requestBody: imagesBody(settings),
          responses: {
            200: {
              description: 'The faces of the image, or of each image.',
              content: jsonContent({
                anyOf: [schemaRef('Picture'), schemaRef('Pictures')],
              }),
            },
            ...problems(...Object.keys(PROBLEMS)),
          },
        },
      },
      '/v1/verify': {
        post: {
          operationId: 'verify',
          summary: 'Check whether an image shows somebody old enough, by a challenge age',
          description:
            'An image with one face passes, fails or is referred to another proof of age. An image that cannot be judged is ' +
            'referred. Several images get a list, as for estimates.',
          parameters: parametersOf(verifyQuery),
          requestBody: imagesBody(settings),
          responses: {
            200: {
              description: 'The verdict on the image, or on each image.',
              content: jsonContent({ anyOf: [schemaRef('Verification'), schemaRef('Verifications')] }),
            },
            ...problems(...Object.keys(PROBLEMS)),
          },
        },
      },
      '/v1/models': {
        get: {
          operationId: 'models',
          summary: 'The models in use, with their metadata',
          responses: {
            200: { description: 'The models.', content: jsonContent(schemaRef('Models')) },
            ...problems('401', '429'),
          },
        },
      },
      '/healthz': {
        get: {
          operationId: 'health',
          summary: 'Whether the server is alive',
          security: [],
          responses: { 200: { description: 'It is.', content: jsonContent(schemaRef('Health')) } },
        },
      },
      '/readyz': {
        get: {
          operationId: 'readiness',
          summary: 'Whether the server can be sent requests',
          security: [],
          responses: {
            200: { description: 'It can.', content: jsonContent(schemaRef('Readiness')) },
            503: {
              description: 'No child process is ready, or the server is shutting down.',
              content: jsonContent(schemaRef('Readiness')),
            },
          },
        },
      },
      '/metrics': {
        get: {
          operationId: 'metrics',
          summary: 'Metrics for Prometheus',
          responses: {
            200: { description: 'The metrics.', content: { 'text/plain': { schema: { type: 'string' } } } },
            ...problems('401'),
          },
        },
      },
      ...inferencePaths(),
    },
    components: {
      schemas: {
        Verification: jsonSchema(verificationAnswerSchema),
        Verifications: jsonSchema(verificationsSchema),
        InferenceServer: jsonSchema(inferenceServerSchema),
        InferenceModel: jsonSchema(inferenceModelSchema),
        InferenceRequest: jsonSchema(inferenceRequestSchema),
        InferenceResponse: jsonSchema(inferenceResponseSchema),
        InferenceError: jsonSchema(inferenceErrorSchema),
        Picture: jsonSchema(pictureSchema),
        Pictures: jsonSchema(picturesSchema),
        Problem: jsonSchema(problemSchema),
        Models: jsonSchema(modelsSchema),
        Health: jsonSchema(healthSchema),
        Readiness: jsonSchema(readinessSchema),
      },
      ...(settings.token !== undefined && {
        securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      }),
    },
    ...(settings.token !== undefined && { security: [{ token: [] }] }),
  };
}

function imagesBody({ maxBodyMegabytes, maxImages, maxMegapixels }: Settings) {
  const bytes = Math.floor(maxBodyMegabytes * 1e6);
  const image = { type: 'string', contentMediaType: 'application/octet-stream' };
  return {
    required: true as const,
    description:
      `JPEG, PNG, WebP, AVIF, TIFF or GIF; at most ${bytes} bytes, ${maxImages} images, ` +
      `${maxMegapixels} megapixels an image.`,
    content: {
      'image/*': { schema: image },
      'application/octet-stream': { schema: {} },
      'multipart/form-data': {
        schema: { type: 'object', properties: { image: { type: 'array', items: image } } },
      },
    },
  };
}

/** The Open Inference Protocol: every path without and with a version. */
function inferencePaths(): ApiDocument['paths'] {
  const error = {
    description: 'The request is wrong, or the model is not ready.',
    content: jsonContent(schemaRef('InferenceError')),
  };
  const answer = (description: string, schema: string) => ({
    200: { description, content: jsonContent(schemaRef(schema)) },
    400: error,
  });
  const yes = { 200: { description: 'It is.' }, 400: { description: 'It is not.' } };
  const inModel = (path: string, names: readonly string[]): ApiDocument['paths'] => {
    const parameters = names.map((name) => ({
      name,
      in: 'path' as const,
      required: true,
      description:
        name === 'model' ? "A network's name, or agewise for the whole pipeline" : "The model's version: 1",
      schema: { type: 'string' },
    }));
    const id = names.length > 1 ? 'Version' : '';
    return {
      [path]: {
        get: {
          operationId: `inferenceModel${id}`,
          summary: 'The inputs and outputs of a model',
          parameters,
          responses: answer('The model.', 'InferenceModel'),
        },
      },
      [`${path}/ready`]: {
        get: {
          operationId: `inferenceModelReady${id}`,
          summary: 'Whether a model is ready',
          parameters,
          responses: yes,
        },
      },
      [`${path}/infer`]: {
        post: {
          operationId: `infer${id}`,
          summary: 'Run a network on tensors, or the whole pipeline (model agewise) on image files',
          description:
            'Tensors are JSON, or binary after it; the header Inference-Header-Content-Length then gives the length of ' +
            'the JSON part, in requests and answers. The pipeline takes the parameters of /v1/estimate.',
          parameters,
          requestBody: {
            required: true,
            description: 'Tensors.',
            content: {
              'application/json': { schema: schemaRef('InferenceRequest') },
              'application/octet-stream': { schema: {} },
            },
          },
          responses: answer('The outputs.', 'InferenceResponse'),
        },
      },
    };
  };
  return {
    '/v2': {
      get: {
        operationId: 'inferenceServer',
        summary: 'The server, for clients of the Open Inference Protocol (KServe, Triton)',
        responses: answer('The server.', 'InferenceServer'),
      },
    },
    '/v2/health/live': {
      get: {
        operationId: 'inferenceLive',
        summary: 'Whether the server is alive',
        security: [],
        responses: yes,
      },
    },
    '/v2/health/ready': {
      get: {
        operationId: 'inferenceReady',
        summary: 'Whether the server can be sent requests',
        security: [],
        responses: yes,
      },
    },
    ...inModel('/v2/models/{model}', ['model']),
    ...inModel('/v2/models/{model}/versions/{version}', ['model', 'version']),
  };
}

const schemaRef = (name: string): Json => ({ $ref: `#/components/schemas/${name}` });
const jsonContent = (schema: Json) => ({ 'application/json': { schema } });

const problems = (...statuses: readonly string[]): Operation['responses'] =>
  Object.fromEntries(
    statuses.map((status) => [
      status,
      {
        description: PROBLEMS[status]!,
        content: { 'application/problem+json': { schema: schemaRef('Problem') } },
      },
    ]),
  );

function jsonSchema(schema: z.ZodType): Json {
  // Answers may gain fields in later versions.
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io: 'input' });
  return json;
}

function parametersOf(schema: z.ZodObject): Parameter[] {
  const { properties = {} } = z.toJSONSchema(schema, { io: 'input' });
  return Object.entries(properties).map(([name, property]) => {
    const { description = '', expected: _, ...rest } = property as Json & { readonly description?: string };
    return { name, in: 'query' as const, required: false, description, schema: rest };
  });
}
