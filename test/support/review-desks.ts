/** Two workspaces as two machines: one that exports invoices for review, one whose operator reviews them. */
import { join } from 'node:path';
import { createRouterClient } from '@orpc/server';
import { openCore } from '#core/runtime/core.ts';
import { createRouter } from '#core/services/router.ts';
import { NOBODY } from '#core/services/operators.ts';
import { createSignIn } from '#core/services/sign-in.ts';
import { ADMIN, SILENT, makeWorkspace } from './workspace.ts';
import type { Wish } from './workspace.ts';

export type Desk = Awaited<ReturnType<typeof openDesk>>;

/** A workspace with its admin signed in. */
export async function openDesk(folder: string, name: string, wish: Wish = {}) {
  const file = join(folder, `${name}.toll`);
  await makeWorkspace(file, wish);
  const handle = await openCore(file, { log: SILENT });
  const context = (() => {
    const { principal, session, close } = createSignIn(handle.core, { initial: NOBODY });
    return { principal, session, close };
  })();
  const { principal, session } = context;
  const client = createRouterClient(createRouter(), { context: { core: handle.core, principal, session } });
  await client.session.signIn(ADMIN);
  return {
    file,
    core: handle.core,
    client,
    signIn: (operator: string) => client.session.signIn({ name: operator, passphrase: ADMIN.passphrase }),
    close: async () => {
      context.close();
      await handle.close();
    },
  };
}

/** A customer with usage and a finalized invoice for it; gives the invoice. */
export async function invoiceOf({ client }: Desk, customer: string): Promise<string> {
  await client.customers.create({ name: customer.toUpperCase(), externalId: customer, plan: 'startup' });
  const event = (id: string, quantity: string) => ({ source: 't', id, customer, meter: 'api.requests', quantity });
  await client.usage.record({ events: [event(`${customer}1`, '3'), event(`${customer}2`, '4')] });
  await client.usage.record({ events: [event(`${customer}3`, '5')] });
  const closed = await client.invoices.close({ customer, early: true, finalize: true });
  return closed.invoices[0] ?? '';
}
