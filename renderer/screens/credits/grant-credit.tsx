/** Granting credit from here: first to whom, then the same form as beside the customer. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { orpc } from '../../lib/rpc.ts';
import type { Customer } from '../../lib/shapes.ts';
import { Button, TextField } from '../../ui/controls.tsx';
import { GrantForm } from '../../ui/grant-form.tsx';
import { Dialog } from '../../ui/overlay.tsx';
import { ErrorBox, Loading } from '../../ui/states.tsx';
import { Actions } from '../../ui/surface.tsx';
import css from './credits.module.css';

const MOST = 20;

export function GrantCredit({ onClose }: { onClose: () => void }) {
  const [customer, setCustomer] = useState<Customer | null>(null);
  return customer ? (
    <GrantForm customer={customer} onClose={onClose} />
  ) : (
    <ToWhom onPick={setCustomer} onClose={onClose} />
  );
}

function ToWhom({ onPick, onClose }: { onPick: (customer: Customer) => void; onClose: () => void }) {
  const [search, setSearch] = useState('');
  const customers = useQuery(
    orpc.customers.list.queryOptions({
      input: { search: search.trim(), limit: MOST },
      placeholderData: keepPreviousData,
    }),
  );
  const found = customers.data?.items.map((row) => row.customer);
  return (
    <Dialog open onClose={onClose} title="Grant credit to whom?">
      <TextField
        label="Customer"
        hint="A name, an id or the name of a subject."
        autoComplete="off"
        value={search}
        onChange={setSearch}
      />
      {customers.error && !found && <ErrorBox error={customers.error} money="Nothing was granted." />}
      {!found && !customers.error && <Loading label="Looking for customers" rows={3} />}
      {found && found.length === 0 && <p className={css['muted']}>No customer has this name or id.</p>}
      {found && found.length > 0 && (
        <div className={css['found']} role="group" aria-label="Customers found">
          {found.map((one) => (
            <button key={one.id} type="button" onClick={() => onPick(one)}>
              <span>{one.name}</span>
              <span className={css['muted']}>{one.externalId ?? one.plan}</span>
            </button>
          ))}
        </div>
      )}
      <Actions end>
        <Button onClick={onClose}>Cancel</Button>
      </Actions>
    </Dialog>
  );
}
