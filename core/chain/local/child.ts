/**
 * A program that runs for us and ends with us, however we end. A shell stands between: it holds the reading end of a
 * pipe whose writing end only this process has, so it learns of a SIGKILL of ours as it does of an orderly end. Node's
 * own channel would need a second Node; `prctl` cannot be called from here.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { ChainError } from '../error.ts';

/**
 * Starts the program, closes its own end of the program's output, and waits for its input to end. Then the program gets
 * SIGTERM, and SIGKILL when that does not help within four seconds.
 */
const GUARD = `
"$@" </dev/null &
program=$!
exec 1>&- 2>&-
while read -r line; do :; done
kill -TERM "$program" 2>/dev/null
for wait in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  kill -0 "$program" 2>/dev/null || exit 0
  sleep 0.2
done
kill -KILL "$program" 2>/dev/null
`;

export type GuardedProgram = Readonly<{
  /** Lines of the program's output, from the first one on. */
  lines: AsyncIterable<string>;
  /** Settles when the program has ended, by itself or because it was told to. */
  ended: Promise<void>;
  /** Tells it to end and waits until it has. */
  stop: () => Promise<void>;
}>;

export type ProgramOptions = Readonly<{ cwd?: string; env?: Readonly<Record<string, string>> }>;

/** Starts a program that cannot outlive this process. Needs a POSIX shell; where there is none, no chain runs. */
export function startGuarded(file: string, args: readonly string[], options: ProgramOptions = {}): GuardedProgram {
  const child = spawn('/bin/sh', ['-c', GUARD, 'guard', file, ...args], {
    stdio: ['pipe', 'pipe', 'ignore'],
    // A group of its own: Ctrl-C at the terminal reaches us, and we decide in which order things end.
    detached: true,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: { ...process.env, ...options.env },
  });
  // A guard that is gone is told by its end, not by a write that fails.
  child.stdin.on('error', () => undefined);
  const ended = Promise.race([once(child.stdout, 'close'), once(child, 'error')]).then(() => undefined);
  const exited = once(child, 'exit').then(() => undefined);
  return {
    lines: createInterface({ input: child.stdout }),
    ended,
    stop: async () => {
      child.stdin.end();
      await exited;
    },
  };
}

/** Waits for a line that says the program is ready, and keeps reading what follows, so that its pipe never fills. */
export async function waitForLine(
  program: GuardedProgram,
  wanted: RegExp,
  { name, withinMs }: Readonly<{ name: string; withinMs: number }>,
): Promise<RegExpMatchArray> {
  const { promise, resolve, reject } = Promise.withResolvers<RegExpMatchArray>();
  const timer = setTimeout(() => reject(notReady(name, `not ready within ${withinMs} ms`)), withinMs);
  const read = async (): Promise<void> => {
    for await (const line of program.lines) {
      const match = wanted.exec(line);
      if (match !== null) resolve(match);
    }
    reject(notReady(name, 'ended before it was ready'));
  };
  read().catch(reject);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}

function notReady(name: string, why: string): ChainError {
  return new ChainError({
    code: 'LOCAL_CHAIN_FAILED',
    detail: `The local chain ${name} was ${why}.`,
    fix: 'Start without it (--chains none), or remove the folder beside the workspace that holds its state.',
  });
}
