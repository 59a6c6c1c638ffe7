import { availableParallelism } from 'node:os';

import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Most files wait for browsers and for other processes: on a small machine one at a time would take twice as long.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // Real Pyodide starts in the tests; a start takes seconds on a small machine.
    testTimeout: 120_000,
    hookTimeout: 120_000
  }
});
