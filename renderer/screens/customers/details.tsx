/** Who a customer is: period, subjects, overdraft, linked addresses. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useZone } from '../../lib/preferences.ts';
import { orpc } from '../../lib/rpc.ts';
import { useMay } from '../../lib/session.tsx';
import type { Customer } from '../../lib/shapes.ts';
import { absoluteTime } from '../../lib/time.ts';
import { Amount, Dash } from '../../ui/amount.tsx';
import { Button, SelectField, TextField } from '../../ui/controls.tsx';
import { Id } from '../../ui/marks.tsx';
import { Empty, ErrorBox } from '../../ui/states.tsx';
import { Actions, Facts, Form, Panel } from '../../ui/surface.tsx';

export function Details({ customer }: { customer: Customer }) {
  const zone = useZone();
  return (
    <>
      <Panel title="Customer" padded>
        <Facts
          left
          rows={[
            ['Id', <Id key="id" id={customer.id} label="customer id" />],
            ['External id', customer.externalId ?? <Dash />],
            ['Plan', customer.plan ?? <Dash />],
            ['Period turns', `on day ${customer.anchorDay}, ${customer.timeZone}`],
            ['Subjects', customer.subjects.length > 0 ? customer.subjects.join(', ') : <Dash />],
            ...customer.overdrafts.map(
              (row) =>
                [
                  'Overdraft allowed',
                  <Amount key={row.asset} minor={row.amountMinor} asset={row.asset} copyable />,
                ] as const,
            ),
            ['Added', absoluteTime(customer.createdMs, zone)],
          ]}
        />
      </Panel>
      <Addresses customer={customer} />
    </>
  );
}

function Addresses({ customer }: { customer: Customer }) {
  const may = useMay('customers:write');
  const [adding, setAdding] = useState(false);
  return (
    <Panel
      title="Linked addresses"
      aside={
        may &&
        !adding && (
          <Button size="small" onClick={() => setAdding(true)}>
            Link address
          </Button>
        )
      }
    >
      {customer.addresses.length === 0 && !adding && (
        <Empty
          title="No linked addresses"
          command={`npx tollkeeper customers link-address --customer ${customer.id} --chain solana --address ADDRESS`}
        >
          An on-chain address belongs to one customer; what it pays is then booked here.
        </Empty>
      )}
      {adding && <LinkAddress customer={customer} onClose={() => setAdding(false)} />}
      {customer.addresses.map((address) => (
        <Panel key={address.address} padded label={`Address ${address.address}`}>
          <Facts left rows={[[address.label ?? address.chain, <Id key="id" id={address.address} label="address" />]]} />
        </Panel>
      ))}
    </Panel>
  );
}

function LinkAddress({ customer, onClose }: { customer: Customer; onClose: () => void }) {
  const [form, setForm] = useState({ chain: 'solana', address: '', label: '' });
  const queries = useQueryClient();
  const link = useMutation(
    orpc.customers.linkAddress.mutationOptions({
      onSuccess: () => {
        void queries.invalidateQueries({ queryKey: orpc.customers.key() });
        onClose();
      },
    }),
  );
  const submit = (): void =>
    link.mutate({
      customer: customer.id,
      chain: form.chain === 'evm' ? 'evm' : 'solana',
      address: form.address.trim(),
      label: form.label.trim() || null,
    });
  return (
    <Panel padded label="Link an address">
      <Form onSubmit={submit}>
        <SelectField
          label="Chain"
          value={form.chain}
          onChange={(chain) => setForm({ ...form, chain })}
          options={[
            { value: 'solana', label: 'Solana' },
            { value: 'evm', label: 'EVM' },
          ]}
        />
        <TextField
          label="Address"
          value={form.address}
          onChange={(address) => setForm({ ...form, address })}
          autoComplete="off"
          spellCheck={false}
        />
        <TextField
          label="Label"
          value={form.label}
          onChange={(label) => setForm({ ...form, label })}
          autoComplete="off"
        />
        {link.error && <ErrorBox error={link.error} money="No address was linked; nothing was charged." />}
        <Actions>
          <Button kind="primary" submit busy={link.isPending} disabled={form.address.trim().length < 26}>
            Link address
          </Button>
          <Button onClick={onClose}>Cancel</Button>
        </Actions>
      </Form>
    </Panel>
  );
}
