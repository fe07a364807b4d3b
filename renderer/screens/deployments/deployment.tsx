/** One deployment read back from its chain: what runs, who can change it, whether it is ours, and changing it. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useEffect, useMemo, useState } from 'react';
import { groupDecimal } from '../../lib/money.ts';
import { orpc } from '../../lib/rpc.ts';
import { useMay } from '../../lib/session.tsx';
import { Amount, Dash } from '../../ui/amount.tsx';
import type { Column } from '../../ui/columns.ts';
import { Button, MenuButton, MenuItem } from '../../ui/controls.tsx';
import { Id, Pill, Status, Time } from '../../ui/marks.tsx';
import { Drawer } from '../../ui/overlay.tsx';
import { Empty, ErrorBox, Loading } from '../../ui/states.tsx';
import { Actions, Facts, Panel } from '../../ui/surface.tsx';
import { Table } from '../../ui/table.tsx';
import { ChangeDialog } from './change.tsx';
import css from './deployments.module.css';
import { Endpoint, useWay } from './endpoint.tsx';
import { JobPanel, useJobs } from './job.tsx';
import { LowFloat } from './low-float.tsx';
import { KINDS, VERBS, newKey, pastOf } from './words.ts';
import type { Action, Job, Network, View } from './words.ts';

const route = getRouteApi('/deployments/$network/$unit');

type Evm = Extract<View, { chain: 'evm' }>;
type Solana = Extract<View, { chain: 'solana' }>;

/** The changes that make sense on what stands there now; the first is the one next step. */
function actionsFor(view: View): Action[] {
  if (view.chain === 'evm') {
    if (view.address === null) return ['deploy'];
    const upgrade: Action[] = view.unit === 'serving' ? ['upgrade'] : [];
    const accept: Action[] = view.pendingOwner === null ? [] : ['accept-ownership'];
    const beacon: Action[] = view.unit === 'serving' ? ['transfer-beacon'] : [];
    return [...accept, ...upgrade, 'offer-ownership', ...beacon];
  }
  if (view.loader !== 'upgradeable') return ['deploy', 'close-buffer'];
  if (view.authority === null) return ['deploy'];
  return ['upgrade', 'deploy', 'set-authority', 'make-final', 'close', 'close-buffer'];
}

function Ours({ view }: { view: View }) {
  if (view.chain === 'solana' && view.loader === 'closed')
    return (
      <Status tone="quiet" shape="ring">
        Closed
      </Status>
    );
  const isThere = view.chain === 'evm' ? view.contracts.length > 0 : view.loader !== 'none';
  if (!isThere)
    return (
      <Status tone="quiet" shape="ring">
        Not deployed
      </Status>
    );
  return view.isOurs ? (
    <Status tone="good" shape="check">
      Code is ours
    </Status>
  ) : (
    <Status tone="danger" shape="square">
      Code is not ours
    </Status>
  );
}

const idOr = (id: string | null, label: string) => (id === null ? <Dash /> : <Id id={id} label={label} />);

function EvmFacts({ view }: { view: Evm }) {
  const pending =
    view.pendingOwner === null ? (
      'nobody'
    ) : (
      <span className={css['line']}>
        <Id id={view.pendingOwner} label="pending owner" />
        <Status tone="attention" shape="triangle">
          Has to accept
        </Status>
      </span>
    );
  const isServing = view.unit === 'serving';
  return (
    <Facts
      left
      rows={[
        [isServing ? 'Proxy, what users call' : 'Contract', idOr(view.address, 'address')],
        ['Owner', idOr(view.owner, 'owner')],
        ['Offered to', pending],
        ...(isServing
          ? ([
              ['Implementation', idOr(view.implementation, 'implementation')],
              ['Beacon, decides the code', idOr(view.beacon, 'beacon')],
              ['Owner of the beacon', idOr(view.beaconOwner, 'owner of the beacon')],
            ] as const)
          : []),
        ['Read back', `at block ${groupDecimal(view.readAtBlock)}`],
      ]}
    />
  );
}

const LOADERS = {
  upgradeable: 'Upgradeable loader',
  genesis: 'There from the beginning of the local chain',
  closed: 'Closed: its address can never be used again',
  none: 'Nothing stands there',
} as const;

