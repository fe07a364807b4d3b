/** Tells vitest the suites of `build/suites/list.ts`. */
import { defineConfig } from 'vitest/config';
import { SUITES } from './build/suites/list.ts';

export default defineConfig({
  test: {
    projects: SUITES.map(({ name, files, testSeconds, isShared }) => ({
      test: {
        name,
        include: [...files],
        testTimeout: testSeconds * 1000,
        hookTimeout: testSeconds * 1000,
        // better-sqlite3 is native and must not be loaded by several threads of one process.
        pool: 'forks' as const,
        isolate: isShared !== true,
      },
    })),
  },
});
