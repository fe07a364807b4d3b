/** `tollkeeper backup TARGET`: copies the workspace while it goes on, then opens and verifies the copy. */
import { resolve } from 'node:path';
import { canonicalPath } from '#core/runtime/paths.ts';
import type { Connection } from '../connection.ts';
import { checkUse, wordOf, workspaceOf } from '../context.ts';
import type { Invocation, OwnCommand } from '../context.ts';
import { EXIT } from '../failure.ts';
import type { ExitCode } from '../failure.ts';
import { overConnection, printAnswer } from '../run.ts';
import { signIn } from '../session.ts';

/** Books on a disk that cannot be written are copied from here: nothing can be noted in them. */
async function copyDirectly(file: string, target: string) {
  const [{ backup: copy }, { openWhereReadable }] = await Promise.all([
    import('#core/ledger/backup.ts'),
    import('#core/runtime/read-only.ts'),
  ]);
  const { opened, readable } = await openWhereReadable(file, (path) => copy(path, target));
  readable.release();
  const { bytes, block, verified, tookMs } = opened;
  return { file: target, bytes: String(bytes), block: String(block), verified, tookMs: Math.round(tookMs) };
}

async function run(invocation: Invocation): Promise<ExitCode> {
  checkUse(backup, invocation, 1);
  // The holder may work in another folder.
  const target = resolve(wordOf(backup, invocation, 0));
  const answer = await overConnection(
    invocation,
    { mayRepeat: false, mayReadOnly: true },
    async (connection: Connection, sending) => {
      if (connection.kind === 'read-only') return copyDirectly(canonicalPath(workspaceOf(invocation)), target);
      await signIn(connection, invocation.shared.operator);
      sending();
      return connection.client.workspace.backup({ file: target });
    },
  );
  printAnswer(answer, invocation);
  return answer.verified ? EXIT.ok : EXIT.refused;
}

export const backup: OwnCommand = {
  name: 'backup',
  usage: 'tollkeeper backup TARGET [--workspace FILE]',
  doc: 'Copy the workspace to a new file while it goes on, then open the copy and verify it.',
  flags: [],
  run,
};
