import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Real Pyodide starts in the tests; a start takes seconds on a small machine.
    testTimeout: 120_000,
    hookTimeout: 120_000
  }
});
