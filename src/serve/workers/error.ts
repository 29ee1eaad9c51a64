import { AgewiseError, type ErrorKind } from '../../errors/index.js';

/** Why a task was not done. */
export type RefusalReason =
  /** More tasks wait than may. */
  | 'full'
  /** The server is ending. */
  | 'closing'
  /** Processes died under it. */
  | 'died'
  /** It took a process longer than it may. */
  | 'deadline'
  /** It took a process more memory than it may. */
  | 'memory';

const SENTENCES: Readonly<Record<RefusalReason, string>> = {
  full: 'as many pictures wait as may; try again later',
  closing: 'the server is ending; try again later',
  died: 'processes ended while they worked on it; try again later',
  deadline: 'it took longer than a picture may take',
  memory: 'it took more memory than a picture may take',
};

/** A task that was not done, through no fault of the networks. */
export class RefusalError extends AgewiseError {
  override readonly name = 'RefusalError';
  static override readonly kind: ErrorKind = 'failed';

  constructor(readonly reason: RefusalReason) {
    const pictures = reason === 'deadline' || reason === 'memory';
    super({ subject: 'image', problem: SENTENCES[reason] }, { kind: pictures ? 'input' : 'failed' });
  }
}
