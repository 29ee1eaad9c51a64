import type { Reporter, TestModule } from 'vitest/node';

/** Closes a run with one line that a script can read: `N passed, N failed`, and what was skipped. */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const count = { passed: 0, failed: errors.length, skipped: 0 };
    for (const module of modules) {
      // A file that cannot be loaded has no tests to fail.
      if (module.errors().length > 0) count.failed++;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state !== 'pending') count[state]++;
      }
    }
    // After the default reporter's own summary, which it prints in the same hook.
    setImmediate(() => {
      const skipped = count.skipped ? `, ${count.skipped} skipped` : '';
      process.stdout.write(`\n${count.passed} passed, ${count.failed} failed${skipped}\n`);
    });
  }
}
