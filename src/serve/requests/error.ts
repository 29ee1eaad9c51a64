import { AgewiseError, type ErrorFacts } from '../../errors/index.js';

export interface RequestErrorOptions extends ErrorOptions {
  /** After how many seconds the client may try again. */
  readonly retryAfter?: number;
  /** Whether to close the connection without reading the rest of the request. */
  readonly close?: boolean;
}

/** A request that is refused. */
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

/** The client does not see this status; it marks the case in metrics, as in other servers. */
export const clientGone = (cause?: unknown): RequestError =>
  new RequestError(499, 'client: it disconnected before the answer', { cause });
