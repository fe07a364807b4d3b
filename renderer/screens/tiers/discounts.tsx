/** Discounts and commitments in the order in which they stack; beginning one and ending one. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import { useNow } from '../../lib/now.ts';
import { orpc } from '../../lib/rpc.ts';
import { useMay } from '../../lib/session.tsx';
import type { Discount } from '../../lib/shapes.ts';
import { isoTime } from '../../lib/time.ts';
import { byText } from '../../ui/columns.ts';
import type { Column } from '../../ui/columns.ts';
import { Button } from '../../ui/controls.tsx';
import { Status, Time } from '../../ui/marks.tsx';
import { Dialog } from '../../ui/overlay.tsx';
import { Empty, ErrorBox } from '../../ui/states.tsx';
import { Actions, Note, Panel } from '../../ui/surface.tsx';
import { Table } from '../../ui/table.tsx';
import { announce } from '../../ui/toast.tsx';
import { DiscountForm } from './discount-form.tsx';
import { useCustomerNames } from '../../lib/customer-names.ts';
import { termsWords, whose } from '../../lib/price-words.ts';

type Row = Readonly<{ discount: Discount; whose: string; terms: string; state: 'in force' | 'to come' | 'over' }>;

function stateOf({ fromMs, untilMs }: Discount, nowMs: number): Row['state'] {
  if (untilMs !== null && untilMs <= nowMs) return 'over';
  // The core's clock is not this page's: what began just now has begun.
  return fromMs > nowMs + 2000 ? 'to come' : 'in force';
}

function State({ state }: { state: Row['state'] }) {
  const words = { 'in force': 'In force', 'to come': 'To come', over: 'Over' } as const;
  const tone = state === 'in force' ? 'good' : state === 'to come' ? 'info' : 'quiet';
  return (
    <Status tone={tone} shape={state === 'in force' ? 'check' : state === 'to come' ? 'half' : 'ring'}>
      {words[state]}
    </Status>
  );
}

function columnsFor(end: ((row: Row) => void) | undefined): Column<Row>[] {
  const columns: Column<Row>[] = [
    {
      id: 'name',
      title: 'Name',
      sort: byText((row) => row.discount.name),
      text: (row) => row.discount.name,
      cell: (row) => row.discount.name,
    },
    { id: 'kind', title: 'Kind', text: (row) => row.discount.kind, cell: (row) => row.discount.kind },
    { id: 'whose', title: 'For', text: (row) => row.whose, cell: (row) => row.whose },
    { id: 'terms', title: 'Terms', text: (row) => row.terms, cell: (row) => row.terms },
    {
      id: 'meters',
      title: 'Takes from',
      optional: true,
      text: (row) => row.discount.meters?.join(' ') ?? 'all lines',
      cell: (row) => row.discount.meters?.map((meter) => <code key={meter}>{meter} </code>) ?? 'all lines',
    },
    { id: 'state', title: 'State', text: (row) => row.state, cell: (row) => <State state={row.state} /> },
    {
      id: 'until',
      title: 'Until',
      text: (row) => (row.discount.untilMs === null ? '' : isoTime(row.discount.untilMs)),
      cell: (row) => (row.discount.untilMs === null ? 'no end' : <Time ms={row.discount.untilMs} />),
    },
  ];
  if (end) {
    columns.push({
      id: 'end',
      title: '',
      end: true,
      text: () => '',
      cell: (row) =>
        row.state === 'over' ? null : (
          <Button size="small" onClick={() => end(row)} aria-label={`End ${row.discount.name}`}>
            End
          </Button>
        ),
    });
  }
  return columns;
}

export function Discounts({ chips }: { chips: ReactNode }) {
  const query = useQuery(orpc.discounts.list.queryOptions({ input: {} }));
  const names = useCustomerNames();
  const may = useMay('prices:write');
  const second = Math.floor(useNow() / 1000);
  const [making, setMaking] = useState(false);
  const [ending, setEnding] = useState<Row | null>(null);
  const columns = useMemo(() => columnsFor(may ? setEnding : undefined), [may]);
  const rows = useMemo(
    () =>
      query.data?.items.map((discount) => ({
        discount,
        whose: whose(discount, names),
        terms: termsWords(discount),
        state: stateOf(discount, second * 1000),
      })),
    [query.data, names, second],
  );
  const begin = may && (
    <Button kind="primary" size="small" onClick={() => setMaking(true)}>
      New discount
    </Button>
  );
  return (
    <Panel label="Discounts">
      <Table
        name="discounts"
        rows={rows}
        error={query.data ? null : query.error}
        retry={() => void query.refetch()}
        columns={columns}
        rowKey={(row) => row.discount.id}
        tools={
          <>
            {chips}
            {begin}
          </>
        }
        empty={
          <Empty title="No discount yet" command="npx tollkeeper discounts create --key first --json - < discount.json">
            Discounts are lines of their own on an invoice: volume, then commitment, promotion and referral, each on
            what the ones before it left.
          </Empty>
        }
      />
      {making && <DiscountForm onClose={() => setMaking(false)} />}
      {ending && <EndDiscount row={ending} onClose={() => setEnding(null)} />}
    </Panel>
  );
}

function EndDiscount({ row, onClose }: { row: Row; onClose: () => void }) {
  const queries = useQueryClient();
  const end = useMutation(
    orpc.discounts.end.mutationOptions({
      onSuccess: () => {
        announce(`${row.discount.name} ends now`);
        void queries.invalidateQueries({ queryKey: orpc.discounts.key() });
        onClose();
      },
    }),
  );
  return (
    <Dialog open onClose={onClose} title={`End ${row.discount.name}?`}>
      <Note>
        Periods that begin from now on go without it. Invoices that are final keep it, and so does a period that has
        begun.
      </Note>
      {end.error && <ErrorBox error={end.error} money="The discount is as it was." />}
      <Actions end>
        <Button onClick={onClose}>Keep it</Button>
        <Button kind="primary" busy={end.isPending} onClick={() => end.mutate({ discount: row.discount.id })}>
          End it now
        </Button>
      </Actions>
    </Dialog>
  );
}
