/** The suites of `npm test`: which files each one runs and how long a single test of it may take. */
import { defineConfig } from 'vitest/config';

/** better-sqlite3 is native and is not shared between threads, so every suite runs in processes. */
function suite(name: string, include: string[], testTimeout: number) {
  return { test: { name, include, testTimeout, hookTimeout: testTimeout, pool: 'forks' as const } };
}

export default defineConfig({
  test: {
    projects: [
      suite('unit', ['core/**/*.test.ts', 'renderer/**/*.test.{ts,tsx}', 'build/**/*.test.ts'], 10_000),
      suite('property', ['test/property/**/*.test.ts'], 60_000),
      suite('contract', ['test/contract/**/*.test.ts'], 30_000),
      suite('simulate', ['test/simulate/**/*.test.ts'], 120_000),
      suite('migrations', ['test/migrations/**/*.test.ts'], 30_000),
      suite('security', ['test/security/**/*.test.ts'], 30_000),
      suite('shims', ['test/support/**/*.test.ts'], 60_000),
      suite('crash', ['test/crash/**/*.test.ts'], 120_000),
      suite('conformance', ['test/conformance/*.test.ts'], 120_000),
      suite('e2e', ['test/e2e/**/*.spec.ts'], 60_000),
      suite('clone', ['test/clone/**/*.test.ts'], 300_000),
    ],
  },
});
