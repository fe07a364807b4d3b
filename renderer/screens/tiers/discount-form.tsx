/** Beginning a discount or a commitment. The key is made once per opening, so a retry cannot begin a second one. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { parseDecimal } from '#core/domain/money.ts';
import { readAmount } from '../../lib/money.ts';
import { orpc } from '../../lib/rpc.ts';
import type { Discount } from '../../lib/shapes.ts';
import { Button, SelectField, TextField } from '../../ui/controls.tsx';
import { Dialog } from '../../ui/overlay.tsx';
import { ErrorBox } from '../../ui/states.tsx';
import { Actions, Columns, Form, Note } from '../../ui/surface.tsx';
import { announce } from '../../ui/toast.tsx';
import { useChoices } from './choices.ts';

const KINDS: readonly { value: Discount['kind']; label: string }[] = [
  { value: 'promotion', label: 'Promotion' },
  { value: 'referral', label: 'Referral' },
  { value: 'volume', label: 'Volume' },
  { value: 'commitment', label: 'Commitment' },
];

type Form = {
  name: string;
  kind: string;
  whom: string;
  asset: string;
  percent: string;
  committed: string;
  until: string;
};
const EMPTY: Form = { name: '', kind: 'promotion', whom: '', asset: '', percent: '', committed: '', until: '' };

/** A percentage of at most two decimals as ten thousandths; or why it is none. */
function readPercent(typed: string, fewest: bigint): { basisPoints: number } | { problem: string } {
  const value = parseDecimal(typed.trim(), 2);
  if (typeof value !== 'bigint' || value < fewest || value > 10_000n) {
    return { problem: `Write a percentage from ${fewest === 0n ? '0' : '0.01'} to 100, with at most two decimals.` };
  }
  return { basisPoints: Number(value) };
}

function useCreate(onDone: () => void) {
  const queries = useQueryClient();
  return useMutation(
    orpc.discounts.create.mutationOptions({
      onSuccess: ({ name }) => {
        announce(`${name} begins now`);
        void queries.invalidateQueries({ queryKey: orpc.discounts.key() });
        onDone();
      },
    }),
  );
}

export function DiscountForm({ onClose }: { onClose: () => void }) {
  const [key] = useState(() => `discount-${crypto.randomUUID()}`);
  const [form, setForm] = useState(EMPTY);
  const set = (name: keyof Form) => (value: string) => setForm((before) => ({ ...before, [name]: value }));
  const { whom, assets } = useChoices();
  const asset = form.asset || (assets[0] ?? 'USDC/6');
  const kind = KINDS.find(({ value }) => value === form.kind)?.value ?? 'promotion';
  const isCommitment = kind === 'commitment';
  const percent = readPercent(form.percent, isCommitment ? 0n : 1n);
  const committed = isCommitment ? readAmount(form.committed, asset) : null;
  const isReady = form.name.trim() !== '' && 'basisPoints' in percent && (committed === null || 'minor' in committed);
  const create = useCreate(onClose);
  const submit = (): void => {
    if (!isReady || !('basisPoints' in percent)) return;
    const [scope, id] = form.whom.split(' ');
    create.mutate({
      key,
      kind,
      name: form.name.trim(),
      customer: scope === 'customer' ? (id ?? null) : null,
      plan: scope === 'plan' ? (id ?? null) : null,
      asset,
      terms: { kind: 'percent', basisPoints: percent.basisPoints },
      committedMinor: committed && 'minor' in committed ? committed.minor : null,
      untilMs: form.until === '' ? null : Date.parse(`${form.until}T00:00:00Z`),
    });
  };
  return (
    <Dialog open onClose={onClose} title="New discount">
      <Form onSubmit={submit}>
        <TextField
          label="Name"
          hint="Invoices show it."
          value={form.name}
          onChange={set('name')}
          maxLength={120}
          autoComplete="off"
        />
        <Terms
          form={form}
          set={set}
          whom={whom}
          asset={asset}
          assets={assets}
          percent={percent}
          committed={committed}
        />
        <Note>It counts for billing periods that begin from now on, and never changes an invoice that is final.</Note>
        {create.error && (
          <ErrorBox
            error={create.error}
            money="No discount began, or trying again finds the same one: it carries a key."
          />
        )}
        <Actions end>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" submit busy={create.isPending} disabled={!isReady}>
            Begin discount
          </Button>
        </Actions>
      </Form>
    </Dialog>
  );
}

type TermsProps = Readonly<{
  form: Form;
  set: (name: keyof Form) => (value: string) => void;
  whom: readonly { value: string; label: string }[];
  asset: string;
  assets: readonly string[];
  percent: ReturnType<typeof readPercent>;
  /** What is committed; null where the kind asks for none. */
  committed: ReturnType<typeof readAmount> | null;
}>;

function Terms({ form, set, whom, asset, assets, percent, committed }: TermsProps) {
  return (
    <Columns>
      <SelectField label="Kind" value={form.kind} onChange={set('kind')} options={KINDS} />
      <SelectField label="For" value={form.whom} onChange={set('whom')} options={whom} />
      <TextField
        label="Per cent off"
        inputMode="decimal"
        autoComplete="off"
        value={form.percent}
        onChange={set('percent')}
        problem={form.percent !== '' && 'problem' in percent ? percent.problem : undefined}
      />
      <SelectField
        label="Asset"
        value={asset}
        onChange={set('asset')}
        options={assets.map((value) => ({ value, label: value }))}
      />
      {committed !== null && (
        <TextField
          label="Committed a period"
          inputMode="decimal"
          autoComplete="off"
          hint="After discounts; what is missing is billed."
          value={form.committed}
          onChange={set('committed')}
          problem={form.committed !== '' && 'problem' in committed ? committed.problem : undefined}
        />
      )}
      <TextField
        label="Until"
        type="date"
        hint="At 00:00 UTC of this day; empty means no end."
        value={form.until}
        onChange={set('until')}
      />
    </Columns>
  );
}
