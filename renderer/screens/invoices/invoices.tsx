/** What is owed, by whom, and why? */
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, Outlet, getRouteApi, useParams } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import { listOf, paging } from '../../lib/lists.ts';
import { totalsByAsset } from '../../lib/money.ts';
import { useZone } from '../../lib/preferences.ts';
import { orpc } from '../../lib/rpc.ts';
import { useMay } from '../../lib/session.tsx';
import type { Invoice } from '../../lib/shapes.ts';
import { Amount } from '../../ui/amount.tsx';
import { Button, Chips, buttonClass } from '../../ui/controls.tsx';
import { invoiceColumns } from '../../ui/invoice-columns.tsx';
import { Empty } from '../../ui/states.tsx';
import { Page, Panel } from '../../ui/surface.tsx';
import { Table } from '../../ui/table.tsx';
import { CloseAll } from './close-all.tsx';
import { STATE_CHIPS } from './state.tsx';
import type { InvoiceState } from './state.tsx';

const route = getRouteApi('/invoices');

export function InvoicesScreen() {
  const { state, customer } = route.useSearch();
  const navigate = route.useNavigate();
  const { invoice } = useParams({ strict: false });
  const zone = useZone();
  const may = useMay('invoices:write');
  const [closing, setClosing] = useState(false);
  const query = useInfiniteQuery(
    orpc.invoices.list.infiniteOptions({
      ...paging,
      input: (cursor: string | undefined) => ({
        limit: 100,
        cursor,
        ...(state ? { state } : {}),
        ...(customer ? { customer } : {}),
      }),
    }),
  );
  const list = listOf(query);
  const columns = useMemo(() => invoiceColumns({ zone, withCustomer: true }), [zone]);
  return (
    <>
      <Page
        title="Invoices"
        actions={
          <>
            <Link to="/invoices/review" className={buttonClass()}>
              Review a bundle
            </Link>
            {may && (
              <Button kind="primary" onClick={() => setClosing(true)}>
                Close period
              </Button>
            )}
          </>
        }
      >
        <Panel label="Invoices">
          <Table
            name="invoices"
            {...list}
            columns={columns}
            rowKey={(row) => row.id}
            selected={invoice ?? ''}
            totals={totalsFor(list.rows, list.more === undefined)}
            tools={
              <Chips<InvoiceState>
                label="State"
                options={STATE_CHIPS}
                value={state}
                onChange={(next) =>
                  void navigate({ to: '.', search: (all) => ({ ...all, state: next }), replace: true })
                }
              />
            }
            onOpen={(row) =>
              void navigate({ to: '/invoices/$invoice', params: { invoice: row.id }, search: (all) => all })
            }
            empty={<NoInvoices filtered={state !== undefined || customer !== undefined} />}
          />
        </Panel>
      </Page>
      <Outlet />
      {closing && <CloseAll onClose={() => setClosing(false)} />}
    </>
  );
}

/** A totals row only over a whole list in one asset; a sum over a part, or over assets, would say something untrue. */
function totalsFor(rows: readonly Invoice[] | undefined, whole: boolean): Record<string, ReactNode> | undefined {
  if (!rows || !whole || rows.length < 2) return undefined;
  const total = totalsByAsset(rows.map((row) => ({ asset: row.asset, minor: row.totalMinor })));
  const due = totalsByAsset(rows.map((row) => ({ asset: row.asset, minor: row.dueMinor })));
  const [onlyTotal] = total;
  const [onlyDue] = due;
  if (total.length !== 1 || !onlyTotal || !onlyDue) return undefined;
  return {
    number: 'Total',
    total: <Amount {...onlyTotal} precision="short" hideAsset />,
    owed: <Amount {...onlyDue} precision="short" />,
  };
}

function NoInvoices({ filtered }: { filtered: boolean }) {
  if (filtered)
    return (
      <Empty title="No invoice is in this state" action={<Link to="/invoices">Show all invoices</Link>}>
        Other states may have some.
      </Empty>
    );
  return (
    <Empty title="No invoices yet" command="npx tollkeeper invoices close">
      Closing a period turns its rated usage into drafts; a draft gets its number and its final bytes when you finalize
      it.
    </Empty>
  );
}
