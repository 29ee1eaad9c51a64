import { readFileSync } from 'node:fs';

/**
 * When a process started, in ticks since the system did: field 22 of proc(5), which tells it from a later one of the same
 * number. Undefined if the process is gone, or the system does not say.
 */
export function processStart(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field, the name of the command in parentheses, may contain blanks.
    return /\) (?:\S+ ){19}(\d+)/.exec(stat.slice(stat.lastIndexOf(')')))?.[1];
  } catch {
    return undefined;
  }
}
