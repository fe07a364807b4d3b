/** However the bootstrap ends, nothing that it started outlives it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';

const SCRIPT = 'test/clone/idle.ts';
const LAUNCH = `
  import { launch } from './build/launch.mjs';
  await launch({ script: '${SCRIPT}', stopsCleanly: true }, []);
`;

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false; // ESRCH: there is no such process.
  }
}

/** Launches the idle script and gives the launcher with the script's process id. */
async function launched() {
  const launcher = spawn(process.execPath, ['--input-type=module', '-e', LAUNCH], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(launcher.stdout, 'data')) as [Buffer];
  return { launcher, pid: Number(line.toString()) };
}

test.each(['SIGTERM', 'SIGINT'] as const)('%s ends both, with exit code 0', async (signal) => {
  const { launcher, pid } = await launched();
  const exited = once(launcher, 'exit');
  launcher.kill(signal);
  expect(await exited).toEqual([0, null]);
  expect(isAlive(pid)).toBe(false);
});

test('SIGKILL of the bootstrap, which it cannot notice, still ends the script', async () => {
  const { launcher, pid } = await launched();
  launcher.kill('SIGKILL');
  await expect.poll(() => isAlive(pid), { timeout: 5000 }).toBe(false);
});
