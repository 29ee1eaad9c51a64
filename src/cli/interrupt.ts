import { EXIT } from './usage.js';

/**
 * Runs a command that Ctrl-C can stop: the first aborts the signal; the second is not caught and ends the process at once.
 * @returns the command's exit code, or that of an interrupt
 */
export async function untilInterrupted(command: (signal: AbortSignal) => Promise<number>): Promise<number> {
  const stop = new AbortController();
  const interrupt = () => stop.abort();
  process.once('SIGINT', interrupt);
  try {
    return await command(stop.signal);
  } catch (error) {
    if (stop.signal.aborted && (error as Error).name === 'AbortError') return EXIT.interrupted;
    throw error;
  } finally {
    process.off('SIGINT', interrupt);
  }
}
