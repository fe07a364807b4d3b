/** `tollkeeper verify`: proves the books over a read-only connection of its own, whoever holds them meanwhile. */
import { resolve } from 'node:path';
import { diagnose } from '#core/ledger/diagnosis.ts';
import type { VerifyProgress } from '#core/ledger/verify.ts';
import { canonicalPath } from '#core/runtime/paths.ts';
import { checkUse, flagOf, workspaceOf } from '../context.ts';
import { verifyOnChain } from '../on-chain.ts';
import type { Invocation, OwnCommand } from '../context.ts';
import { EXIT } from '../failure.ts';
import type { ExitCode } from '../failure.ts';
import { toJson } from '../output.ts';
import { Interrupted } from '../passphrase.ts';

const SHOW_EVERY_MS = 100;

/** Proves a file that can be read; tells progress now and then. */
async function prove(
  file: string,
  tell: (progress: VerifyProgress) => void,
  signal: AbortSignal,
): Promise<VerifyProgress> {
  const { verifyInThread } = await import('#core/ledger/verify-thread.ts');
  let toldMs = 0;
  for await (const step of verifyInThread(file, signal)) {
    if (step.done) return step;
    if (performance.now() - toldMs < SHOW_EVERY_MS) continue;
    toldMs = performance.now();
    tell(step);
  }
  throw new Interrupted();
}

/** Verifies a workspace file, from a copy where it cannot be read in place. Rejects with a diagnosis. */
export async function verifyFile(file: string, invocation: Invocation): Promise<VerifyProgress> {
  const { screen, signal } = invocation;
  const [{ openForReading }, { openWhereReadable }] = await Promise.all([
    import('#core/ledger/open.ts'),
    import('#core/runtime/read-only.ts'),
  ]);
  const { opened, readable } = await openWhereReadable(file, openForReading);
  const isShown = process.stderr.isTTY;
  const tell = ({ check, checked, total }: VerifyProgress): void => {
    if (isShown) screen.err(`\r\u001b[K${check} ${checked} of ${total}`);
  };
  try {
    opened.close();
    return await prove(readable.file, tell, signal);
  } catch (error) {
    throw error instanceof Interrupted ? error : diagnose(error, file);
  } finally {
    if (isShown) screen.err('\r\u001b[K');
    readable.release();
  }
}

/** Tells the outcome: proven up to which block, or the first bad row. */
export function tellOutcome(file: string, outcome: VerifyProgress, { format, screen }: Invocation): ExitCode {
  const { ok, block, problem } = outcome;
  if (format === 'json') screen.out(`${toJson({ workspace: file, ...outcome })}\n`);
  else if (ok) screen.out(`The books of ${file} are proven up to block ${block}.\n`);
  else {
    const where = problem ? `${problem.table} ${problem.key}: ${problem.detail}` : `The check ${outcome.check} failed.`;
    screen.out(
      `The books of ${file} do not prove.\n${where}\nRestore a backup with tollkeeper restore BACKUP TARGET.\n`,
    );
  }
  return ok ? EXIT.ok : EXIT.refused;
}

async function run(invocation: Invocation): Promise<ExitCode> {
  checkUse(verify, invocation, 0);
  const statement = flagOf(invocation, 'chain');
  if (statement !== undefined) return verifyOnChain(resolve(statement), invocation);
  const file = canonicalPath(workspaceOf(invocation));
  return tellOutcome(file, await verifyFile(file, invocation), invocation);
}

export const verify: OwnCommand = {
  name: 'verify',
  usage: 'tollkeeper verify [--workspace FILE] | tollkeeper verify --chain STATEMENT',
  doc: 'Prove every table of the books, also while the console runs; or what a chain holds against a statement.',
  flags: ['chain'],
  run,
};
