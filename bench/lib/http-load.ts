/** Load on an HTTP server: pictures as bodies, from several clients at once. */
import autocannon from 'autocannon';

export interface Load {
  /** Until the last answer. */
  readonly requestsPerSecond: number;
  /** Milliseconds of each answered request, ascending. */
  readonly latencies: readonly number[];
  /** Requests that were not answered by 200. */
  readonly failed: number;
}

/** Sends `count` pictures in turn, `clients` at a time. */
export async function sendPictures(
  url: string,
  pictures: readonly Buffer[],
  { count, clients }: { readonly count: number; readonly clients: number },
): Promise<Load> {
  const latencies: number[] = [];
  let failed = 0;
  let next = 0;
  const start = performance.now();
  // autocannon itself looks only once a second whether all have come.
  let last = start;
  const { errors, timeouts } = await new Promise<autocannon.Result>((resolve, reject) => {
    const running = autocannon(
      {
        url,
        connections: clients,
        amount: count,
        timeout: 120,
        requests: [
          {
            method: 'POST',
            setupRequest: (request) => ({ ...request, body: pictures[next++ % pictures.length]! }),
          },
        ],
      },
      (error, result) => (error ? reject(error) : resolve(result)),
    );
    running.on('response', (_client, status, _bytes, milliseconds) => {
      last = performance.now();
      if (status === 200) latencies.push(milliseconds);
      else failed++;
    });
  });
  return {
    requestsPerSecond: (1000 * latencies.length) / (last - start),
    latencies: latencies.sort((a, b) => a - b),
    failed: failed + errors + timeouts,
  };
}

/** The value that a share of sorted values does not exceed (nearest rank). */
export const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
