/** Taking back what a grant has left: the amount and why, then the same once more, because it cannot be undone. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { amountLine, compareMinor, difference, plainAmount, readAmount } from '../../lib/money.ts';
import { orpc } from '../../lib/rpc.ts';
import type { GrantRow } from '../../lib/shapes.ts';
import { Amount } from '../../ui/amount.tsx';
import { Button, TextField } from '../../ui/controls.tsx';
import { Dialog } from '../../ui/overlay.tsx';
import { ErrorBox } from '../../ui/states.tsx';
import { Actions, Facts, Form, Note } from '../../ui/surface.tsx';
import { announce } from '../../ui/toast.tsx';

/** Reads what was typed, which may not be more than is left. */
function readPart(typed: string, grant: GrantRow): { minor: string } | { problem: string } {
  const read = readAmount(typed, grant.asset);
  if ('problem' in read || compareMinor(read.minor, grant.remainingMinor) <= 0) return read;
  return { problem: `Only ${amountLine(BigInt(grant.remainingMinor), grant.asset)} is left of this grant.` };
}

export function ClawBack({ grant, onClose }: { grant: GrantRow; onClose: () => void }) {
  const [key] = useState(() => `claw-back-${crypto.randomUUID()}`);
  const [typed, setTyped] = useState(() => plainAmount(BigInt(grant.remainingMinor), grant.asset));
  const [reason, setReason] = useState('');
  const [isSure, setSure] = useState(false);
  const queries = useQueryClient();
  const { asset } = grant;
  const read = readPart(typed, grant);
  const minor = 'minor' in read ? read.minor : null;
  const take = useMutation(
    orpc.credits.clawBack.mutationOptions({
      onSuccess: (made) => {
        announce(`Took back ${amountLine(BigInt(made.amountMinor), asset)} from ${grant.customerName}`);
        for (const noun of ['credits', 'customers', 'ledger', 'workspace'] as const)
          void queries.invalidateQueries({ queryKey: orpc[noun].key() });
        onClose();
      },
      onError: () => setSure(false),
    }),
  );
  const words = minor === null ? 'Take back' : `Take back ${amountLine(BigInt(minor), asset)}`;
  const isReady = minor !== null && reason.trim() !== '';
  const submit = (): void => {
    if (!isReady) return;
    if (isSure) take.mutate({ key, grant: grant.id, amountMinor: minor, reason: reason.trim() });
    else setSure(true);
  };
  return (
    <Dialog open onClose={onClose} title={isSure ? `${words} for good?` : `Take back credit of ${grant.customerName}`}>
      <Form onSubmit={submit}>
        {!isSure && <Asked typed={typed} onTyped={setTyped} read={read} reason={reason} onReason={setReason} />}
        <Effect grant={grant} minor={minor ?? '0'} />
        <Note>
          {isSure
            ? 'It cannot be undone; a new grant would be another one, with its own end and place in the order.'
            : 'What the grant paid already stays paid, and what open holds count on stays until they close.'}
        </Note>
        {take.error && (
          <ErrorBox
            error={take.error}
            money="Nothing was taken, or trying again finds the same entry: it carries a key."
          />
        )}
        <Actions end>
          <Button onClick={isSure ? () => setSure(false) : onClose}>{isSure ? 'Back' : 'Cancel'}</Button>
          <Button kind="danger" submit busy={take.isPending} disabled={!isReady}>
            {isSure ? `Yes, t${words.slice(1)}` : words}
          </Button>
        </Actions>
      </Form>
    </Dialog>
  );
}

type AskedProps = Readonly<{
  typed: string;
  onTyped: (value: string) => void;
  read: ReturnType<typeof readPart>;
  reason: string;
  onReason: (value: string) => void;
}>;

function Asked({ typed, onTyped, read, reason, onReason }: AskedProps) {
  return (
    <>
      <TextField
        label="Amount"
        inputMode="decimal"
        autoComplete="off"
        value={typed}
        onChange={onTyped}
        problem={'problem' in read ? read.problem : undefined}
      />
      <TextField
        label="Why"
        hint="The books keep it beside the entry."
        value={reason}
        onChange={onReason}
        maxLength={500}
        autoComplete="off"
      />
    </>
  );
}

function Effect({ grant, minor }: { grant: GrantRow; minor: string }) {
  const { asset, remainingMinor } = grant;
  return (
    <Facts
      rows={[
        ['Left of the grant now', <Amount key="now" minor={remainingMinor} asset={asset} />],
        ['Left after', <Amount key="after" minor={difference(remainingMinor, minor)} asset={asset} />],
      ]}
    />
  );
}
