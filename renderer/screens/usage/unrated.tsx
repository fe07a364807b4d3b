/** The queue of events that could not be rated: why, and to whom and what they belong. Assigning rates each once. */
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { listOf, paging } from '../../lib/lists.ts';
import { client, orpc } from '../../lib/rpc.ts';
import { useMay } from '../../lib/session.tsx';
import type { Parked } from '../../lib/shapes.ts';
import { isoTime } from '../../lib/time.ts';
import type { Column } from '../../ui/columns.ts';
import { Button, SelectField, TextField } from '../../ui/controls.tsx';
import { parkReason } from '../../ui/event-status.tsx';
import { Id, Status, Time } from '../../ui/marks.tsx';
import { Empty, ErrorBox } from '../../ui/states.tsx';
import { Panel } from '../../ui/surface.tsx';
import { Table } from '../../ui/table.tsx';
import { announce } from '../../ui/toast.tsx';
import css from './usage.module.css';

function columnsFor(chosen: ReadonlySet<string>, toggle: (id: string) => void, may: boolean): Column<Parked>[] {
  const columns: Column<Parked>[] = [
    { id: 'parked', title: 'Parked', cell: (row) => <Time ms={row.parkedMs} />, text: (row) => isoTime(row.parkedMs) },
    {
      id: 'reason',
      title: 'Why',
      cell: (row) => (
        <Status tone="attention" shape="triangle">
          {parkReason(row.reason)}
        </Status>
      ),
      text: (row) => row.reason,
    },
    {
      id: 'subject',
      title: 'Subject',
      cell: (row) => <code>{row.event.subject}</code>,
      text: (row) => row.event.subject,
    },
    { id: 'type', title: 'Type', cell: (row) => <code>{row.event.type}</code>, text: (row) => row.event.type },
    {
      id: 'event',
      title: 'Event',
      cell: (row) => <Id id={row.event.id} label="event id" />,
      text: (row) => row.event.id,
    },
  ];
  if (!may) return columns;
  return [
    {
      id: 'choose',
      title: '',
      width: '40px',
      text: () => '',
      cell: (row) => (
        <input
          type="checkbox"
          checked={chosen.has(row.id)}
          onChange={() => toggle(row.id)}
          aria-label={`Choose event ${row.event.id}`}
        />
      ),
    },
    ...columns,
  ];
}

/** The set with this id taken out when it is in, else put in. */
function flipped(chosen: ReadonlySet<string>, id: string): ReadonlySet<string> {
  return chosen.has(id) ? new Set([...chosen].filter((other) => other !== id)) : new Set([...chosen, id]);
}

export function Unrated({ chips }: { chips: ReactNode }) {
  const may = useMay('credits:write');
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const query = useInfiniteQuery(
    orpc.unrated.list.infiniteOptions({
      ...paging,
      input: (cursor: string | undefined) => ({ limit: 100, cursor }),
    }),
  );
  const list = listOf(query);
  const toggle = useCallback((id: string) => setChosen((before) => flipped(before, id)), []);
  // Enter takes a row along and goes to where the chosen ones are assigned.
  const [asked, setAsked] = useState(0);
  const open = (row: Parked, by: 'key' | 'pointer'): void => {
    if (by === 'pointer') return toggle(row.id);
    setChosen((before) => new Set([...before, row.id]));
    return setAsked((before) => before + 1);
  };
  const done = (): void => {
    setChosen(new Set());
    setAsked(0);
    requestAnimationFrame(() => document.querySelector<HTMLElement>('#main tr[data-row][tabindex="0"]')?.focus());
  };
  const columns = useMemo(() => columnsFor(chosen, toggle, may), [chosen, toggle, may]);
  return (
    <Panel label="Unrated events">
      {may && chosen.size > 0 && <Assign ids={[...chosen]} asked={asked} onDone={done} />}
      <Table
        name="unrated events"
        {...list}
        columns={columns}
        rowKey={(row) => row.id}
        tools={
          <>
            {chips}
            {may && (
              <Button
                size="small"
                disabled={!list.rows?.length}
                onClick={() => setChosen(new Set(list.rows?.map((row) => row.id)))}
              >
                Choose all shown
              </Button>
            )}
            {may && chosen.size > 0 && (
              <Button size="small" onClick={() => setChosen(new Set())}>
                Choose none
              </Button>
            )}
          </>
        }
        onOpen={may ? open : undefined}
        onChoose={may ? (row) => toggle(row.id) : undefined}
        empty={
          <Empty title="Nothing is unrated">
            Events that name no known customer, meter or price wait here until someone says where they belong. Nothing
            is charged before.
          </Empty>
        }
      />
    </Panel>
  );
}

