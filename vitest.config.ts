import { defineConfig } from 'vitest/config';

/** Replaces modules, which others in its process would see. */
const ALONE = 'src/bulk/join.test.ts';

export default defineConfig({
  test: {
    // Sessions of ONNX Runtime live in native code: a forked process isolates them, a thread does not.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    restoreMocks: true,
    unstubEnvs: true,
    reporters: ['default', './test/summary-reporter.ts'],
    projects: [
      // One process after another would load the same modules for each file.
      {
        extends: true,
        test: { name: 'unit', include: ['src/**/*.test.ts'], exclude: [ALONE], isolate: false },
      },
      { extends: true, test: { name: 'whole', include: ['test/**/*.test.ts', ALONE] } },
    ],
  },
});
