/** A new customer: the least that is needed, the rest can be changed later. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { orpc } from '../../lib/rpc.ts';
import { Button, SelectField, TextField } from '../../ui/controls.tsx';
import { Command } from '../../ui/marks.tsx';
import { Drawer } from '../../ui/overlay.tsx';
import { ErrorBox } from '../../ui/states.tsx';
import { Actions, Columns, Form } from '../../ui/surface.tsx';

const ZONES = [
  'UTC',
  'Europe/London',
  'Europe/Berlin',
  'America/New_York',
  'America/Los_Angeles',
  'Asia/Singapore',
  'Asia/Tokyo',
];

export function NewCustomer() {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const plans = useQuery(orpc.plans.list.queryOptions({ input: {} }));
  const [form, setForm] = useState({ name: '', externalId: '', plan: '', anchorDay: '1', timeZone: 'UTC' });
  const set = (name: keyof typeof form) => (value: string) => setForm((before) => ({ ...before, [name]: value }));
  const create = useMutation(
    orpc.customers.create.mutationOptions({
      onSuccess: (made) => {
        void queries.invalidateQueries({ queryKey: orpc.customers.key() });
        void navigate({ to: '/customers/$customer', params: { customer: made.id }, replace: true });
      },
    }),
  );
  const submit = (): void => {
    if (form.name.trim() === '') return;
    create.mutate({
      name: form.name.trim(),
      plan: form.plan || null,
      anchorDay: Number.parseInt(form.anchorDay, 10),
      timeZone: form.timeZone,
      ...(form.externalId.trim() ? { externalId: form.externalId.trim() } : {}),
    });
  };
  return (
    <Drawer
      name="new-customer"
      title="New customer"
      onClose={() => void navigate({ to: '/customers', search: (all) => all })}
    >
      <Form onSubmit={submit}>
        <TextField label="Name" value={form.name} onChange={set('name')} maxLength={120} required autoComplete="off" />
        <TextField
          label="External id"
          hint="Your own id for it; usage may name the customer by this. The same id again opens the same customer."
          value={form.externalId}
          onChange={set('externalId')}
          maxLength={200}
          autoComplete="off"
        />
        <SelectField
          label="Plan"
          hint="Decides base fee, prices and rate limits."
          value={form.plan}
          onChange={set('plan')}
          options={[
            { value: '', label: 'No plan' },
            ...(plans.data?.items ?? []).map((plan) => ({ value: plan.key, label: plan.name })),
          ]}
        />
        <Period anchorDay={form.anchorDay} timeZone={form.timeZone} set={set} />
        {create.error && <ErrorBox error={create.error} money="No customer was added and nothing was charged." />}
        <Actions>
          <Button kind="primary" submit busy={create.isPending} disabled={form.name.trim() === ''}>
            Add customer
          </Button>
        </Actions>
        <Command text={`npx tollkeeper customers create --name ${JSON.stringify(form.name.trim() || 'Halden Labs')}`} />
      </Form>
    </Drawer>
  );
}

type PeriodProps = Readonly<{
  anchorDay: string;
  timeZone: string;
  set: (name: 'anchorDay' | 'timeZone') => (value: string) => void;
}>;

function Period({ anchorDay, timeZone, set }: PeriodProps) {
  return (
    <Columns>
      <SelectField
        label="Billing day"
        hint="The period turns on this local day."
        value={anchorDay}
        onChange={set('anchorDay')}
        options={Array.from({ length: 31 }, (_, index) => ({ value: String(index + 1), label: String(index + 1) }))}
      />
      <SelectField
        label="Billing zone"
        value={timeZone}
        onChange={set('timeZone')}
        options={ZONES.map((zone) => ({ value: zone, label: zone }))}
      />
    </Columns>
  );
}
