/** A child process for the pool's tests: it does what its tasks name. */
import { runChild } from './child-main.js';
import type { ChildError } from './protocol.js';

export interface TestSettings {
  /** Whether it cannot load. */
  readonly broken?: boolean;
}

export type TestTask =
  | { readonly do: 'echo'; readonly value: unknown }
  | { readonly do: 'wait'; readonly ms: number }
  /** Holds the process up, as a run of ONNX Runtime does. */
  | { readonly do: 'spin' }
  | { readonly do: 'fail'; readonly message: string }
  | { readonly do: 'die' }
  /** Takes memory, in bytes, and holds it for a while. */
  | { readonly do: 'grow'; readonly bytes: number };

export type TestError = ChildError;

runChild<TestSettings, TestTask, { readonly pid: number; readonly value?: unknown }>({
  async load({ broken }) {
    if (broken) throw new Error('it cannot load');
    return {
      async run(task) {
        const { pid } = process;
        switch (task.do) {
          case 'echo':
            return { pid, value: task.value };
          case 'wait':
            await new Promise((resolve) => setTimeout(resolve, task.ms));
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
            await new Promise((resolve) => setTimeout(resolve, 60_000));
            return { pid, value: held[0] };
          }
        }
      },
      async end() {},
    };
  },
});
