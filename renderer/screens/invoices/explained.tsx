/**
 * An explanation as numbered steps, then the events it counts and the entries it made. Shows what the core
 * recomputed; computes nothing.
 */
import { useMemo } from 'react';
import { groupDecimal } from '../../lib/money.ts';
import type { Explanation } from '../../lib/shapes.ts';
import { isoTime } from '../../lib/time.ts';
import { Amount } from '../../ui/amount.tsx';
import { amountCell } from '../../ui/columns.ts';
import type { Column } from '../../ui/columns.ts';
import { Id, Status, Time } from '../../ui/marks.tsx';
import { Table } from '../../ui/table.tsx';
import css from './invoices.module.css';

type Props = Readonly<{
  title: string;
  pages: readonly Explanation[];
  more: { load: () => void; busy: boolean } | undefined;
  /** Goes to one of the events that are counted; without it they only show. */
  onEvent?: ((event: Event) => void) | undefined;
}>;

export function Explained({ title, pages, more, onEvent }: Props) {
  const [first] = pages;
  const events = useMemo(() => pages.flatMap((page) => page.events), [pages]);
  if (!first) return null;
  return (
    <>
      <header className={css['explainHead']}>
        <h2>{title}</h2>
        {first.agrees ? (
          <Status tone="good" shape="check">
            Recomputed just now, agrees with the books
          </Status>
        ) : (
          <Status tone="danger" shape="square">
            Recomputed just now, does not agree with the books
          </Status>
        )}
      </header>
      <ol className={css['steps']}>
        {first.steps.map((step, index) => (
          <li key={step.title} className={css['step']}>
            <span className={css['mark']} aria-hidden="true">
              {index + 1}
            </span>
            <StepText step={step} />
          </li>
        ))}
        {events.length > 0 && (
          <li className={css['step']}>
            <span className={css['mark']} aria-hidden="true">
              {first.steps.length + 1}
            </span>
            <div>
              <b>
                {groupDecimal(first.eventCount)} {first.eventCount === '1' ? 'event' : 'events'}
              </b>
              <div className={css['sources']}>
                {first.sources.map((row) => (
                  <span key={row.source}>
                    {groupDecimal(row.count)} from <code>{row.source}</code>
                  </span>
                ))}
              </div>
              <div className={css['inner']}>
                <Events events={events} more={more} onOpen={onEvent} />
              </div>
            </div>
          </li>
        )}
        {first.entries.length > 0 && (
          <Booked explanation={first} index={first.steps.length + (events.length > 0 ? 2 : 1)} />
        )}
      </ol>
    </>
  );
}

function StepText({ step }: { step: Explanation['steps'][number] }) {
  return (
    <div>
      <b>{step.title}</b> <span className={css['stepText']}>{step.text}</span>
      {(step.arithmetic !== null || step.ok !== null) && (
        <div className={css['arithmetic']}>
          {step.arithmetic !== null && <code>{step.arithmetic}</code>}
          {step.ok === true && (
            <Status tone="good" shape="check">
              checked
            </Status>
          )}
          {step.ok === false && (
            <Status tone="danger" shape="square">
              does not agree
            </Status>
          )}
        </div>
      )}
    </div>
  );
}

type Event = Explanation['events'][number];

const EVENT_COLUMNS: readonly Column<Event>[] = [
  {
    id: 'at',
    title: 'Happened',
    cell: (row) => <Time ms={row.occurredAtMs} />,
    text: (row) => isoTime(row.occurredAtMs),
  },
  { id: 'id', title: 'Event', cell: (row) => <Id id={row.id} label="event id" />, text: (row) => row.id },
  {
    id: 'source',
    title: 'Source',
    cell: (row) => <code title={row.source}>{row.source}</code>,
    text: (row) => row.source,
  },
  {
    id: 'quantity',
    title: 'Quantity',
    end: true,
    cell: (row) => groupDecimal(row.quantity),
    text: (row) => row.quantity,
  },
];

type EventsProps = Readonly<{ events: readonly Event[]; more: Props['more']; onOpen: Props['onEvent'] }>;

function Events({ events, more, onOpen }: EventsProps) {
  const columns = useMemo(() => EVENT_COLUMNS, []);
  return (
    <Table
      name="events of this line"
      rows={events}
      columns={columns}
      rowKey={(row) => `${row.source} ${row.id}`}
      more={more}
      onOpen={onOpen}
      maxHeight={260}
      empty={null}
    />
  );
}

type Entry = Explanation['entries'][number];

const ENTRY_COLUMNS: readonly Column<Entry>[] = [
  {
    id: 'account',
    title: 'Account',
    cell: (row) => <span title={row.account}>{row.label}</span>,
    text: (row) => row.account,
  },
  {
    id: 'transaction',
    title: 'Transaction',
    cell: (row) => <Id id={row.transaction} label="transaction id" />,
    text: (row) => row.transaction,
  },
  { id: 'block', title: 'Block', end: true, cell: (row) => groupDecimal(row.block), text: (row) => row.block },
  {
    id: 'amount',
    title: 'Amount',
    end: true,
    cell: (row) => <Amount minor={row.amountMinor} asset={row.asset} precision="short" signed />,
    text: (row) => amountCell(row.amountMinor, row.asset),
  },
];

function Booked({ explanation, index }: { explanation: Explanation; index: number }) {
  const columns = useMemo(() => ENTRY_COLUMNS, []);
  const { entries, entryCount, firstBlock, lastBlock } = explanation;
  const blocks =
    firstBlock === null || lastBlock === null
      ? ''
      : firstBlock === lastBlock
        ? `, block ${groupDecimal(firstBlock)}`
        : `, blocks ${groupDecimal(firstBlock)} … ${groupDecimal(lastBlock)}`;
  const partly = entryCount === String(entries.length) ? '' : `, the first ${entries.length} shown`;
  return (
    <li className={css['step']}>
      <span className={css['mark']} aria-hidden="true">
        {index}
      </span>
      <div>
        <b>Posted in {groupDecimal(entryCount)} entries</b>
        <span className={css['stepText']}>
          {blocks}
          {partly}
        </span>
        <div className={css['inner']}>
          <Table
            name="entries of this line"
            rows={entries}
            columns={columns}
            maxHeight={260}
            empty={null}
            rowKey={(row) => `${row.transaction} ${row.account} ${row.grant ?? ''} ${row.amountMinor}`}
          />
        </div>
      </div>
    </li>
  );
}
