/** Signs in over a connection when a command needs more than reading the books. */
import type { Permission } from '#core/contract/permissions.ts';
import { ROLE_PERMISSIONS } from '#core/contract/permissions.ts';
import type { Connection } from './connection.ts';
import { usage } from './failure.ts';
import { askPassphrase } from './passphrase.ts';

const WITHOUT_SIGN_IN: ReadonlySet<string> = new Set([...ROLE_PERMISSIONS.viewer, 'books:verify', 'anyone']);

/** Commands that anybody may give, for themselves: they open the key of whoever is signed in. */
const OF_ONE_S_OWN: ReadonlySet<string> = new Set(['operators.changePassphrase', 'reviews.decide']);

/** Whether a command passes without an operator. */
export function isOpenToAll(command: string, permission: Permission | 'anyone'): boolean {
  return WITHOUT_SIGN_IN.has(permission) && !OF_ONE_S_OWN.has(command);
}

/**
 * Signs in as the operator named by `--operator` or TOLLKEEPER_OPERATOR, or the only one there is; in the sample
 * workspace as its published one. Gives the passphrase, for commands that open a key with it.
 */
export async function signIn(connection: Connection, operator: string | undefined): Promise<string> {
  const { client } = connection;
  const named = operator ?? (process.env['TOLLKEEPER_OPERATOR'] || undefined);
  const { sample, operatorNames, workspaceName } = await client.session.get({});
  const hasPassphrase = Boolean(process.env['TOLLKEEPER_PASSPHRASE']);
  if (sample && !hasPassphrase) {
    const { SAMPLE_OPERATOR } = await import('#core/runtime/sample.ts');
    if (named === undefined || named === SAMPLE_OPERATOR.name) {
      await client.session.signIn(SAMPLE_OPERATOR);
      return SAMPLE_OPERATOR.passphrase;
    }
  }
  const name = named ?? (operatorNames.length === 1 ? operatorNames[0] : undefined);
  if (name === undefined) {
    usage(
      'This command needs an operator.',
      `Name one with --operator: ${operatorNames.join(', ') || 'there is none'}.`,
    );
  }
  const passphrase = await askPassphrase(`Passphrase of ${name} for ${workspaceName}: `);
  await client.session.signIn({ name, passphrase });
  return passphrase;
}
