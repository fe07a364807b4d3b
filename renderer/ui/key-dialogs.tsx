/** The questions around an API key: what it may do, how long the old one goes on, whether to end it. */
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { orpc } from '../lib/rpc.ts';
import type { ApiKey, Customer } from '../lib/shapes.ts';
import { Button, Checks, SelectField, TextField } from './controls.tsx';
import { copyText } from './copy.tsx';
import { Dialog } from './overlay.tsx';
import { ErrorBox } from './states.tsx';
import { Actions, Form, Note } from './surface.tsx';
import css from './forms.module.css';

type Scope = ApiKey['scopes'][number];

const SCOPES = [
  'usage:write',
  'usage:read',
  'meters:read',
  'meters:write',
  'customers:read',
  'customers:write',
  'gate:write',
  'prices:read',
  'invoices:read',
] as const satisfies readonly Scope[];

type Made = (answer: { secret: string; key: ApiKey }) => void;

type CreateProps = Readonly<{ customer: Customer | undefined; onMade: Made; onClose: () => void }>;

export function CreateKey({ customer, onMade, onClose }: CreateProps) {
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<readonly string[]>(['usage:write', 'gate:write']);
  const create = useMutation(orpc.keys.create.mutationOptions({ onSuccess: onMade }));
  const chosen = SCOPES.filter((scope) => scopes.includes(scope));
  const ready = name.trim() !== '' && chosen.length > 0;
  return (
    <Dialog
      open
      onClose={onClose}
      title={customer ? `New API key for ${customer.name}` : 'New API key of the workspace'}
    >
      <Form onSubmit={() => ready && create.mutate({ name: name.trim(), customer: customer?.id, scopes: chosen })}>
        {!customer && (
          <Note>It may act for every customer. For one customer&apos;s servers, make a key beside that customer.</Note>
        )}
        <TextField
          label="Name"
          hint="Where it will be used, as “production server”."
          value={name}
          onChange={setName}
          maxLength={120}
          autoComplete="off"
        />
        <Checks legend="May" options={SCOPES} chosen={scopes} onChange={setScopes} />
        {create.error && (
          <ErrorBox error={create.error} money="No key was made that anyone holds; nothing was charged." />
        )}
        <Actions end>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" submit busy={create.isPending} disabled={!ready}>
            Make key
          </Button>
        </Actions>
      </Form>
    </Dialog>
  );
}

const OVERLAPS = [
  { value: '0', label: 'None: the old key ends now' },
  { value: '3600000', label: '1 hour' },
  { value: '86400000', label: '1 day' },
  { value: '604800000', label: '7 days' },
  { value: '2592000000', label: '30 days' },
];

export function RotateKey({ apiKey, onMade, onClose }: { apiKey: ApiKey; onMade: Made; onClose: () => void }) {
  const [overlap, setOverlap] = useState('86400000');
  const rotate = useMutation(orpc.keys.rotate.mutationOptions({ onSuccess: onMade }));
  return (
    <Dialog open onClose={onClose} title={`Rotate ${apiKey.name}`}>
      <Form onSubmit={() => rotate.mutate({ id: apiKey.id, overlapMs: Number.parseInt(overlap, 10) })}>
        <p>
          A successor with the same permissions is made. Both keys work during the overlap; then the old one ends by
          itself.
        </p>
        <SelectField label="Overlap" value={overlap} onChange={setOverlap} options={OVERLAPS} />
        {rotate.error && <ErrorBox error={rotate.error} money="The old key goes on as it was; nothing was charged." />}
        <Actions end>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" submit busy={rotate.isPending}>
            Make successor
          </Button>
        </Actions>
      </Form>
    </Dialog>
  );
}

type Revoke = Readonly<{ mutate: (input: { id: string }) => void; isPending: boolean; error: unknown }>;

export function RevokeKey({ apiKey, revoke, onClose }: { apiKey: ApiKey; revoke: Revoke; onClose: () => void }) {
  return (
    <Dialog open onClose={onClose} title={`Revoke ${apiKey.name}`}>
      <p>
        The key <code>{apiKey.prefix}…</code> ends now and cannot be brought back. Servers that still use it are refused
        with 401; usage that they cannot send is not recorded.
      </p>
      {revoke.error !== null && (
        <ErrorBox error={revoke.error} money="The key goes on as it was; nothing was charged." />
      )}
      <Actions end>
        <Button onClick={onClose}>Cancel</Button>
        <Button kind="danger" busy={revoke.isPending} onClick={() => revoke.mutate({ id: apiKey.id })}>
          Revoke key now
        </Button>
      </Actions>
    </Dialog>
  );
}

export function Secret({ secret, name, onClose }: { secret: string; name: string; onClose: () => void }) {
  return (
    <Dialog open keep onClose={onClose} title={`The secret of ${name}`}>
      <p>This is shown once and stored only as a hash. Copy it now to where it will be used.</p>
      <code className={css['secret']}>{secret}</code>
      <Actions end>
        <Button onClick={onClose}>Done, I have it</Button>
        <Button kind="primary" onClick={() => copyText(secret, 'Secret')}>
          Copy secret
        </Button>
      </Actions>
    </Dialog>
  );
}
