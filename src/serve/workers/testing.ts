/** A child process for tests of the pool; its tasks name what it does. */
import { setTimeout } from 'node:timers/promises';
import { runChild } from './child-main.js';

export interface TestSettings {
  /** Whether loading fails. */
  readonly broken?: boolean;
}

export type TestTask =
  | { readonly do: 'echo'; readonly value: unknown }
  | { readonly do: 'wait'; readonly ms: number }
  /** Blocks the process, as a run of ONNX Runtime does. */
  | { readonly do: 'spin' }
  | { readonly do: 'fail'; readonly message: string }
  | { readonly do: 'die' }
  /** Allocates memory, in bytes, for a while. */
  | { readonly do: 'grow'; readonly bytes: number };

runChild<TestSettings, TestTask, { readonly pid: number; readonly value?: unknown }>({
  async load({ broken }) {
    if (broken) throw new Error('it cannot load');
    return {
      async run(task, signal) {
        const { pid } = process;
        switch (task.do) {
          case 'echo':
            return { pid, value: task.value };
          case 'wait':
            await setTimeout(task.ms, undefined, { signal });
            return { pid };
          case 'spin':
            for (;;);
          case 'fail':
            throw new Error(task.message);
          case 'die':
            process.kill(pid, 'SIGKILL');
            return new Promise(() => {});
          case 'grow': {
            const held = Buffer.alloc(task.bytes, 1);
            await setTimeout(60_000);
            return { pid, value: held[0] };
          }
        }
      },
      async end() {},
    };
  },
});
