/** Closing one customer's period early: what came until now is billed now. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { owed } from '../../lib/money.ts';
import { orpc } from '../../lib/rpc.ts';
import type { Customer } from '../../lib/shapes.ts';
import { Amount } from '../../ui/amount.tsx';
import { Button } from '../../ui/controls.tsx';
import { Status } from '../../ui/marks.tsx';
import { Dialog } from '../../ui/overlay.tsx';
import { ErrorBox } from '../../ui/states.tsx';
import { Actions } from '../../ui/surface.tsx';
import css from './customers.module.css';

export function ClosePeriod({ customer, onClose }: { customer: Customer; onClose: () => void }) {
  const [untilMs] = useState(() => Date.now());
  const queries = useQueryClient();
  const balances = useQuery(orpc.customers.balances.queryOptions({ input: { customer: customer.id } }));
  const close = useMutation(
    orpc.invoices.close.mutationOptions({
      onSuccess: () => {
        for (const noun of ['invoices', 'customers', 'ledger', 'workspace'] as const)
          void queries.invalidateQueries({ queryKey: orpc[noun].key() });
      },
    }),
  );
  const made = close.data?.invoices ?? [];
  return (
    <Dialog open onClose={onClose} title={`Close the period of ${customer.name} now`}>
      <p>
        Usage until this moment goes into a draft, and the next period begins. The draft can still be looked at before
        it gets its number.
      </p>
      {!close.data && (
        <dl className={css['preview']} aria-label="What goes into the draft">
          {(balances.data?.items ?? []).map((balance) => (
            <div key={balance.asset} style={{ display: 'contents' }}>
              <dt>Unbilled usage</dt>
              <dd>
                <Amount minor={owed(balance.unbilledMinor)} asset={balance.asset} />
              </dd>
            </div>
          ))}
        </dl>
      )}
      {close.data && (
        <Status tone="good" shape="check">
          {close.data.drafts === 0
            ? 'Nothing was left to bill'
            : close.data.drafts === 1
              ? '1 draft made'
              : `${close.data.drafts} drafts made`}
        </Status>
      )}
      {made.map((id) => (
        <Link key={id} to="/invoices/$invoice" params={{ invoice: id }}>
          Open the draft {id}
        </Link>
      ))}
      {close.error && (
        <ErrorBox
          error={close.error}
          money="No invoice was issued. Closing again changes nothing that is closed already."
        />
      )}
      <Actions end>
        <Button onClick={onClose}>{close.data ? 'Done' : 'Cancel'}</Button>
        {!close.data && (
          <Button
            kind="primary"
            busy={close.isPending}
            onClick={() => close.mutate({ customer: customer.id, untilMs, early: true })}
          >
            Close period into a draft
          </Button>
        )}
      </Actions>
    </Dialog>
  );
}