function SolanaFacts({ view }: { view: Solana }) {
  const isThere = view.loader === 'upgradeable' || view.loader === 'genesis';
  const isFinal = view.loader === 'upgradeable' && view.authority === null;
  const bytes = `${groupDecimal(`${view.bytes}`)} bytes`;
  return (
    <Facts
      left
      rows={[
        ['Program', idOr(view.address, 'program')],
        ['Loader', LOADERS[view.loader]],
        ['Program data', idOr(view.programData, 'program data')],
        ['Upgrade authority', isFinal ? 'nobody: it is final' : idOr(view.authority, 'authority')],
        ['sha256 on the chain', idOr(view.sha256, 'sha256 on the chain')],
        ['sha256 committed', idOr(view.expectedSha256, 'committed sha256')],
        ['Deployed in slot', view.slot === null ? <Dash /> : groupDecimal(view.slot)],
        ['Size', isThere ? `${bytes}, room for ${groupDecimal(`${view.roomBytes}`)}` : `${bytes} as committed`],
        ['Rent', isThere ? <Amount key="rent" minor={view.rentMinor} asset="SOL/9" inline /> : <Dash />],
        ['Read back', `at slot ${groupDecimal(view.readAtSlot)}`],
      ]}
    />
  );
}

type Contract = Evm['contracts'][number];
const CONTRACTS: readonly Column<Contract>[] = [
  { id: 'role', title: 'Role', cell: (row) => row.role, text: (row) => row.role, width: '112px' },
  {
    id: 'address',
    title: 'Address',
    cell: (row) => <Id id={row.address} label="address" />,
    text: (row) => row.address,
  },
  {
    id: 'hash',
    title: 'Hash of its code',
    cell: (row) => <Id id={row.codeHash} label="hash" />,
    text: (row) => row.codeHash,
  },
  {
    id: 'match',
    title: 'Against ours',
    cell: (row) =>
      row.codeHash === row.expectedHash ? (
        <Status tone="good" shape="check">
          {row.match}
        </Status>
      ) : (
        <Status tone={row.match === 'same code' ? 'attention' : 'danger'} shape="square">
          {row.match}
        </Status>
      ),
    text: (row) => row.match,
  },
];

type Past = View['history'][number];
const HISTORY: readonly Column<Past>[] = [
  { id: 'when', title: 'When', cell: (row) => <Time ms={row.atMs} />, text: (row) => `${row.atMs}`, width: '96px' },
  { id: 'what', title: 'What', cell: (row) => pastOf(row.what), text: (row) => row.what, width: '188px' },
  {
    id: 'detail',
    title: 'Detail',
    cell: (row) => <span title={row.detail}>{row.detail}</span>,
    text: (row) => row.detail,
  },
  { id: 'by', title: 'By', cell: (row) => <Id id={row.by} label="who" plain />, text: (row) => row.by, width: '136px' },
];

type Sent = View['sends'][number];
const SENDS: readonly Column<Sent>[] = [
  {
    id: 'what',
    title: 'Transaction',
    cell: (row) => <span title={row.id}>{row.summary}</span>,
    text: (row) => row.summary,
  },
  { id: 'hash', title: 'Hash', cell: (row) => idOr(row.hash, 'hash'), text: (row) => row.hash ?? '', width: '150px' },
  {
    id: 'state',
    title: 'State',
    width: '112px',
    cell: (row) => (
      <Pill tone={row.state === 'finalized' ? 'good' : row.state === 'reverted' ? 'danger' : 'info'}>{row.state}</Pill>
    ),
    text: (row) => row.state,
  },
];

function Code({ view }: { view: View }) {
  const [contracts, history, sends] = useMemo(() => [CONTRACTS, HISTORY, SENDS], []);
  return (
    <>
      {view.chain === 'evm' && view.contracts.length > 0 && (
        <Panel title="Code">
          <Table
            name="contracts"
            bare
            rows={view.contracts}
            columns={contracts}
            rowKey={(row) => row.role}
            empty={null}
          />
        </Panel>
      )}
      <Panel title="History">
        <Table
          name="history"
          bare
          rows={view.history}
          columns={history}
          fixed
          rowKey={(row) => `${row.atMs} ${row.what}`}
          empty={<Empty title="Nothing was changed yet">Each deployment, upgrade and hand-over is listed here.</Empty>}
        />
      </Panel>
      {view.sends.length > 0 && (
        <Panel title="Transactions of this network">
          <Table
            name="sends"
            bare
            rows={view.sends}
            columns={sends}
            fixed
            rowKey={(row) => `${row.account} ${row.id}`}
            empty={null}
          />
        </Panel>
      )}
    </>
  );
}

