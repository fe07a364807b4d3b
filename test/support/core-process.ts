/** `tollkeeper serve` as a process of its own, so that a test can kill it under an open window and start it again. */
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { ChildProcess } from 'node:child_process';
import { startCli } from './cli.ts';

export type CoreProcess = Readonly<{
  consoleUrl: string;
  gatewayUrl: string;
  /** Ends it as a power cut of the process does: nothing of it runs on. */
  kill: () => Promise<void>;
}>;

const running = new Set<ChildProcess>();

/** Starts the core on a workspace; both ports may be named, so that it comes back where it was. */
export async function serve(file: string, ports: { console: string; gateway: string }): Promise<CoreProcess> {
  const where = ['--port', ports.console, '--gateway', `127.0.0.1:${ports.gateway}`];
  const child = startCli(['serve', '--workspace', file, ...where, '--output', 'json']);
  running.add(child);
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const gone = once(child, 'exit').then(() => {
    running.delete(child);
    return null;
  });
  const line = child.stdout ? once(createInterface({ input: child.stdout }), 'line') : gone;
  const ready = (await Promise.race([line, gone])) as [string] | null;
  if (ready === null) throw new TypeError(`the core ended before it was ready: ${said}`);
  const { consoleUrl, gatewayUrl } = JSON.parse(ready[0]) as { consoleUrl: string; gatewayUrl: string };
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await gone;
  };
  return { consoleUrl, gatewayUrl, kill };
}

/** Leaves no core behind, whatever became of the test. */
export function killAll(): void {
  for (const child of running) child.kill('SIGKILL');
}
