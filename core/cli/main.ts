/** `tollkeeper <command>`: gives the process to the program, its signals included, and exits by the documented code. */
import { EXIT } from './failure.ts';
import type { Screen } from './output.ts';
import { Interrupted } from './passphrase.ts';
import { runProgram } from './program.ts';

/** As a shell reports a process that a signal ended. */
const SIGNAL_EXIT = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

const screen: Screen = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  width: process.stdout.columns || 120,
};

/** Ends the process once what was written is out: a pipe may still hold some of it. */
async function exit(code: number): Promise<never> {
  const drained = (stream: NodeJS.WriteStream) => new Promise<void>((resolve) => stream.write('', () => resolve()));
  await Promise.all([drained(process.stdout), drained(process.stderr)]);
  process.exit(code);
}

async function main(): Promise<never> {
  const abort = new AbortController();
  let signalled: number = SIGNAL_EXIT.SIGINT;
  for (const [signal, code] of Object.entries(SIGNAL_EXIT)) {
    process.on(signal, () => {
      signalled = code;
      abort.abort();
    });
  }
  // A reader that left early, as `head` does, is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) =>
    process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.cannot),
  );
  try {
    const terminal = { screen, isTty: process.stdout.isTTY, signal: abort.signal };
    return await exit(await runProgram(process.argv.slice(2), terminal));
  } catch (error) {
    if (error instanceof Interrupted) return exit(signalled);
    throw error;
  }
}

await main();
