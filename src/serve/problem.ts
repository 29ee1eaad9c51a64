/** Turns errors into answers: problem details for HTTP (RFC 9457). */
import { STATUS_CODES } from 'node:http';
import { AgewiseError, httpStatus } from '../errors/index.js';
import { RETRY_SECONDS, RequestError } from './requests/index.js';
import { RefusalError, type RefusalReason } from './workers/index.js';

export interface Problem {
  /** `about:blank`: the status gives the type, and `code` the cause. */
  readonly type: 'about:blank';
  readonly title: string;
  readonly status: number;
  /** One sentence. */
  readonly detail: string;
  /** For example `AGEWISE_IMAGE`; `INTERNAL` for a fault of the server. */
  readonly code: string;
}

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

/** The status of each refusal; 422 if the picture itself is the cause, so that clients do not retry. */
const REFUSALS: Readonly<Record<RefusalReason, number>> = {
  full: 503,
  closing: 503,
  died: 503,
  deadline: 422,
  memory: 422,
};

/** Sentences for errors of the framework. */
const FRAMEWORK: Readonly<Record<string, string>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'request: expected a Content-Type of the form type/subtype, found another',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'request: its body is not as long as its Content-Length says',
};

export interface Failure {
  readonly problem: Problem;
  readonly retryAfter: number | undefined;
  /** Whether to close the connection. */
  readonly close: boolean;
}

/** The answer to an error. */
export function failureOf(error: unknown): Failure {
  if (error instanceof RequestError) {
    const { status, retryAfter, close } = error;
    return { problem: problem(status, error.message, error.code), retryAfter, close };
  }
  if (error instanceof RefusalError) {
    const status = REFUSALS[error.reason];
    const retryAfter = status === 503 ? RETRY_SECONDS : undefined;
    return {
      problem: problem(status, error.message, error.code),
      retryAfter,
      close: error.reason === 'closing',
    };
  }
  if (error instanceof AgewiseError) {
    return {
      problem: problem(httpStatus(error.kind), error.message, error.code),
      retryAfter: undefined,
      close: false,
    };
  }
  const { statusCode, code, message } = error as { statusCode?: number; code?: string; message?: string };
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    const detail = FRAMEWORK[code ?? ''] ?? message ?? '';
    return { problem: problem(statusCode, detail, code ?? 'REQUEST'), retryAfter: undefined, close: true };
  }
  const detail = 'The server failed; its log has details under this request’s id';
  return { problem: problem(500, detail, 'INTERNAL'), retryAfter: undefined, close: false };
}

export const problem = (status: number, detail: string, code: string): Problem => ({
  type: 'about:blank',
  title: STATUS_CODES[status] ?? 'Error',
  status,
  detail,
  code,
});

/** On these paths errors have the form of the Open Inference Protocol. */
const INFERENCE_PATH = /^\/v2(\/|\?|$)/;

/**
 * A problem as the body of an answer: RFC 9457, or `{ error }` for the inference protocol, which uses 400 for all faults of
 * a request's content.
 */
export function problemBody(
  url: string,
  problem: Problem,
): { readonly status: number; readonly type: string; readonly body: object } {
  const { status, detail } = problem;
  if (!INFERENCE_PATH.test(url)) return { status, type: PROBLEM_TYPE, body: problem };
  const isContent = status === 404 || status === 422;
  return {
    status: isContent ? 400 : status,
    type: 'application/json; charset=utf-8',
    body: { error: detail },
  };
}

/** The error of one picture among several, named by its index. */
export function pictureProblem(error: unknown, index: number): Problem {
  const { problem } = failureOf(error);
  return { ...problem, detail: problem.detail.replace(/^image: /, `image ${index}: `) };
}
