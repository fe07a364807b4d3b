/** Core is plain Node: everything it loads, directly or not, is free of Electron and of the renderer. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';

const ENTRIES = ['core/runtime/start.ts', 'core/cli/main.ts', 'core/client/index.ts'];
const FOREIGN = /^(?:electron|react|react-dom|vite)(?:\/|$)/;

/** Loads a module in a process of its own and says at its end, whatever the module does, what was asked for. */
const LOAD = `
  import { registerHooks } from 'node:module';
  import { writeFileSync } from 'node:fs';
  const asked = [];
  registerHooks({ resolve: (name, context, next) => { asked.push(name); return next(name, context); } });
  process.on('exit', () => writeFileSync(3, JSON.stringify(asked)));
  await import(process.env.ENTRY);
  process.exit(0);
`;

/** Every name that was asked for when a module was loaded. */
function askedBy(entry: string): string[] {
  const run = spawnSync(process.execPath, ['--input-type=module', '-e', LOAD], {
    env: { ...process.env, ENTRY: resolve(entry) },
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
  });
  expect(run.output[3], run.stderr).toBeTruthy();
  return JSON.parse(run.output[3] ?? '[]') as string[];
}

for (const entry of ENTRIES) {
  test.skipIf(!existsSync(entry))(`${entry} asks for nothing of Electron or the renderer`, () => {
    const asked = askedBy(entry);
    expect(asked).toContain(resolve(entry));
    expect(asked.filter((name) => FOREIGN.test(name) || name.includes('renderer/'))).toEqual([]);
  });
}
