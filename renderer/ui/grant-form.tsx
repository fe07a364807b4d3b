/**
 * Granting credit: the form, and beside it what it will change. The key is made once per opening, so a retry cannot
 * grant twice.
 */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { grantEffect } from '../lib/grant.ts';
import { amountLine, readAmount } from '../lib/money.ts';
import { orpc } from '../lib/rpc.ts';
import type { Customer, Grant } from '../lib/shapes.ts';
import { Amount } from './amount.tsx';
import { Button, SelectField, TextField } from './controls.tsx';
import { Dialog } from './overlay.tsx';
import { ErrorBox } from './states.tsx';
import { Actions, Columns, Form } from './surface.tsx';
import { announce } from './toast.tsx';
import css from './forms.module.css';

const SOURCES: readonly { value: Grant['source']; label: string }[] = [
  { value: 'prepaid', label: 'Prepaid' },
  { value: 'promotional', label: 'Promotional' },
  { value: 'referral', label: 'Referral' },
  { value: 'sla', label: 'Service level' },
  { value: 'manual', label: 'Manual' },
];

function useAssets(customer: Customer): string[] {
  const balances = useQuery(orpc.customers.balances.queryOptions({ input: { customer: customer.id } }));
  const plans = useQuery(orpc.plans.list.queryOptions({ input: {} }));
  const assets = [...(balances.data?.items ?? []), ...(plans.data?.items ?? [])].map((item) => item.asset);
  return assets.length > 0 ? [...new Set(assets)] : ['USDC/6'];
}

function useGrant(customer: Customer, onDone: () => void) {
  const queries = useQueryClient();
  return useMutation(
    orpc.credits.grant.mutationOptions({
      onSuccess: (made) => {
        announce(`Granted ${amountLine(BigInt(made.grantedMinor), made.asset)} to ${customer.name}`);
        for (const noun of ['credits', 'customers', 'ledger', 'workspace'] as const)
          void queries.invalidateQueries({ queryKey: orpc[noun].key() });
        onDone();
      },
    }),
  );
}

export function GrantForm({ customer, onClose }: { customer: Customer; onClose: () => void }) {
  const [key] = useState(() => `grant-${crypto.randomUUID()}`);
  const assets = useAssets(customer);
  const [form, setForm] = useState({ amount: '', asset: '', source: 'prepaid', note: '', expires: '' });
  const set = (name: keyof typeof form) => (value: string) => setForm((before) => ({ ...before, [name]: value }));
  const asset = form.asset || (assets[0] ?? 'USDC/6');
  const read = readAmount(form.amount, asset);
  const grant = useGrant(customer, onClose);
  const submit = (): void => {
    if ('problem' in read) return;
    grant.mutate({
      key,
      customer: customer.id,
      asset,
      amountMinor: read.minor,
      note: form.note,
      source: SOURCES.find((source) => source.value === form.source)?.value ?? 'manual',
      expiresAtMs: form.expires === '' ? null : Date.parse(`${form.expires}T00:00:00Z`),
    });
  };
  return (
    <Dialog open onClose={onClose} title={`Grant credit to ${customer.name}`}>
      <Form onSubmit={submit}>
        <Columns>
          <TextField
            label="Amount"
            inputMode="decimal"
            autoComplete="off"
            value={form.amount}
            onChange={set('amount')}
            problem={form.amount !== '' && 'problem' in read ? read.problem : undefined}
          />
          <SelectField
            label="Asset"
            value={asset}
            onChange={set('asset')}
            options={assets.map((name) => ({ value: name, label: name }))}
          />
          <SelectField label="Source" value={form.source} onChange={set('source')} options={SOURCES} />
          <TextField
            label="Expires"
            type="date"
            hint="At 00:00 UTC of this day; empty means never."
            value={form.expires}
            onChange={set('expires')}
          />
        </Columns>
        <TextField label="Note" value={form.note} onChange={set('note')} maxLength={500} autoComplete="off" />
        <Preview customer={customer} asset={asset} minor={'minor' in read ? read.minor : '0'} />
        {grant.error && (
          <ErrorBox
            error={grant.error}
            money="If the answer was lost, granting again from this form cannot grant twice: it carries the same key."
          />
        )}
        <Actions end>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" submit busy={grant.isPending} disabled={'problem' in read}>
            {'minor' in read ? `Grant ${amountLine(BigInt(read.minor), asset)}` : 'Grant'}
          </Button>
        </Actions>
      </Form>
    </Dialog>
  );
}

/** What the grant will do: what is owed is paid from it first, the rest waits in the wallet. */
function Preview({ customer, asset, minor }: { customer: Customer; asset: string; minor: string }) {
  const balances = useQuery(orpc.customers.balances.queryOptions({ input: { customer: customer.id } }));
  const effect = grantEffect(
    balances.data?.items.find((item) => item.asset === asset),
    minor,
  );
  const amount = (value: string) => <Amount minor={value} asset={asset} />;
  return (
    <dl className={css['preview']} aria-label="What this changes">
      <dt>Pays unbilled usage</dt>
      <dd>{amount(effect.paysMinor)}</dd>
      <dt>Waits in the wallet</dt>
      <dd>{amount(effect.waitsMinor)}</dd>
      <dt>Spendable now</dt>
      <dd>{amount(effect.beforeMinor)}</dd>
      <dt>Spendable after</dt>
      <dd>{amount(effect.afterMinor)}</dd>
    </dl>
  );
}
