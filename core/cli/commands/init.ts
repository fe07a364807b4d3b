/** `tollkeeper init FILE`: a new workspace with its first operator and the shipped plans, meters and prices. */
import { chmodSync, closeSync, existsSync, fsyncSync, linkSync, openSync, rmSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname } from 'node:path';
import { WorkspaceError, diagnose } from '#core/ledger/diagnosis.ts';
import { canonicalPath } from '#core/runtime/paths.ts';
import { checkUse, flagOf, wordOf } from '../context.ts';
import type { Invocation, OwnCommand } from '../context.ts';
import { EXIT } from '../failure.ts';
import type { ExitCode } from '../failure.ts';
import { askNewPassphrase } from '../passphrase.ts';
import { printAnswer } from '../run.ts';

type Beginning = Readonly<{ file: string; name: string; issuer: string; operator: string; passphrase: string }>;

function refuseExisting(file: string): void {
  if (!existsSync(file)) return;
  throw new WorkspaceError({
    code: 'failed',
    detail: `${file} exists already.`,
    fix: 'Name a file that does not exist yet; nothing was changed.',
  });
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'admin'; // A user id without a name, as in some containers.
  }
}

/** Gives the finished file its name. A link never replaces what somebody else made there meanwhile. */
function publish(made: string, file: string): void {
  try {
    linkSync(made, file);
    const folder = openSync(dirname(file), 'r');
    fsyncSync(folder);
    closeSync(folder);
  } catch (error) {
    refuseExisting(file);
    throw diagnose(error, file);
  }
}

/** Makes the workspace under another name first: a file of its name is whole or not there. */
async function make({ file, name, issuer, operator, passphrase }: Beginning): Promise<void> {
  const [{ createFile }, { openCore }, { seedWorkspace }, { createLog }] = await Promise.all([
    import('#core/ledger/open.ts'),
    import('#core/runtime/core.ts'),
    import('#core/runtime/seed.ts'),
    import('#core/runtime/log.ts'),
  ]);
  const made = `${file}.new-${process.pid}`;
  try {
    createFile(made);
    // Whoever can read the file can read the books; SQLite gives its other files the same mode.
    chmodSync(made, 0o600);
    const { core, close } = await openCore(made, { log: createLog('silent') });
    try {
      await seedWorkspace(core, { settings: { name, issuer }, operator: { name: operator, passphrase } });
    } finally {
      await close();
    }
    publish(made, file);
  } finally {
    for (const tail of ['', '-wal', '-shm', '.lock']) rmSync(`${made}${tail}`, { force: true });
  }
}

async function run(invocation: Invocation): Promise<ExitCode> {
  checkUse(init, invocation, 1);
  const file = canonicalPath(wordOf(init, invocation, 0));
  refuseExisting(file);
  const name = flagOf(invocation, 'name') ?? 'Workspace';
  const issuer = flagOf(invocation, 'issuer') ?? name;
  const operator = invocation.shared.operator ?? userName();
  const passphrase = await askNewPassphrase(`New passphrase of ${operator} (at least 10 characters): `);
  await make({ file, name, issuer, operator, passphrase });
  printAnswer({ workspace: file, name, issuer, operator, role: 'admin' }, invocation);
  if (invocation.format === 'table') invocation.screen.err(`Next: tollkeeper serve --workspace ${file}\n`);
  return EXIT.ok;
}

export const init: OwnCommand = {
  name: 'init',
  usage: 'tollkeeper init FILE [--name NAME] [--issuer NAME] [--operator NAME]',
  doc: 'Make a workspace with the shipped plans and its first admin (TOLLKEEPER_PASSPHRASE, or asked for twice).',
  flags: ['name', 'issuer'],
  run,
};
