/** What code is live, and who can change it? */
import { useQuery } from '@tanstack/react-query';
import { Link, Outlet, useNavigate, useParams } from '@tanstack/react-router';
import { useMemo } from 'react';
import { orpc } from '../../lib/rpc.ts';
import { Dash } from '../../ui/amount.tsx';
import { byText } from '../../ui/columns.ts';
import type { Column } from '../../ui/columns.ts';
import { buttonClass } from '../../ui/controls.tsx';
import { Id, Pill, Status, Time } from '../../ui/marks.tsx';
import { Empty, ErrorBox, Loading } from '../../ui/states.tsx';
import { Actions, Facts, Page, Panel } from '../../ui/surface.tsx';
import { Table } from '../../ui/table.tsx';
import css from './deployments.module.css';
import { LowFloat } from './low-float.tsx';
import { KINDS } from './words.ts';
import type { Network, Standing, Unit } from './words.ts';

type Row = Readonly<{ network: Network; unit: Unit }>;

/** In a few words how it stands; the chain is read when the row is opened. */
function StandOf({ network, unit }: Row) {
  if (network.problem !== null)
    return (
      <Status tone="quiet" shape="ring">
        Does not run
      </Status>
    );
  if (unit.job !== null)
    return (
      <Status tone="attention" shape="triangle">
        Has an open change
      </Status>
    );
  if (unit.address !== null)
    return (
      <Status tone="good" shape="check">
        Recorded
      </Status>
    );
  return (
    <Status tone="quiet" shape="ring">
      {network.kind === 'local' ? 'Not deployed' : 'Read when opened'}
    </Status>
  );
}

const COLUMNS: readonly Column<Row>[] = [
  {
    id: 'network',
    title: 'Network',
    width: '220px',
    sort: byText(({ network }) => network.title),
    cell: ({ network }) => (
      <span className={css['line']}>
        {network.title}
        <Pill tone={KINDS[network.kind].tone}>{KINDS[network.kind].word}</Pill>
      </span>
    ),
    text: ({ network }) => network.title,
  },
  {
    id: 'unit',
    title: 'Contract or program',
    sort: byText(({ unit }) => unit.title),
    cell: ({ network, unit }) => (
      <Link
        to="/deployments/$network/$unit"
        params={{ network: network.name, unit: unit.unit }}
        onClick={(event) => event.stopPropagation()}
      >
        {unit.title}
      </Link>
    ),
    text: ({ unit }) => unit.title,
  },
  {
    id: 'address',
    title: 'Address',
    width: '150px',
    cell: ({ unit }) => (unit.address === null ? <Dash /> : <Id id={unit.address} label="address" />),
    text: ({ unit }) => unit.address ?? '',
  },
  {
    id: 'state',
    title: 'State',
    width: '170px',
    cell: (row) => <StandOf {...row} />,
    text: ({ network, unit }) => (network.problem === null ? (unit.address === null ? 'none' : 'recorded') : 'down'),
  },
  {
    id: 'last',
    title: 'Last change',
    width: '110px',
    cell: ({ unit }) => (unit.lastMs === null ? <Dash /> : <Time ms={unit.lastMs} />),
    text: ({ unit }) => (unit.lastMs === null ? '' : new Date(unit.lastMs).toISOString()),
  },
];

/** Which code signs for EVM chains: where the native one does not load, it is said, and how much slower it is. */
function Curve() {
  const info = useQuery(orpc.workspace.info.queryOptions({ input: {} }));
  if (info.data === undefined) return null;
  if (info.data.curve === 'native libsecp256k1') return <Pill tone="quiet">Signs by native libsecp256k1</Pill>;
  return (
    <Status tone="attention" shape="triangle">
      Signs by libsecp256k1 in WebAssembly, a third as fast
    </Status>
  );
}

export function DeploymentsScreen() {
  const list = useQuery(orpc.deployments.list.queryOptions({ input: {} }));
  const { network, unit } = useParams({ strict: false });
  const navigate = useNavigate();
  const columns = useMemo(() => COLUMNS, []);
  const rows = list.data?.networks.flatMap((one) => one.units.map((own) => ({ network: one, unit: own })));
  return (
    <>
      <Page title="Deployments" sub="What code is live, and who can change it?" actions={<Curve />} scrolls>
        {list.data?.networks.map((one) => (
          <LowFloat key={one.name} network={one} />
        ))}
        <div className={css['grid']}>
          <Panel label="Deployments by network">
            <Table<Row>
              name="deployments"
              rows={rows}
              error={list.data ? null : list.error}
              retry={() => void list.refetch()}
              columns={columns}
              fixed
              selected={network === undefined ? '' : `${network} ${unit}`}
              rowKey={(row) => `${row.network.name} ${row.unit.unit}`}
              onOpen={(row) =>
                void navigate({
                  to: '/deployments/$network/$unit',
                  params: { network: row.network.name, unit: row.unit.unit },
                })
              }
              empty={<Empty title="No network is known">This version knows no network to deploy to.</Empty>}
            />
          </Panel>
          <LocalChains />
        </div>
      </Page>
      <Outlet />
    </>
  );
}

const NAMES = { evm: 'Local EVM chain', solana: 'Local Solana chain' } as const;

function LocalChains() {
  const list = useQuery(orpc.localChain.list.queryOptions({ input: {} }));
  return (
    <div className={css['chains']}>
      {list.error && <ErrorBox error={list.error} money="This only reads." retry={() => void list.refetch()} />}
      {list.isPending && <Loading label="Looking for local chains" />}
      {list.data?.chains.map((chain) => (
        <Panel
          key={chain.chain}
          title={NAMES[chain.chain]}
          aside={
            <Status tone={chain.isRunning ? 'good' : 'quiet'} shape={chain.isRunning ? 'dot' : 'ring'}>
              {chain.isRunning ? 'Runs' : 'Does not run'}
            </Status>
          }
        >
          <Standing chain={chain} />
        </Panel>
      ))}
    </div>
  );
}

function Standing({ chain }: { chain: Standing }) {
  if (chain.problem !== null)
    return (
      <Empty
        title={chain.problem.detail}
        {...(chain.problem.command === null ? {} : { command: chain.problem.command })}
      >
        {chain.problem.fix}
      </Empty>
    );
  return (
    <div style={{ padding: 12 }} className={css['stack']}>
      <Facts
        left
        rows={[
          [
            'Address',
            <span key="rpc" className={css['mono']}>
              {chain.rpcUrl}
            </span>,
          ],
        ]}
      />
      <Actions>
        <Link
          to="/deployments/chains/$chain"
          params={{ chain: chain.chain }}
          className={buttonClass(undefined, 'small')}
        >
          Blocks, accounts, faucet and time
        </Link>
      </Actions>
    </div>
  );
}
