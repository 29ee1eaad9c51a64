/**
 * A run's log: `history.jsonl`, one entry per line, and event files for TensorBoard. Entries survive any end of the
 * process; an incomplete line is dropped.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolders, reasonOf } from '../../files/index.js';
import { createEventFile, type EventFile, removeEventFiles } from './event-file.js';
import { HISTORY, keptBytes } from './history.js';
import { LogError } from './log-error.js';
import { scalarsOf } from './scalars.js';
import type { LogEntry } from './types.js';

export interface RunLogOptions {
  /** The step from which the run resumes: later entries are dropped. 0 starts over. */
  readonly step: number;
}

export class RunLog {
  /** Entries are written one after another, even if the caller does not wait. */
  private last: Promise<void> = Promise.resolve();

  private constructor(
    private readonly folder: string,
    private readonly history: FileHandle,
    private bytes: number,
    private readonly events: EventFile,
  ) {}

  /**
   * Opens the log of a run's folder, which is created if needed.
   * @throws LogError if it cannot be read or written.
   */
  static async open(folder: string, { step }: RunLogOptions): Promise<RunLog> {
    try {
      await makeFolders(folder);
      if (step === 0) await removeEventFiles(folder);
      const history = await open(join(folder, HISTORY), 'a+');
      try {
        const bytes = step === 0 ? 0 : keptBytes(await history.readFile(), step);
        await history.truncate(bytes);
        return new RunLog(folder, history, bytes, await createEventFile(folder, step + 1));
      } catch (error) {
        await history.close();
        throw error;
      }
    } catch (error) {
      throw unwritable(folder, error);
    }
  }

  /**
   * Adds an entry. Figures that are not finite are null in the history.
   * @throws LogError if it cannot be written; earlier entries are then unchanged.
   */
  write(entry: LogEntry): Promise<void> {
    const written = this.last.then(() => this.append(entry));
    this.last = written.catch(() => {});
    return written;
  }

  async close(): Promise<void> {
    await this.last;
    await this.history.close();
    await this.events.close();
  }

  private async append(entry: LogEntry): Promise<void> {
    const line = Buffer.from(`${JSON.stringify(entry)}\n`);
    try {
      await this.history.appendFile(line);
      const scalars = scalarsOf(entry);
      if (scalars !== undefined) await this.events.write(entry.step, scalars);
      this.bytes += line.length;
    } catch (error) {
      // Part of the line may have been written: the next one must not continue it.
      await this.history.truncate(this.bytes).catch(() => {});
      throw unwritable(this.folder, error);
    }
  }
}

const unwritable = (folder: string, error: unknown) =>
  new LogError(`The log of run '${folder}' cannot be written: ${reasonOf(error)}`, {
    kind: 'failed',
    cause: error,
  });
