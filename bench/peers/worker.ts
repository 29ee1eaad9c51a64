/**
 * A peer in its own process, driven by messages. The first estimate is requested at once, so that the time from the start of
 * the process to its answer includes everything a user waits for. The process runs in the root of the repository.
 */
import type { Box } from '../../src/vision/index.js';

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
  /** The faces of each file, a path or its bytes, in the order given: from file to estimate. */
  estimate(files: readonly (string | Uint8Array)[]): Promise<PeerFace[][]>;
  /** Milliseconds of the network executions alone for the files, if the peer can measure them. */
  floor?(files: readonly string[]): Promise<number>;
}

export type Request =
  | { readonly kind: 'estimate'; readonly files: readonly string[] }
  | { readonly kind: 'floor'; readonly files: readonly string[] }
  | { readonly kind: 'describe' };

export type Reply =
  /** `milliseconds` is the wall time of the request. */
  | { readonly kind: 'estimated'; readonly faces: PeerFace[][]; readonly milliseconds: number }
  | { readonly kind: 'floor'; readonly milliseconds: number }
  | {
      readonly kind: 'described';
      readonly description: string;
      readonly peakBytes: number;
      readonly processorMilliseconds: number;
    }
  | { readonly kind: 'failed'; readonly message: string };

/** Loads the peer and answers requests one after another until the process is ended. */
export function serve(load: () => Promise<Peer>): void {
  const send = (reply: Reply) => process.send?.(reply);
  const loading = load();
  let work: Promise<void> = Promise.resolve();
  process.on('message', (request: Request) => {
    work = work.then(async () => {
      try {
        const peer = await loading;
        send(await answer(peer, request));
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
  switch (request.kind) {
    case 'estimate': {
      const start = performance.now();
      const faces = await peer.estimate(request.files);
      return { kind: 'estimated', faces, milliseconds: performance.now() - start };
    }
    case 'floor': {
      if (peer.floor === undefined) throw new Error(`${peer.description} cannot tell its floor`);
      return { kind: 'floor', milliseconds: await peer.floor(request.files) };
    }
    case 'describe': {
      const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
      return {
        kind: 'described',
        description: peer.description,
        // maxRSS is in kilobytes of 1024 bytes, the times are in microseconds.
        peakBytes: maxRSS * 1024,
        processorMilliseconds: (userCPUTime + systemCPUTime) / 1000,
      };
    }
  }
}
