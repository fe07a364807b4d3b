/** One grant beside the list: how it stands, how it was burnt, and its customer's statement at any instant. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, getRouteApi, useParams } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { listOf, paging } from '../../lib/lists.ts';
import { orpc } from '../../lib/rpc.ts';
import { useMay } from '../../lib/session.tsx';
import type { GrantMove, GrantRow } from '../../lib/shapes.ts';
import { isoTime } from '../../lib/time.ts';
import { Amount, Dash } from '../../ui/amount.tsx';
import { amountCell } from '../../ui/columns.ts';
import type { Column } from '../../ui/columns.ts';
import { Button, TabBar, buttonClass } from '../../ui/controls.tsx';
import { Id, Time } from '../../ui/marks.tsx';
import { Drawer } from '../../ui/overlay.tsx';
import { Empty, ErrorBox, Loading } from '../../ui/states.tsx';
import { Actions, Facts, Panel } from '../../ui/surface.tsx';
import { Table } from '../../ui/table.tsx';
import { ClawBack } from './claw-back.tsx';
import css from './credits.module.css';
import { SOURCE_WORDS } from './filters.ts';
import { StateOf } from './state-of.tsx';
import { StatementPanel } from './statement.tsx';

const route = getRouteApi('/credits');

export function GrantDrawer() {
  const { grant: id = '' } = useParams({ strict: false });
  const { view: tab } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useQuery(orpc.credits.get.queryOptions({ input: { grant: id }, retry: false }));
  const grant = query.data;
  const close = (): void => void navigate({ to: '/credits', search: ({ view: _left, ...all }) => all });
  return (
    <Drawer
      key={id}
      name="grant"
      wide
      onClose={close}
      title={grant ? `Credit of ${grant.customerName}` : 'Credit'}
      beside={
        grant && (
          <>
            <StateOf state={grant.state} />
            <Id id={grant.id} label="grant id" />
          </>
        )
      }
    >
      {query.error && !grant && (
        <ErrorBox
          error={query.error}
          money="This only reads: nothing was charged or changed."
          retry={() => void query.refetch()}
        />
      )}
      {query.isPending && <Loading label="Reading the grant" />}
      {grant && <Standing grant={grant} />}
      {grant && (
        <TabBar<'burnt' | 'statement'>
          label="About this grant"
          panelId="grant-tab"
          current={tab ?? 'burnt'}
          tabs={[
            { id: 'burnt', title: 'How it was burnt' },
            { id: 'statement', title: 'Statement of the customer' },
          ]}
          onChange={(next) =>
            void navigate({
              to: '/credits/$grant',
              params: { grant: id },
              search: (all) => ({ ...all, view: next === 'statement' ? next : undefined }),
              replace: true,
            })
          }
        />
      )}
      {grant && (
        <div id="grant-tab" role="tabpanel" aria-label="Of this grant" className={css['panel']}>
          {tab === 'statement' ? <StatementPanel grant={grant} /> : <Moves grant={grant} />}
        </div>
      )}
    </Drawer>
  );
}

function Standing({ grant }: { grant: GrantRow }) {
  const [isTaking, setTaking] = useState(false);
  const may = useMay('credits:write');
  const amount = (minor: string) => <Amount minor={minor} asset={grant.asset} inline copyable />;
  return (
    <div className={css['stack']}>
      <Actions>
        {may && grant.state === 'open' && (
          <Button kind="danger" onClick={() => setTaking(true)}>
            Take back…
          </Button>
        )}
        <Link
          className={buttonClass()}
          to="/customers/$customer"
          params={{ customer: grant.customer }}
          search={{ tab: 'credit' }}
        >
          Open {grant.customerName}
        </Link>
      </Actions>
      <Facts
        left
        rows={[
          ['Left', amount(grant.remainingMinor)],
          ['Granted', amount(grant.grantedMinor)],
          ['Used', amount(grant.consumedMinor)],
          ...(grant.expiredMinor === '0' ? [] : ([['Expired unused', amount(grant.expiredMinor)]] as const)),
          ...(grant.clawedBackMinor === '0' ? [] : ([['Taken back', amount(grant.clawedBackMinor)]] as const)),
          ['Source', SOURCE_WORDS[grant.source]],
          ['Burns', `at priority ${grant.priority}, the lowest first`],
          ['Granted at', <Time key="made" ms={grant.createdMs} absolute />],
          ['Ends', grant.expiresAtMs === null ? 'never' : <Time key="ends" ms={grant.expiresAtMs} absolute />],
          ...(grant.note === '' ? [] : ([['Note', grant.note]] as const)),
        ]}
      />
      {isTaking && <ClawBack grant={grant} onClose={() => setTaking(false)} />}
    </div>
  );
}

function columnsFor(asset: string): Column<GrantMove>[] {
  return [
    {
      id: 'booked',
      title: 'Booked',
      width: '100px',
      text: (row) => isoTime(row.recordedMs),
      cell: (row) => <Time ms={row.recordedMs} />,
    },
    {
      id: 'happened',
      title: 'Happened',
      width: '100px',
      optional: true,
      text: (row) => isoTime(row.happenedMs),
      cell: (row) => <Time ms={row.happenedMs} />,
    },
    {
      id: 'what',
      title: 'What',
      text: (row) => row.memo || row.kind,
      cell: (row) => (
        <Link to="/ledger/$transaction" params={{ transaction: row.transaction }} title={row.kind}>
          {row.memo || row.kind}
        </Link>
      ),
    },
    {
      id: 'meter',
      title: 'Meter',
      text: (row) => row.meter ?? '',
      cell: (row) => (row.meter === null ? <Dash /> : <code>{row.meter}</code>),
    },
    {
      id: 'invoice',
      title: 'Invoice',
      width: '128px',
      text: (row) => row.invoice?.number ?? row.invoice?.id ?? '',
      cell: (row) =>
        row.invoice === null ? (
          <Dash />
        ) : (
          <Link to="/invoices/$invoice" params={{ invoice: row.invoice.id }}>
            {row.invoice.number ?? 'Draft'}
          </Link>
        ),
    },
    {
      id: 'amount',
      title: 'Amount',
      end: true,
      width: '168px',
      text: (row) => amountCell(row.amountMinor, asset),
      cell: (row) => <Amount minor={row.amountMinor} asset={asset} precision="short" signed />,
    },
  ];
}

function Moves({ grant }: { grant: GrantRow }) {
  const query = useInfiniteQuery(
    orpc.credits.moves.infiniteOptions({
      ...paging,
      input: (cursor: string | undefined) => ({ grant: grant.id, limit: 100, cursor }),
    }),
  );
  const columns = useMemo(() => columnsFor(grant.asset), [grant.asset]);
  return (
    <Panel label="How it was burnt">
      <Table
        name={`entries of ${grant.id}`}
        {...listOf(query)}
        columns={columns}
        fixed
        rowKey={(row) => `${row.transaction} ${row.memo} ${row.amountMinor}`}
        empty={<Empty title="Nothing moved yet">Each use of this grant appears here with what it paid for.</Empty>}
      />
    </Panel>
  );
}
