/** A core in a process of its own whose clock stands still and whose ids are always the same, for pictures. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { attach } from '#core/cli/attach.ts';
import { SAMPLE_OPERATOR } from '#core/runtime/sample.ts';

const CLOCK = new URL('../support/fixed-clock.mjs', import.meta.url).pathname;
const START = new URL('../../build/start.ts', import.meta.url).pathname;

/** When all pictures are taken: a Friday in the middle of a month, whose last month is closed. */
export const PICTURED_MS = Date.UTC(2026, 10, 20, 10, 24);

type Who = Readonly<{ name: string; passphrase: string }>;

/** Starts on `workspace`, which becomes the sample when there is none; answers its link and a client signed in. */
export async function startFixedCore(workspace: string, operator: Who = SAMPLE_OPERATOR) {
  const given = ['--json', '--no-open', '--chains', 'none', '--workspace', workspace];
  const env = { ...process.env, TOLLKEEPER_TEST_CLOCK: String(PICTURED_MS), TZ: 'UTC' };
  const child = spawn(process.execPath, ['--import', CLOCK, START, ...given], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const lines = createInterface({ input: child.stdout });
  const line = await new Promise<string>((resolve, reject) => {
    lines.once('line', resolve);
    child.once('exit', (code) => reject(new RangeError(`the core ended with ${code} before it was ready`)));
  });
  const { consoleUrl } = JSON.parse(line) as { consoleUrl: string };
  const connection = await attach(workspace);
  if (connection === null) throw new RangeError('nobody answers for the workspace');
  await connection.client.session.signIn(operator);
  return {
    consoleUrl,
    client: connection.client,
    close: async (): Promise<void> => {
      connection.close();
      child.kill('SIGTERM');
      await ended;
    },
  };
}
