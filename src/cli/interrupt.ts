import { EXIT } from './usage.js';

/**
 * Does work that Ctrl-C ends: the first one is a signal, the second one, no longer caught, ends at once.
 * @returns the work's exit code, or that of an interrupt
 */
export async function untilInterrupted(work: (signal: AbortSignal) => Promise<number>): Promise<number> {
  const stop = new AbortController();
  const interrupt = () => stop.abort();
  process.once('SIGINT', interrupt);
  try {
    return await work(stop.signal);
  } catch (error) {
    if (stop.signal.aborted && (error as Error).name === 'AbortError') return EXIT.interrupted;
    throw error;
  } finally {
    process.off('SIGINT', interrupt);
  }
}
