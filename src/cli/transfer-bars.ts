import type { TransferProgress } from '../files/index.js';
import { BYTES } from './byte-unit.js';
import type { Console } from './console.js';
import { Progress } from './progress.js';

/** A bar for each file and phase, over what is left when it starts. */
export class TransferBars {
  private current = '';
  private start = 0;

  constructor(private readonly console: Console) {}

  update(file: string, { phase, done, total }: TransferProgress): void {
    if (total === undefined) return;
    if (`${file} ${phase}` !== this.current) {
      this.stop();
      this.current = `${file} ${phase}`;
      this.start = done;
      this.console.progress = new Progress(process.stderr, total - done, BYTES);
    }
    this.console.progress!.update(done - this.start);
  }

  stop(): void {
    this.console.progress?.stop();
    this.console.progress = undefined;
    this.current = '';
  }
}
