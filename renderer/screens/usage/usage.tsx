/** What was used, by whom, and is anything unrated? */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, Outlet, getRouteApi, useParams } from '@tanstack/react-router';
import { useMemo } from 'react';
import { listOf, paging } from '../../lib/lists.ts';
import { orpc } from '../../lib/rpc.ts';
import { useMay } from '../../lib/session.tsx';
import type { EventView } from '../../lib/shapes.ts';
import { Chips, buttonClass } from '../../ui/controls.tsx';
import { eventColumns } from '../../ui/event-columns.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Empty } from '../../ui/states.tsx';
import { Page, Panel } from '../../ui/surface.tsx';
import { Table } from '../../ui/table.tsx';
import type { TableProps } from '../../ui/table.tsx';
import { useAllEvents } from './all-events.ts';
import { Charts } from './charts.tsx';
import { Unrated } from './unrated.tsx';

const route = getRouteApi('/usage');

type Tab = 'unrated' | 'charts';

export function UsageScreen() {
  const { show } = route.useSearch();
  const navigate = route.useNavigate();
  const summary = useQuery(orpc.unrated.summary.queryOptions({ input: {} }));
  const may = useMay('usage:write');
  const total = summary.data?.total ?? 0;
  const chips = (
    <Chips<Tab>
      label="Which events"
      value={show}
      options={[
        { value: undefined, label: 'All events' },
        { value: 'charts', label: 'Over time' },
        { value: 'unrated', label: total > 0 ? `Unrated ${total}` : 'Unrated' },
      ]}
      onChange={(next) => void navigate({ to: '/usage', search: (all) => ({ ...all, show: next }), replace: true })}
    />
  );
  return (
    <>
      <Page
        title="Usage"
        scrolls={show === 'charts'}
        actions={
          may && (
            <Link className={buttonClass()} to="/usage/import">
              <Icon name="upload" size={14} />
              Import a file
            </Link>
          )
        }
      >
        {show === 'unrated' ? (
          <Unrated chips={chips} />
        ) : show === 'charts' ? (
          <Charts chips={chips} />
        ) : (
          <AllEvents chips={chips} />
        )}
      </Page>
      <Outlet />
    </>
  );
}

function AllEvents({ chips }: { chips: React.ReactNode }) {
  const { customer } = route.useSearch();
  return customer === undefined ? <Everybody chips={chips} /> : <OfCustomer chips={chips} customer={customer} />;
}

function Everybody({ chips }: { chips: React.ReactNode }) {
  const { list, error, retry } = useAllEvents();
  return <Events chips={chips} rows={undefined} far={list} error={error} retry={retry} />;
}

function OfCustomer({ chips, customer }: { chips: React.ReactNode; customer: string }) {
  const query = useInfiniteQuery(
    orpc.usage.list.infiniteOptions({
      ...paging,
      input: (cursor: string | undefined) => ({ limit: 100, cursor, customer }),
    }),
  );
  return <Events chips={chips} {...listOf(query)} />;
}

type EventsProps = Pick<TableProps<EventView>, 'rows' | 'far' | 'more' | 'error' | 'retry'> &
  Readonly<{ chips: React.ReactNode }>;

function Events({ chips, ...list }: EventsProps) {
  const may = useMay('usage:write');
  const { source, id } = useParams({ strict: false });
  const navigate = route.useNavigate();
  const columns = useMemo(() => eventColumns({ withCustomer: true }), []);
  return (
    <Panel label="Events">
      <Table
        name="events"
        {...list}
        columns={columns}
        rowKey={(row) => `${row.source} ${row.id}`}
        tools={chips}
        selected={`${source ?? ''} ${id ?? ''}`}
        fixed
        onOpen={(row) =>
          void navigate({
            to: '/usage/event/$source/$id',
            params: { source: row.source, id: row.id },
            search: (all) => all,
          })
        }
        empty={
          <Empty
            title="No events yet"
            action={
              may && (
                <Link className={buttonClass()} to="/usage/import">
                  Import a file
                </Link>
              )
            }
            command="npx tollkeeper usage record --json - < events.json"
          >
            Every event that was accepted appears here, newest first, with what became of it.
          </Empty>
        }
      />
    </Panel>
  );
}