/** The contract takes so many at once. */
const MOST_AT_ONCE = 1000;

type Order = Readonly<{ customer?: string; meter?: string; dismiss?: string }>;

/** Assigns all of them, as many a call as the contract takes; each is rated at most once however often it is asked. */
async function assignAll(ids: readonly string[], as: Order) {
  const sums = { rated: 0, dismissed: 0, stillParked: 0 };
  for (let from = 0; from < ids.length; from += MOST_AT_ONCE) {
    const answer = await client.unrated.assign({ ids: ids.slice(from, from + MOST_AT_ONCE), ...as });
    sums.rated += answer.rated;
    sums.dismissed += answer.dismissed;
    sums.stillParked += answer.stillParked;
  }
  return sums;
}

type AssignProps = Readonly<{ ids: readonly string[]; asked: number; onDone: () => void }>;

function Assign({ ids, asked, onDone }: AssignProps) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (asked > 0) box.current?.querySelector('select')?.focus();
  }, [asked]);
  const [form, setForm] = useState({ customer: '', meter: '', dismiss: '' });
  const queries = useQueryClient();
  const customers = useQuery(orpc.customers.list.queryOptions({ input: { limit: 500 } }));
  const meters = useQuery(orpc.meters.list.queryOptions({ input: {} }));
  const assign = useMutation({
    mutationFn: (order: Order) => assignAll(ids, order),
    onSuccess: async (answer) => {
      announce(`${answer.rated} rated, ${answer.dismissed} dismissed, ${answer.stillParked} still parked`);
      const nouns = ['unrated', 'usage', 'customers', 'workspace'] as const;
      await Promise.all(nouns.map((noun) => queries.invalidateQueries({ queryKey: orpc[noun].key() })));
      onDone();
    },
  });
  const dismiss = form.dismiss.trim();
  const as = { ...(form.customer ? { customer: form.customer } : {}), ...(form.meter ? { meter: form.meter } : {}) };
  const count = ids.length === 1 ? '1 event' : `${ids.length} events`;
  const asNamed = { value: '', label: 'As the event says' };
  return (
    <div ref={box} className={css['assign']} role="group" aria-label={`Assign ${count}`}>
      <SelectField
        label="Customer"
        value={form.customer}
        onChange={(customer) => setForm({ ...form, customer })}
        options={[
          asNamed,
          ...(customers.data?.items ?? []).map(({ customer }) => ({ value: customer.id, label: customer.name })),
        ]}
      />
      <SelectField
        label="Meter"
        value={form.meter}
        onChange={(meter) => setForm({ ...form, meter })}
        options={[asNamed, ...(meters.data?.items ?? []).map((meter) => ({ value: meter.key, label: meter.key }))]}
      />
      <Button kind="primary" busy={assign.isPending} onClick={() => assign.mutate(as)}>
        Rate {count}
      </Button>
      <TextField
        label="Or dismiss, because"
        value={form.dismiss}
        onChange={(reason) => setForm({ ...form, dismiss: reason })}
        maxLength={500}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && dismiss !== '') assign.mutate({ dismiss });
        }}
      />
      <Button busy={assign.isPending} disabled={dismiss === ''} onClick={() => assign.mutate({ dismiss })}>
        Dismiss {count}
      </Button>
      {assign.error && (
        <ErrorBox error={assign.error} money="Each event is rated at most once, so assigning again is safe." />
      )}
    </div>
  );
}
