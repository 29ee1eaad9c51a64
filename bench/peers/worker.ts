/**
 * A peer in a process of its own, driven by messages: the first estimate is asked for at once, so that the
 * time from the start of the process to its answer holds everything a user waits for. The process runs in
 * the root of the repository.
 */
import type { Box } from '../../src/vision/types.js';

/** A face as a peer reports it, in pixels of the upright picture. */
export interface PeerFace {
  readonly box: Box;
  /** Years. */
  readonly age: number;
  readonly gender: 'female' | 'male' | null;
}

export interface Peer {
  /** What ran, in words: engine, threads, version. */
  readonly description: string;
  /** The faces of each file, in the order given: from file to estimate. */
  estimate(files: readonly string[]): Promise<PeerFace[][]>;
  /** Milliseconds spent in bare executions of networks since the start, where the peer can tell. */
  networkMilliseconds?(): number;
}

export type Request =
  | { readonly kind: 'estimate'; readonly files: readonly string[] }
  | { readonly kind: 'finish' };

export type Reply =
  | {
      readonly kind: 'estimated';
      readonly faces: PeerFace[][];
      /** Wall time of this request. */
      readonly milliseconds: number;
      /** The part of it that bare executions of networks took, where the peer can tell. */
      readonly networkMilliseconds: number | undefined;
    }
  | { readonly kind: 'finished'; readonly description: string; readonly peakBytes: number }
  | { readonly kind: 'failed'; readonly message: string };

/** Loads the peer and answers requests one after another until told to finish. */
export function serve(load: () => Promise<Peer>): void {
  const send = (reply: Reply) => process.send?.(reply);
  const loading = load();
  let work: Promise<void> = Promise.resolve();
  process.on('message', (request: Request) => {
    work = work.then(async () => {
      try {
        const peer = await loading;
        send(await answer(peer, request));
        if (request.kind === 'finish') process.disconnect();
      } catch (error) {
        send({
          kind: 'failed',
          message: error instanceof Error ? (error.stack ?? error.message) : String(error),
        });
      }
    });
  });
}

async function answer(peer: Peer, request: Request): Promise<Reply> {
  if (request.kind === 'finish') {
    // maxRSS is in kilobytes of 1024 bytes.
    const peakBytes = process.resourceUsage().maxRSS * 1024;
    return { kind: 'finished', description: peer.description, peakBytes };
  }
  const networkBefore = peer.networkMilliseconds?.();
  const start = performance.now();
  const faces = await peer.estimate(request.files);
  const milliseconds = performance.now() - start;
  const networkAfter = peer.networkMilliseconds?.();
  const networkMilliseconds =
    networkBefore === undefined || networkAfter === undefined ? undefined : networkAfter - networkBefore;
  return { kind: 'estimated', faces, milliseconds, networkMilliseconds };
}
