/** `tollkeeper init FILE`: a new workspace with its first operator and the shipped plans, meters and prices. */
import { userInfo } from 'node:os';
import { canonicalPath } from '#core/runtime/paths.ts';
import { checkUse, flagOf, wordOf } from '../context.ts';
import type { Invocation, OwnCommand } from '../context.ts';
import { EXIT } from '../failure.ts';
import type { ExitCode } from '../failure.ts';
import { askNewPassphrase } from '../passphrase.ts';
import { printAnswer } from '../run.ts';

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'admin'; // A user id without a name, as in some containers.
  }
}

async function run(invocation: Invocation): Promise<ExitCode> {
  checkUse(init, invocation, 1);
  const file = canonicalPath(wordOf(init, invocation, 0));
  // The whole runtime, which help and every other command start without.
  const { makeWorkspace, refuseExisting } = await import('#core/runtime/make-workspace.ts');
  // Before anybody types a passphrase.
  refuseExisting(file);
  const name = flagOf(invocation, 'name') ?? 'Workspace';
  const issuer = flagOf(invocation, 'issuer') ?? name;
  const operator = invocation.shared.operator ?? userName();
  const passphrase = await askNewPassphrase(`New passphrase of ${operator} (at least 10 characters): `);
  await makeWorkspace({ file, name, issuer, operator, passphrase });
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
