/** A chain of this machine: its blocks and accounts, money from nowhere, time, and a new beginning. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { parseDecimal } from '#core/domain/money.ts';
import { groupDecimal } from '../../lib/money.ts';
import { orpc } from '../../lib/rpc.ts';
import { useMay } from '../../lib/session.tsx';
import { Amount } from '../../ui/amount.tsx';
import type { Column } from '../../ui/columns.ts';
import { Button, SelectField, TextField } from '../../ui/controls.tsx';
import { Id, Pill, Time } from '../../ui/marks.tsx';
import { Dialog, Drawer } from '../../ui/overlay.tsx';
import { Empty, ErrorBox, Loading } from '../../ui/states.tsx';
import { Actions, Facts, Form, Note, Panel } from '../../ui/surface.tsx';
import { Table } from '../../ui/table.tsx';
import { announce } from '../../ui/toast.tsx';
import css from './deployments.module.css';
import type { LocalChain } from './words.ts';

const route = getRouteApi('/deployments/chains/$chain');
const LOOK_EVERY_MS = 2_000;

type Block = LocalChain['blocks'][number];
type Account = LocalChain['accounts'][number];
type Name = LocalChain['chain'];

const BLOCKS: readonly Column<Block>[] = [
  {
    id: 'number',
    title: 'Block',
    end: true,
    width: '110px',
    cell: (row) => groupDecimal(row.number),
    text: (row) => row.number,
  },
  { id: 'hash', title: 'Hash', cell: (row) => <Id id={row.hash} label="hash" />, text: (row) => row.hash },
  {
    id: 'count',
    title: 'Transactions',
    end: true,
    width: '110px',
    cell: (row) => row.transactions,
    text: (row) => `${row.transactions}`,
  },
  {
    id: 'time',
    title: 'Time',
    width: '224px',
    cell: (row) => <Time ms={row.timeMs} absolute />,
    text: (row) => `${row.timeMs}`,
  },
];

function accountColumns(onFund: ((account: Account) => void) | undefined): Column<Account>[] {
  return [
    { id: 'label', title: 'Account', cell: (row) => row.label, text: (row) => row.label },
    {
      id: 'address',
      title: 'Address',
      cell: (row) => <Id id={row.address} label="address" />,
      text: (row) => row.address,
    },
    {
      id: 'balance',
      title: 'Balance',
      end: true,
      cell: (row) => (
        <span className={css['line']} style={{ justifyContent: 'flex-end' }}>
          {row.balances.map(({ asset, amountMinor }) => (
            <Amount key={asset} minor={amountMinor} asset={asset} precision="short" />
          ))}
        </span>
      ),
      text: (row) => row.balances.map(({ asset, amountMinor }) => `${amountMinor} ${asset}`).join(' '),
    },
    {
      id: 'fund',
      title: '',
      width: '76px',
      cell: (row) =>
        onFund && (
          <Button size="small" onClick={() => onFund(row)} aria-label={`Fund ${row.label}`}>
            Fund
          </Button>
        ),
      text: () => '',
    },
  ];
}

const COINS: Readonly<Record<Name, readonly ('0G/18' | 'SOL/9' | 'USDC/6')[]>> = {
  evm: ['0G/18'],
  solana: ['SOL/9', 'USDC/6'],
};

type FundProps = Readonly<{ chain: Name; account: Account; onClose: () => void; onDone: () => void }>;

function FundDialog({ chain, account, onClose, onDone }: FundProps) {
  const [amount, setAmount] = useState('100');
  const [coin, setCoin] = useState<string>(COINS[chain][0] ?? '');
  const asset = COINS[chain].find((one) => one === coin) ?? '0G/18';
  const minor = parseDecimal(amount, Number(asset.split('/')[1]));
  const isRight = typeof minor === 'bigint' && minor > 0n;
  const fund = useMutation(
    orpc.localChain.fund.mutationOptions({
      onSuccess: () => {
        announce(`${account.label} was funded`);
        onDone();
        onClose();
      },
    }),
  );
  const send = (): void => {
    if (isRight) fund.mutate({ chain, address: account.address, amountMinor: minor.toString(), asset });
  };
  return (
    <Dialog open onClose={onClose} title={`Fund ${account.label}`}>
      <p>Money from nowhere, worth nothing: this chain ends with its folder.</p>
      <Form onSubmit={send}>
        <TextField
          label="Amount"
          value={amount}
          onChange={setAmount}
          inputMode="decimal"
          problem={isRight ? undefined : 'An amount above zero, such as 2.5.'}
        />
        {COINS[chain].length > 1 && (
          <SelectField
            label="Coin"
            value={asset}
            options={COINS[chain].map((one) => ({ value: one, label: one.split('/')[0] ?? one }))}
            onChange={setCoin}
          />
        )}
        {fund.error && <ErrorBox error={fund.error} money="Nothing was given." />}
        <Actions end>
          <Button onClick={onClose}>Cancel</Button>
          <Button submit kind="primary" disabled={!isRight} busy={fund.isPending}>
            Fund
          </Button>
        </Actions>
      </Form>
    </Dialog>
  );
}

const JUMPS = [
  { value: '3600', label: 'an hour' },
  { value: '86400', label: 'a day' },
  { value: '604800', label: 'a week' },
  { value: '2678400', label: '31 days' },
] as const;

type ControlProps = Readonly<{ chain: Name; isOurs: boolean; onDone: () => void }>;

function Controls({ chain, isOurs, onDone }: ControlProps) {
  const [jump, setJump] = useState<string>('86400');
  const [isAsking, setAsking] = useState(false);
  const told = { onSettled: onDone };
  const travel = useMutation(orpc.localChain.travel.mutationOptions(told));
  const restart = useMutation(orpc.localChain.restart.mutationOptions(told));
  const error = travel.error ?? restart.error;
  return (
    <Panel padded title="Time, restart, reset">
      <div className={css['stack']}>
        <div className={css['travel']}>
          <SelectField label="Move its clock forward by" value={jump} options={JUMPS} onChange={setJump} />
          <Button busy={travel.isPending} onClick={() => travel.mutate({ chain, seconds: Number.parseInt(jump, 10) })}>
            Move the clock
          </Button>
          <Button disabled={!isOurs} busy={restart.isPending} onClick={() => restart.mutate({ chain })}>
            {restart.isPending ? 'Restarting…' : 'Restart'}
          </Button>
          <Button kind="danger" disabled={!isOurs} onClick={() => setAsking(true)}>
            Reset…
          </Button>
        </div>
        {!isOurs && <span className={css['muted']}>Another process started it; it is restarted there.</span>}
        {error && <ErrorBox error={error} money="Nothing was changed." />}
      </div>
      {isAsking && <ResetDialog chain={chain} onClose={() => setAsking(false)} onDone={onDone} />}
    </Panel>
  );
}

function ResetDialog({ chain, onClose, onDone }: Readonly<{ chain: Name; onClose: () => void; onDone: () => void }>) {
  const reset = useMutation(
    orpc.localChain.reset.mutationOptions({
      onSuccess: () => {
        announce('The chain begins anew');
        onDone();
        onClose();
      },
    }),
  );
  return (
    <Dialog open onClose={onClose} title="Reset the chain">
      <p>
        Everything on it is forgotten: accounts, deployments and their records. The books keep what they know of it.
      </p>
      {reset.error && <ErrorBox error={reset.error} money="Nothing was forgotten." />}
      <Actions end>
        <Button onClick={onClose}>Cancel</Button>
        <Button kind="danger" busy={reset.isPending} onClick={() => reset.mutate({ chain, confirm: chain })}>
          {reset.isPending ? 'Resetting…' : 'Forget everything'}
        </Button>
      </Actions>
    </Dialog>
  );
}

const KINDS = { real: 'The real one', emulator: 'An emulator', none: 'None' } as const;

function Rollup({ rollup }: { rollup: NonNullable<LocalChain['rollup']> }) {
  return (
    <Panel
      padded
      title="Rollup"
      aside={<Pill tone={rollup.kind === 'real' ? 'good' : 'attention'}>{KINDS[rollup.kind]}</Pill>}
    >
      <div className={css['stack']}>
        <Facts
          left
          rows={[
            ['Which', rollup.name],
            [
              'Address',
              <span key="rpc" className={css['mono']}>
                {rollup.rpcUrl ?? '—'}
              </span>,
            ],
          ]}
        />
        <Note>{rollup.note}</Note>
      </div>
    </Panel>
  );
}

export function LocalChainDrawer() {
  const { chain } = route.useParams();
  const navigate = useNavigate();
  const name: Name = chain === 'solana' ? 'solana' : 'evm';
  const standing = useQuery(orpc.localChain.list.queryOptions({ input: {} }));
  const own = standing.data?.chains.find((one) => one.chain === name);
  return (
    <Drawer
      key={name}
      name="local-chain"
      title={name === 'evm' ? 'Local EVM chain' : 'Local Solana chain'}
      beside={<Pill>Emulated on this machine</Pill>}
      onClose={() => void navigate({ to: '/deployments' })}
      wide
    >
      {standing.error && <ErrorBox error={standing.error} money="This only reads." />}
      {own === undefined && !standing.error && <Loading label="Looking for the chain" />}
      {own?.problem && (
        <Empty title={own.problem.detail} {...(own.problem.command === null ? {} : { command: own.problem.command })}>
          {own.problem.fix}
        </Empty>
      )}
      {own?.isRunning && <Running chain={name} isOurs={own.isOurs} />}
    </Drawer>
  );
}

function Running({ chain, isOurs }: Readonly<{ chain: Name; isOurs: boolean }>) {
  const queries = useQueryClient();
  const may = useMay('deployments:write');
  const [funding, setFunding] = useState<Account>();
  const state = useQuery(orpc.localChain.get.queryOptions({ input: { chain }, refetchInterval: LOOK_EVERY_MS }));
  const onDone = (): void => {
    for (const noun of ['localChain', 'deployments'] as const)
      void queries.invalidateQueries({ queryKey: orpc[noun].key() });
  };
  const accounts = useMemo(() => accountColumns(may ? setFunding : undefined), [may]);
  const { data } = state;
  if (!data && state.error)
    return <ErrorBox error={state.error} money="This only reads." retry={() => void state.refetch()} />;
  if (!data) return <Loading label="Reading the chain" rows={6} />;
  return (
    <>
      <Panel padded label="About the chain">
        <Facts
          left
          rows={[
            [
              'Address',
              <span key="rpc" className={css['mono']}>
                {data.rpcUrl}
              </span>,
            ],
            [chain === 'evm' ? 'Height' : 'Slot', groupDecimal(data.height)],
            ['Its clock', <Time key="time" ms={data.timeMs} absolute />],
            ['Genesis', <Id key="genesis" id={data.genesis} label="genesis hash" />],
            ...data.builtIn.map(({ name, address }) => [name, <Id key={name} id={address} label={name} />] as const),
          ]}
        />
      </Panel>
      {data.rollup && <Rollup rollup={data.rollup} />}
      {may && <Controls chain={chain} isOurs={isOurs} onDone={onDone} />}
      <Panel title="Accounts">
        <Table
          name="accounts of the chain"
          bare
          rows={data.accounts}
          columns={accounts}
          rowKey={(row) => row.address}
          empty={null}
        />
      </Panel>
      <Panel title="Latest blocks">
        <Table
          name="blocks"
          bare
          rows={data.blocks}
          columns={BLOCKS}
          fixed
          rowKey={(row) => row.number}
          empty={<Empty title="No blocks yet">The first transaction makes the first one.</Empty>}
        />
      </Panel>
      {funding && <FundDialog chain={chain} account={funding} onClose={() => setFunding(undefined)} onDone={onDone} />}
    </>
  );
}
