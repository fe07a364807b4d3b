/** `tollkeeper restore BACKUP TARGET`: proves a backup and makes a workspace of it. Never writes over anything. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { WorkspaceError } from '#core/ledger/diagnosis.ts';
import { canonicalPath } from '#core/runtime/paths.ts';
import { checkUse, wordOf } from '../context.ts';
import type { Invocation, OwnCommand } from '../context.ts';
import { EXIT } from '../failure.ts';
import type { ExitCode } from '../failure.ts';
import { printAnswer } from '../run.ts';
import { tellOutcome, verifyFile } from './verify.ts';

async function run(invocation: Invocation): Promise<ExitCode> {
  checkUse(restore, invocation, 2);
  const from = canonicalPath(wordOf(restore, invocation, 0));
  const target = resolve(wordOf(restore, invocation, 1));
  if (existsSync(target)) {
    throw new WorkspaceError({
      code: 'failed',
      detail: `${target} exists already.`,
      fix: 'Name a file that does not exist yet; nothing was changed.',
    });
  }
  const outcome = await verifyFile(from, invocation);
  if (!outcome.ok) return tellOutcome(from, outcome, invocation);
  const { backup } = await import('#core/ledger/backup.ts');
  const { bytes, block, verified } = await backup(from, target);
  printAnswer({ workspace: target, from, bytes: String(bytes), block: String(block), verified }, invocation);
  return verified ? EXIT.ok : EXIT.refused;
}

export const restore: OwnCommand = {
  name: 'restore',
  usage: 'tollkeeper restore BACKUP TARGET',
  doc: 'Verify a backup and make a workspace of it; TARGET must not exist.',
  flags: [],
  run,
};
