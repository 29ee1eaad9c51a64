import { AgewiseError, type ErrorKind } from '../../errors/index.js';

/** Why a task was not done. */
export type RefusalReason =
  /** The queue is full. */
  | 'full'
  /** The server is shutting down. */
  | 'closing'
  /** Its child process died, twice. */
  | 'died'
  /** It took too long. */
  | 'deadline'
  /** It took too much memory. */
  | 'memory';

const SENTENCES: Readonly<Record<RefusalReason, string>> = {
  full: 'the queue is full; try again later',
  closing: 'the server is shutting down; try again later',
  died: 'its processes ended unexpectedly; try again later',
  deadline: 'it took longer than a picture may take',
  memory: 'it took more memory than a picture may take',
};

/** Thrown for a task that was refused or given up. */
export class RefusalError extends AgewiseError {
  override readonly name = 'RefusalError';
  static override readonly kind: ErrorKind = 'failed';

  constructor(readonly reason: RefusalReason) {
    const pictures = reason === 'deadline' || reason === 'memory';
    super({ subject: 'image', problem: SENTENCES[reason] }, { kind: pictures ? 'input' : 'failed' });
  }
}
