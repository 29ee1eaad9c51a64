/** Where results and messages go: stdout and stderr, with a progress bar that is cleared before either. */
import type { Progress } from './progress.js';
import { messageLine, safeLines } from './text.js';

export interface ConsoleStreams {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

export class Console {
  /** Whether stdout's reader has closed it, as `head` does when it has enough. */
  closed = false;
  progress: Progress | undefined;

  constructor(private readonly streams: ConsoleStreams = process) {
    // Writes report their own errors; without a listener the stream would throw them again.
    for (const stream of [streams.stdout, streams.stderr]) stream.on('error', () => {});
  }

  /** Writes whole lines to stdout, without what could change how a terminal shows them, and waits until they are written. */
  async print(lines: string): Promise<void> {
    if (lines === '' || this.closed) return;
    this.progress?.clear();
    const error = await write(this.streams.stdout, safeLines(lines));
    if (error?.code === 'EPIPE') this.closed = true;
    else if (error) throw error;
  }

  /** Writes one sentence to stderr. */
  async complain(sentence: string): Promise<void> {
    this.progress?.clear();
    await write(this.streams.stderr, `agewise: ${messageLine(sentence)}\n`);
  }

  /** Writes a line of information to stderr. */
  async note(line: string): Promise<void> {
    this.progress?.clear();
    await write(this.streams.stderr, `${messageLine(line)}\n`);
  }
}

function write(stream: NodeJS.WriteStream, text: string): Promise<NodeJS.ErrnoException | null | undefined> {
  return new Promise((done) => {
    stream.write(text, (error) => done(error));
  });
}
