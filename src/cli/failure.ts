/** What is said where a command ends with an error. */
import { AgewiseError, exitCode } from '../errors/index.js';
import { isRefusal, reasonOf } from '../files/index.js';
import { oneLine } from './text.js';
import { EXIT } from './usage.js';

/**
 * Says on stderr why a command ended. An error that a user can cause is one sentence, and so is what the system refused;
 * anything else is a defect of ours, whose stack whoever reports it needs.
 * @returns the exit code
 */
export function tellFailure(error: unknown): number {
  if (error instanceof AgewiseError) return told(firstLine(error.message), exitCode(error.kind));
  if (isRefusal(error)) {
    const { path } = error as NodeJS.ErrnoException;
    return told(`${path === undefined ? '' : `${path}: `}${reasonOf(error)}`, EXIT.inputsFailed);
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`agewise: this is a defect of the program; please report it\n${stack}\n`);
  return EXIT.inputsFailed;
}

function told(sentence: string, code: number): number {
  process.stderr.write(`agewise: ${oneLine(sentence)}\n`);
  return code;
}

/** Libraries below quote more than a sentence. */
const firstLine = (message: string): string => message.split('\n')[0]!;
