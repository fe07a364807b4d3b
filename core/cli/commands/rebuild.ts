/** `tollkeeper rebuild`: makes the hourly totals anew from the events, while nobody else holds the workspace. */
import { setImmediate } from 'node:timers/promises';
import { WorkspaceError, diagnose } from '#core/ledger/diagnosis.ts';
import type { VerifyProgress } from '#core/ledger/verify.ts';
import { canonicalPath } from '#core/runtime/paths.ts';
import { checkUse, workspaceOf } from '../context.ts';
import type { Invocation, OwnCommand } from '../context.ts';
import { EXIT } from '../failure.ts';
import type { ExitCode } from '../failure.ts';
import { toJson } from '../output.ts';
import { Interrupted } from '../passphrase.ts';

const SHOW_EVERY_MS = 100;

/** Holds the lock and rebuilds; an interruption leaves the file as it was. Rejects with a diagnosis. */
async function rebuildFile(file: string, { screen, signal }: Invocation) {
  const [{ openForWriting }, { takeLock }, { rebuildRollups }] = await Promise.all([
    import('#core/ledger/open.ts'),
    import('#core/ledger/lock.ts'),
    import('#core/ledger/verify.ts'),
  ]);
  const lock = takeLock(file);
  if (!lock) {
    const detail = 'Another Tollkeeper holds the workspace.';
    const fix = 'Close the console or the headless core, and run it again; nothing was changed.';
    throw new WorkspaceError({ code: 'locked', detail, fix });
  }
  try {
    const connection = openForWriting(file);
    const isShown = process.stderr.isTTY;
    try {
      const work = rebuildRollups(connection);
      let toldMs = 0;
      for (;;) {
        const step = work.next();
        if (step.done) return step.value;
        if (performance.now() - toldMs < SHOW_EVERY_MS) continue;
        toldMs = performance.now();
        const { check, checked, total }: VerifyProgress = step.value;
        if (isShown) screen.err(`\r\u001b[K${check} ${checked} of ${total}`);
        await setImmediate(); // Lets a signal in.
        if (signal.aborted) throw new Interrupted();
      }
    } finally {
      if (isShown) screen.err('\r\u001b[K');
      connection.close(); // What was not committed is undone.
    }
  } finally {
    lock.release();
  }
}

async function run(invocation: Invocation): Promise<ExitCode> {
  checkUse(rebuild, invocation, 0);
  const { format, screen } = invocation;
  const file = canonicalPath(workspaceOf(invocation));
  const outcome = await rebuildFile(file, invocation).catch((error: unknown) => {
    throw error instanceof Interrupted ? error : diagnose(error, file);
  });
  const { ok, problem, mended } = outcome;
  if (format === 'json') screen.out(`${toJson({ workspace: file, ...outcome })}\n`);
  else if (ok) screen.out(`The hourly totals of ${file} are what its events make; ${mended} were not.\n`);
  else {
    const where = problem ? `${problem.table} ${problem.key}: ${problem.detail}` : `The check ${outcome.check} failed.`;
    screen.out(`Nothing was rebuilt, because the books it would be made of do not prove.\n${where}\n`);
  }
  return ok ? EXIT.ok : EXIT.refused;
}

export const rebuild: OwnCommand = {
  name: 'rebuild',
  usage: 'tollkeeper rebuild [--workspace FILE]',
  doc: 'Make the hourly totals anew from the events, after everything else was proven; nobody may hold the file.',
  flags: [],
  run,
};
