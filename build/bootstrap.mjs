/** Every npm script starts here: names the project's commands and runs one of them on the pinned Node. */
import { launch, stop } from './launch.mjs';

/** What `npm run <task>` runs. `stopsCleanly`: a signal is the usual way to end it, so it exits with 0 then. */
const TASKS = {
  start: { script: 'build/start.ts', stopsCleanly: true },
  test: { script: 'build/suites.ts' },
  check: { script: 'build/suites.ts', args: ['--check'] },
  types: { script: 'build/types.ts' },
  lint: { script: 'node_modules/oxlint/bin/oxlint' },
  format: { script: 'node_modules/oxfmt/bin/oxfmt' },
  'format:check': { script: 'node_modules/oxfmt/bin/oxfmt', args: ['--check'] },
  tidy: { script: 'build/tidy.ts' },
  lock: { script: 'build/lock-complete.ts' },
  contracts: { script: 'build/contracts.ts' },
  mutate: { script: 'build/mutate.ts' },
  torture: { script: 'test/crash/torture.ts' },
  bench: { script: 'test/bench/bench.ts' },
  soak: { script: 'test/bench/soak.ts' },
  'programs:build': { script: 'build/programs.ts' },
  package: { script: 'build/package.ts' },
  shots: { script: 'build/shots.ts' },
  vitest: { script: 'node_modules/vitest/vitest.mjs' },
};

const [name = '', ...rest] = process.argv.slice(2);
if (!Object.hasOwn(TASKS, name)) stop(`"${name}" is not a command; there are ${Object.keys(TASKS).join(', ')}.`);
await launch(TASKS[name], rest);