function useNetwork(name: string): Network | undefined {
  const list = useQuery(orpc.deployments.list.queryOptions({ input: {} }));
  return list.data?.networks.find((network) => network.name === name);
}

export function DeploymentDrawer() {
  const { network: name, unit } = route.useParams();
  const navigate = useNavigate();
  const network = useNetwork(name);
  const close = (): void => void navigate({ to: '/deployments' });
  const title = network?.units.find((one) => one.unit === unit)?.title ?? unit;
  return (
    <Drawer
      key={`${name} ${unit}`}
      name="deployment"
      title={title}
      beside={network && <Pill tone={KINDS[network.kind].tone}>{network.title}</Pill>}
      onClose={close}
      wide
    >
      {network === undefined ? <Loading label="Reading the networks" /> : <Deployment network={network} unit={unit} />}
    </Drawer>
  );
}

/** The end of a change is what the chain is read again for. */
function useRefreshAtEnd(latest: Job | undefined): void {
  const queries = useQueryClient();
  const ended = latest === undefined || latest.state === 'running' ? null : `${latest.id} ${latest.finishedMs}`;
  useEffect(() => {
    if (ended === null) return;
    for (const verb of ['get', 'list'] as const) {
      void queries.invalidateQueries({ queryKey: orpc.deployments[verb].key() });
    }
  }, [ended, queries]);
}

function Deployment({ network, unit }: { network: Network; unit: string }) {
  const input = { network: network.name, unit, ...useWay() };
  const view = useQuery(
    orpc.deployments.get.queryOptions({ input, enabled: network.problem === null, retry: network.kind === 'local' }),
  );
  const jobs = useJobs(network.name, unit);
  const [latest] = jobs.data?.jobs ?? [];
  useRefreshAtEnd(latest);
  if (network.problem !== null)
    return (
      <Empty
        title={network.problem.detail}
        {...(network.problem.command === null ? {} : { command: network.problem.command })}
      >
        {network.problem.fix}
      </Empty>
    );
  return (
    <>
      {network.kind === 'test' && <Endpoint network={network} />}
      <LowFloat network={network} />
      {view.isPending && <Loading label="Reading the chain" rows={6} />}
      {view.error && !view.data && (
        <ErrorBox error={view.error} money="This only reads: nothing was sent." retry={() => void view.refetch()} />
      )}
      {view.data && <Doings network={network} view={view.data} />}
      {latest && <JobPanel job={latest} />}
      {view.data && (
        <Panel padded title="What is live" aside={<Ours view={view.data} />}>
          {view.data.chain === 'evm' ? <EvmFacts view={view.data} /> : <SolanaFacts view={view.data} />}
        </Panel>
      )}
      {view.data && <Code view={view.data} />}
    </>
  );
}

function Doings({ network, view }: { network: Network; view: View }) {
  const [action, setAction] = useState<Action>();
  const queries = useQueryClient();
  const may = useMay('deployments:write') && network.canSign;
  const way = useWay();
  const refresh = { onSettled: () => queries.invalidateQueries({ queryKey: orpc.deployments.key() }) };
  const verify = useMutation(orpc.deployments.start.mutationOptions(refresh));
  const [first, ...rest] = actionsFor(view);
  const check = (): void =>
    verify.mutate({ key: newKey(), network: network.name, unit: view.unit, action: 'verify', ...way });
  return (
    <>
      <Actions>
        {first && (
          <Button kind="primary" disabled={!may} onClick={() => setAction(first)}>
            {VERBS[first]}
          </Button>
        )}
        <Button disabled={view.address === null} busy={verify.isPending} onClick={check}>
          {VERBS.verify}
        </Button>
        {rest.length > 0 && may && (
          <MenuButton trigger="More…" label="More changes" align="start">
            {rest.map((one) => (
              <MenuItem key={one} onSelect={() => setAction(one)}>
                {VERBS[one]}…
              </MenuItem>
            ))}
          </MenuButton>
        )}
        {!network.canSign && <span className={css['muted']}>Development keys do not sign on a main network.</span>}
      </Actions>
      {verify.error && <ErrorBox error={verify.error} money="This only reads: nothing was sent." />}
      {action && (
        <ChangeDialog network={network} unit={view.unit} action={action} onClose={() => setAction(undefined)} />
      )}
    </>
  );
}
