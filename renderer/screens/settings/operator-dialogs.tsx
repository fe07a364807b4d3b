/** Adding an operator, changing a role or disabling one, and one's own passphrase. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { orpc } from '../../lib/rpc.ts';
import type { Operator } from '../../lib/shapes.ts';
import { Button, SelectField, TextField, Toggle } from '../../ui/controls.tsx';
import { Dialog } from '../../ui/overlay.tsx';
import { ErrorBox } from '../../ui/states.tsx';
import { Actions, Columns, Form, Note } from '../../ui/surface.tsx';
import { announce } from '../../ui/toast.tsx';

const ROLES: readonly { value: Operator['role']; label: string }[] = [
  { value: 'viewer', label: 'Viewer: reads everything' },
  { value: 'billing', label: 'Billing: usage, prices, credit, invoices' },
  { value: 'settlement', label: 'Settlement: chains and deployments' },
  { value: 'admin', label: 'Admin: all of it, operators and settings' },
];
const FEWEST = 10;
const NOTHING = 'Nobody was added or changed.';

const roleOf = (value: string): Operator['role'] => ROLES.find((role) => role.value === value)?.value ?? 'viewer';

function useDone(say: (operator: Operator) => string, onClose: () => void) {
  const queries = useQueryClient();
  return {
    onSuccess: (operator: Operator) => {
      announce(say(operator));
      void queries.invalidateQueries({ queryKey: orpc.operators.key() });
      void queries.invalidateQueries({ queryKey: orpc.session.key() });
      onClose();
    },
  };
}

/** Why a new passphrase will not do; undefined while nothing was typed. */
function passphraseProblem(next: string, again: string): string | undefined {
  if (next !== '' && next.length < FEWEST) return `Use at least ${FEWEST} characters.`;
  return again !== '' && again !== next ? 'The two are not the same.' : undefined;
}

type TwiceProps = Readonly<{
  label: string;
  next: string;
  again: string;
  onNext: (value: string) => void;
  onAgain: (value: string) => void;
}>;

function Twice({ label, next, again, onNext, onAgain }: TwiceProps) {
  return (
    <Columns>
      <TextField
        label={label}
        type="password"
        autoComplete="new-password"
        maxLength={200}
        hint={`At least ${FEWEST} characters; several words are good.`}
        value={next}
        onChange={onNext}
      />
      <TextField
        label="The same again"
        type="password"
        autoComplete="new-password"
        maxLength={200}
        value={again}
        onChange={onAgain}
        problem={passphraseProblem(next, again)}
      />
    </Columns>
  );
}

export function AddOperator({ onClose }: { onClose: () => void }) {
  const [form, setForm] = useState({ name: '', role: 'billing', next: '', again: '' });
  const set = (name: keyof typeof form) => (value: string) => setForm((before) => ({ ...before, [name]: value }));
  const create = useMutation(
    orpc.operators.create.mutationOptions(useDone(({ name }) => `${name} may sign in now`, onClose)),
  );
  const isReady = form.name.trim() !== '' && form.next.length >= FEWEST && form.next === form.again;
  const submit = (): void => {
    if (isReady) create.mutate({ name: form.name.trim(), role: roleOf(form.role), passphrase: form.next });
  };
  return (
    <Dialog open onClose={onClose} title="Add operator" keep>
      <Form onSubmit={submit}>
        <Columns>
          <TextField
            label="Name"
            hint="What they sign in with."
            value={form.name}
            onChange={set('name')}
            maxLength={120}
            autoComplete="off"
          />
          <SelectField label="Role" value={form.role} onChange={set('role')} options={ROLES} />
        </Columns>
        <Twice
          label="First passphrase"
          next={form.next}
          again={form.again}
          onNext={set('next')}
          onAgain={set('again')}
        />
        <Note>
          It also seals a signing key of theirs, and is kept nowhere. Give it to them in person; they change it here.
        </Note>
        {create.error && <ErrorBox error={create.error} money={NOTHING} />}
        <Actions end>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" submit busy={create.isPending} disabled={!isReady}>
            Add operator
          </Button>
        </Actions>
      </Form>
    </Dialog>
  );
}

export function ChangeOperator({ operator, onClose }: { operator: Operator; onClose: () => void }) {
  const [role, setRole] = useState<string>(operator.role);
  const [isDisabled, setDisabled] = useState(operator.disabled);
  const change = useMutation(
    orpc.operators.setRole.mutationOptions(
      useDone(({ name, role: now, disabled }) => (disabled ? `${name} is disabled` : `${name} is ${now} now`), onClose),
    ),
  );
  const isChanged = role !== operator.role || isDisabled !== operator.disabled;
  return (
    <Dialog open onClose={onClose} title={`Change ${operator.name}`}>
      <Form onSubmit={() => isChanged && change.mutate({ id: operator.id, role: roleOf(role), disabled: isDisabled })}>
        <SelectField label="Role" value={role} onChange={setRole} options={ROLES} />
        <Toggle label="Disabled" on={isDisabled} onChange={setDisabled} />
        <Note>
          It counts at once, also in sessions that are open. Whoever is disabled is signed out. The last admin stays
          admin.
        </Note>
        {change.error && <ErrorBox error={change.error} money={NOTHING} />}
        <Actions end>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            kind={isDisabled && !operator.disabled ? 'danger' : 'primary'}
            submit
            busy={change.isPending}
            disabled={!isChanged}
          >
            {isDisabled && !operator.disabled ? `Disable ${operator.name}` : 'Save'}
          </Button>
        </Actions>
      </Form>
    </Dialog>
  );
}

export function ChangePassphrase({ onClose }: { onClose: () => void }) {
  const [form, setForm] = useState({ current: '', next: '', again: '' });
  const set = (name: keyof typeof form) => (value: string) => setForm((before) => ({ ...before, [name]: value }));
  const change = useMutation(
    orpc.operators.changePassphrase.mutationOptions({
      onSuccess: () => {
        announce('Your passphrase was changed');
        onClose();
      },
    }),
  );
  const isReady = form.current !== '' && form.next.length >= FEWEST && form.next === form.again;
  return (
    <Dialog open onClose={onClose} title="Change your passphrase" keep>
      <Form onSubmit={() => isReady && change.mutate({ current: form.current, next: form.next })}>
        <TextField
          label="Current passphrase"
          type="password"
          autoComplete="current-password"
          maxLength={200}
          value={form.current}
          onChange={set('current')}
        />
        <Twice label="New passphrase" next={form.next} again={form.again} onNext={set('next')} onAgain={set('again')} />
        <Note>Your signing key is sealed again with the new one. Nobody can bring a lost passphrase back.</Note>
        {change.error && <ErrorBox error={change.error} money="Your passphrase is as it was." />}
        <Actions end>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" submit busy={change.isPending} disabled={!isReady}>
            Change passphrase
          </Button>
        </Actions>
      </Form>
    </Dialog>
  );
}
