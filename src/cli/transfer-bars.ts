import type { TransferProgress } from '../files/index.js';
import { BYTES } from './byte-unit.js';
import type { Console } from './console.js';
import { Progress } from './progress.js';

/** A bar for each file and phase. */
export class TransferBars {
  private current = '';

  constructor(private readonly console: Console) {}

  update(file: string, { phase, done, total }: TransferProgress): void {
    if (total === undefined) return;
    if (`${file} ${phase}` !== this.current) {
      this.stop();
      this.current = `${file} ${phase}`;
      this.console.progress = new Progress(process.stderr, total, BYTES);
      this.console.progress.continueFrom(done);
    }
    this.console.progress!.update(done);
  }

  stop(): void {
    this.console.progress?.stop();
    this.console.progress = undefined;
    this.current = '';
  }
}
