import { AgewiseError, type ErrorFacts } from '../../errors/index.js';

export interface RequestErrorOptions extends ErrorOptions {
  /** In seconds, for whoever may ask again. */
  readonly retryAfter?: number;
  /** Whether what is left of the request is not read. */
  readonly close?: boolean;
}

/** A request that is not answered as it asks. */
export class RequestError extends AgewiseError {
  override readonly name = 'RequestError';
  readonly retryAfter: number | undefined;
  readonly close: boolean;

  constructor(
    readonly status: number,
    facts: ErrorFacts | string,
    { retryAfter, close = false, ...options }: RequestErrorOptions = {},
  ) {
    super(facts, { kind: status >= 500 ? 'failed' : 'usage', ...options });
    this.retryAfter = retryAfter;
    this.close = close;
  }
}

/** Nobody reads its status; in a metric it stands for itself, as it does with other servers. */
export const clientGone = (cause?: unknown): RequestError =>
  new RequestError(499, 'client: it went before it was answered', { cause });
