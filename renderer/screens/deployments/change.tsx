/** A change before it is made: what it sends, what it costs at most, who signs; asked twice where nothing undoes it. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { orpc } from '../../lib/rpc.ts';
import { Amount } from '../../ui/amount.tsx';
import { Button, SelectField, TextField } from '../../ui/controls.tsx';
import { Id } from '../../ui/marks.tsx';
import { Dialog } from '../../ui/overlay.tsx';
import { ErrorBox, Loading } from '../../ui/states.tsx';
import { Actions, Form, Note } from '../../ui/surface.tsx';
import css from './deployments.module.css';
import { useWay } from './endpoint.tsx';
import { MEANING, VERBS, WANTS_ADDRESS, newKey } from './words.ts';
import type { Action, Network, Plan } from './words.ts';

type Props = Readonly<{ network: Network; unit: string; action: Action; onClose: () => void }>;

const ADDRESS = /^(0x[0-9a-fA-F]{40}|[1-9A-HJ-NP-Za-km-z]{32,44})$/;

function Cost({ plan }: { plan: Plan }) {
  return (
    <dl className={css['steps']} aria-label="What it sends and costs at most">
      {plan.steps.map(({ what, atMostMinor }) => (
        <div key={what} style={{ display: 'contents' }}>
          <dt>{what}</dt>
          <dd>
            <Amount minor={atMostMinor} asset={plan.asset} precision="short" />
          </dd>
        </div>
      ))}
      <dt className={css['sum']}>Fees at most</dt>
      <dd className={css['sum']}>
        <Amount minor={plan.atMostMinor} asset={plan.asset} precision="short" strong />
      </dd>
      <dt>
        Balance of who signs and pays <Id id={plan.account} label="account" />
      </dt>
      <dd>
        <Amount minor={plan.balanceMinor} asset={plan.asset} precision="short" />
      </dd>
    </dl>
  );
}

/** The address, typed by hand, twice. */
function Twice({
  address,
  typed,
  onChange,
}: {
  address: string;
  typed: readonly [string, string];
  onChange: (typed: readonly [string, string]) => void;
}) {
  return (
    <>
      <Note>
        This cannot be undone. Type the address to go on: <span className={css['mono']}>{address}</span>
      </Note>
      <TextField label="Address" value={typed[0]} onChange={(text) => onChange([text, typed[1]])} autoComplete="off" />
      <TextField
        label="The same address again"
        value={typed[1]}
        onChange={(text) => onChange([typed[0], text])}
        autoComplete="off"
        disabled={typed[0] !== address}
      />
    </>
  );
}

/** Who signs, as an order says it; null while that is not said yet. */
function signerOf(network: Network, { account, file }: Readonly<{ account: string; file: string }>) {
  if (network.payers.length > 0) return { account };
  // On a public EVM network the first development account signs; on Solana its key is a file.
  if (network.chain === 'evm') return {};
  return file.trim() === '' ? null : { payerFile: file.trim() };
}

type SignerProps = Readonly<{
  network: Network;
  account: string;
  file: string;
  onAccount: (account: string) => void;
  onFile: (file: string) => void;
}>;

function Signer({ network, account, file, onAccount, onFile }: SignerProps) {
  if (network.payers.length > 0)
    return (
      <SelectField
        label="Signed by"
        hint="A development key: it signs on local and test networks only"
        value={account}
        options={network.payers.map(({ address, label }) => ({ value: address, label: `${label} · ${address}` }))}
        onChange={onAccount}
      />
    );
  if (network.chain === 'evm')
    return <Note>The first development account signs; it needs coin of this test network.</Note>;
  return (
    <TextField
      label="Key file"
      hint="As the Solana tools write it, on the machine that holds the books; it pays and signs"
      value={file}
      onChange={onFile}
      autoComplete="off"
    />
  );
}

type Planning = Readonly<{
  data: Plan | undefined;
  error: unknown;
  isPending: boolean;
  refetch: () => unknown;
}>;

/** What the core found a change to cost and need, or why it could not say. */
function Planned({ plan }: { plan: Planning }) {
  return (
    <>
      {plan.isPending && <Loading label="Asking the chain what it costs" rows={3} />}
      {plan.error !== null && (
        <ErrorBox error={plan.error} money="Nothing was sent." retry={() => void plan.refetch()} />
      )}
      {plan.data && <Cost plan={plan.data} />}
      {plan.data?.trustedNow && (
        <Note>
          This network is met for the first time. Its first block is taken to be{' '}
          <span className={css['mono']}>{plan.data.trustedNow}</span>, and compared from now on.
        </Note>
      )}
      {plan.data?.isResumed === true && <Note>This was begun before and goes on: what is paid is not paid again.</Note>}
      {plan.data?.problem && (
        <Note>
          {plan.data.problem.detail} {plan.data.problem.fix}
        </Note>
      )}
    </>
  );
}

export function ChangeDialog({ network, unit, action, onClose }: Props) {
  const [account, setAccount] = useState(network.payers[0]?.address ?? '');
  const [file, setFile] = useState('');
  const [to, setTo] = useState('');
  const [typed, setTyped] = useState<readonly [string, string]>(['', '']);
  const [key] = useState(newKey);
  const queries = useQueryClient();
  const wantsAddress = WANTS_ADDRESS.has(action);
  const signer = signerOf(network, { account, file });
  const isComplete = (!wantsAddress || ADDRESS.test(to)) && signer !== null;
  const order = {
    network: network.name,
    unit,
    action,
    ...signer,
    ...useWay(),
    ...(wantsAddress && isComplete ? { to } : {}),
  };
  const plan = useQuery(orpc.deployments.plan.queryOptions({ input: order, enabled: isComplete, gcTime: 0 }));
  const start = useMutation(
    orpc.deployments.start.mutationOptions({
      onSuccess: () => {
        void queries.invalidateQueries({ queryKey: orpc.deployments.key() });
        onClose();
      },
    }),
  );
  const confirm = plan.data?.confirm ?? null;
  const isConfirmed = confirm === null || (typed[0] === confirm && typed[1] === confirm);
  const mayStart = isComplete && isConfirmed && plan.data !== undefined && plan.data.problem === null;
  const send = (): void => {
    if (mayStart) start.mutate({ key, ...order, confirm: typed[0], confirmAgain: typed[1] });
  };
  return (
    <Dialog open onClose={onClose} title={`${VERBS[action]} on ${network.title}`} keep>
      <p>{MEANING[action]}</p>
      <Form onSubmit={send}>
        {wantsAddress && (
          <TextField
            label="To"
            hint="The address of the other account"
            value={to}
            onChange={setTo}
            problem={to === '' || ADDRESS.test(to) ? undefined : 'This is no address.'}
            autoComplete="off"
          />
        )}
        <Signer network={network} account={account} file={file} onAccount={setAccount} onFile={setFile} />
        {isComplete && <Planned plan={plan} />}
        {confirm !== null && <Twice address={confirm} typed={typed} onChange={setTyped} />}
        {start.error && <ErrorBox error={start.error} money="Nothing was sent." />}
        <Actions end>
          <Button onClick={onClose}>Cancel</Button>
          <Button submit kind={confirm === null ? 'primary' : 'danger'} disabled={!mayStart} busy={start.isPending}>
            {VERBS[action]}
          </Button>
        </Actions>
      </Form>
    </Dialog>
  );
}
