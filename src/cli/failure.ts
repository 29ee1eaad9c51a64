/** How a command's error is reported. */
import { AgewiseError, exitCode } from '../errors/index.js';
import { isRefusal, reasonOf } from '../files/index.js';
import { messageLine } from './text.js';
import { EXIT } from './usage.js';

/** Errors of standard output that have been reported. */
const reported = new WeakSet<Error>();

/** Reports once why standard output cannot be written. @returns the exit code */
export function reportOutputFailure(error: Error): number {
  if (reported.has(error)) return EXIT.inputsFailed;
  reported.add(error);
  return report(`standard output: ${reasonOf(error)}`, EXIT.inputsFailed);
}

/**
 * Reports on stderr why a command ended. An error that a user can cause, or a refusal by the system, is one sentence;
 * anything else is a bug of ours, and a report of it needs the stack.
 * @returns the exit code
 */
export function reportFailure(error: unknown): number {
  if (error instanceof AgewiseError) return report(firstLine(error.message), exitCode(error.kind));
  if (isRefusal(error)) {
    if (reported.has(error as Error)) return EXIT.inputsFailed;
    const { path, syscall } = error as NodeJS.ErrnoException;
    const subject = path ?? (syscall === CURRENT_FOLDER ? 'the current folder' : undefined);
    return report(`${subject === undefined ? '' : `${subject}: `}${reasonOf(error)}`, EXIT.inputsFailed);
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const lines = stack.split('\n').map(messageLine).join('\n');
  process.stderr.write(`agewise: this is a bug in the program; please report it\n${lines}\n`);
  return EXIT.inputsFailed;
}

/** The call that fails if the current folder has been removed. */
const CURRENT_FOLDER = 'uv_cwd';

function report(sentence: string, code: number): number {
  process.stderr.write(`agewise: ${messageLine(sentence)}\n`);
  return code;
}

/** Messages of libraries may have more than one line. */
const firstLine = (message: string): string => message.split('\n')[0]!;
