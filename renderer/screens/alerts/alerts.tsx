/** What crossed its threshold, who has seen it, what is watched, and where it is told. */
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, Outlet, getRouteApi, useParams } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { ReactNode } from 'react';
import { listOf, paging } from '../../lib/lists.ts';
import { orpc } from '../../lib/rpc.ts';
import { useMay } from '../../lib/session.tsx';
import { isoTime } from '../../lib/time.ts';
import { Dash } from '../../ui/amount.tsx';
import type { Column } from '../../ui/columns.ts';
import { Button, Chips, buttonClass } from '../../ui/controls.tsx';
import { Time } from '../../ui/marks.tsx';
import { Empty } from '../../ui/states.tsx';
import { Page, Panel } from '../../ui/surface.tsx';
import { Table } from '../../ui/table.tsx';
import { announce } from '../../ui/toast.tsx';
import css from './alerts.module.css';
import { Deliveries } from './deliveries.tsx';
import { MailPart } from './mail.tsx';
import { AlertState, Severity, Value } from './marks.tsx';
import { Rules } from './rules.tsx';
import type { AlertPart } from './tabs.ts';
import { Webhooks } from './webhooks.tsx';
import { valueWords } from './words.ts';
import type { Alert } from './words.ts';

const route = getRouteApi('/alerts');

export function AlertsScreen() {
  const { pane: part } = route.useSearch();
  const navigate = route.useNavigate();
  const may = useMay('alerts:write');
  const chips = (
    <Chips<AlertPart>
      label="What"
      value={part}
      options={[
        { value: undefined, label: 'Open' },
        { value: 'past', label: 'Past' },
        { value: 'rules', label: 'Rules' },
        { value: 'webhooks', label: 'Webhooks' },
        { value: 'mail', label: 'Mail' },
        { value: 'deliveries', label: 'Delivery log' },
      ]}
      onChange={(next) => void navigate({ to: '/alerts', search: { pane: next }, replace: true })}
    />
  );
  return (
    <>
      <Page
        title="Alerts"
        actions={
          may && (
            <Link className={buttonClass('primary')} to="/alerts/rules/new" search={(all) => all}>
              New rule
            </Link>
          )
        }
      >
        <Part part={part} chips={chips} />
      </Page>
      <Outlet />
    </>
  );
}

function Part({ part, chips }: { part: AlertPart | undefined; chips: ReactNode }) {
  switch (part) {
    case 'rules':
      return <Rules chips={chips} />;
    case 'webhooks':
      return <Webhooks chips={chips} />;
    case 'mail':
      return <MailPart chips={chips} />;
    case 'deliveries':
      return <Deliveries chips={chips} />;
    case 'past':
    case undefined:
      return <List isPast={part === 'past'} chips={chips} />;
  }
}

/** Acknowledges one alert; it stays open until what it is about is over. */
export function useAcknowledge() {
  const queries = useQueryClient();
  return useMutation(
    orpc.alerts.acknowledge.mutationOptions({
      onSuccess: (alert) => {
        announce(`${alert.name}: acknowledged, open until it is over`);
        void queries.invalidateQueries({ queryKey: orpc.alerts.key() });
        void queries.invalidateQueries({ queryKey: orpc.workspace.key() });
      },
      onError: () => announce('It could not be acknowledged. Nothing was changed.'),
    }),
  );
}

type Ways = Readonly<{ isPast: boolean; acknowledge: ((alert: Alert) => void) | null }>;

function columnsFor({ isPast, acknowledge }: Ways): Column<Alert>[] {
  return [
    {
      id: 'severity',
      title: 'How bad',
      width: '112px',
      text: (row) => row.severity,
      cell: (row) => <Severity severity={row.severity} />,
    },
    {
      id: 'what',
      title: 'What',
      text: (row) => row.title,
      cell: (row) => (
        <Link to="/alerts/$alert" params={{ alert: row.id }} search={(all) => all} title={`${row.title} (${row.name})`}>
          {row.title}
        </Link>
      ),
    },
    {
      id: 'value',
      title: 'Value then',
      width: '136px',
      end: true,
      text: (row) => valueWords(row.kind, BigInt(row.value), row.asset),
      cell: (row) => <Value kind={row.kind} value={row.value} asset={row.asset} />,
    },
    {
      id: 'threshold',
      title: 'Threshold',
      width: '136px',
      end: true,
      text: (row) => valueWords(row.kind, BigInt(row.threshold), row.asset),
      cell: (row) => <Value kind={row.kind} value={row.threshold} asset={row.asset} />,
    },
    {
      id: 'since',
      title: isPast ? 'Fired' : 'Since',
      width: '88px',
      text: (row) => isoTime(row.firedMs),
      cell: (row) => <Time ms={row.firedMs} />,
    },
    isPast ? OVER : seenColumn(acknowledge),
  ];
}

const OVER: Column<Alert> = {
  id: 'over',
  title: 'Over',
  width: '88px',
  text: (row) => (row.clearedMs === null ? '' : isoTime(row.clearedMs)),
  cell: (row) => (row.clearedMs === null ? <Dash /> : <Time ms={row.clearedMs} />),
};

const seenColumn = (acknowledge: Ways['acknowledge']): Column<Alert> => ({
  id: 'seen',
  title: 'Seen',
  width: '122px',
  text: (row) => (row.acknowledgedMs === null ? '' : isoTime(row.acknowledgedMs)),
  cell: (row) =>
    row.acknowledgedMs === null && acknowledge ? (
      <Button size="small" onClick={() => acknowledge(row)} aria-label={`Acknowledge ${row.title}`}>
        Acknowledge
      </Button>
    ) : (
      <AlertState alert={row} />
    ),
});

function List({ isPast, chips }: { isPast: boolean; chips: ReactNode }) {
  const { alert } = useParams({ strict: false });
  const navigate = route.useNavigate();
  const may = useMay('alerts:write');
  const acknowledge = useAcknowledge();
  const query = useInfiniteQuery(
    orpc.alerts.list.infiniteOptions({
      ...paging,
      input: (cursor: string | undefined) => ({ limit: 100, cursor, state: isPast ? 'over' : 'open' }),
    }),
  );
  const { mutate } = acknowledge;
  const columns = useMemo(
    () => columnsFor({ isPast, acknowledge: may ? ({ id }) => mutate({ alert: id }) : null }),
    [isPast, may, mutate],
  );
  return (
    <Panel label={isPast ? 'Past alerts' : 'Open alerts'}>
      <Table
        name={isPast ? 'past alerts' : 'open alerts'}
        {...listOf(query)}
        columns={columns}
        rowKey={(row) => row.id}
        selected={alert ?? ''}
        tools={chips}
        fixed
        onOpen={(row) => void navigate({ to: '/alerts/$alert', params: { alert: row.id }, search: (all) => all })}
        empty={isPast ? <NonePast /> : <NoneOpen />}
      />
    </Panel>
  );
}

function NonePast() {
  return (
    <Empty title="No alert is over yet">
      What fired and came back within its limits stays here, with when it fired and when it was over.
    </Empty>
  );
}

function NoneOpen() {
  const may = useMay('alerts:write');
  return (
    <Empty
      title="Nothing is open"
      action={
        may && (
          <Link className={`${buttonClass()} ${css['link']}`} to="/alerts/rules/new" search={{ pane: 'rules' }}>
            Watch something
          </Link>
        )
      }
      command="npx tollkeeper alerts list --state all"
    >
      An alert opens when a rule’s threshold is crossed, and is over by itself when the value was back by the margin.
    </Empty>
  );
}
