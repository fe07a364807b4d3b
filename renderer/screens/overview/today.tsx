/** Today in figures, and the last thirty days by meter: as bars, or as the table of the same numbers. */
import { useMemo, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { amountLine, amountText, changeText, groupDecimal } from '../../lib/money.ts';
import type { Overview } from '../../lib/shapes.ts';
import { dayText, isoTime } from '../../lib/time.ts';
import { copyChart } from '../../ui/chart-image.ts';
import { Legend, StackedBars } from '../../ui/chart.tsx';
import type { Column } from '../../ui/columns.ts';
import { Button } from '../../ui/controls.tsx';
import { Dash } from '../../ui/amount.tsx';
import { Panel } from '../../ui/surface.tsx';
import { Table } from '../../ui/table.tsx';
import { Empty } from '../../ui/states.tsx';
import css from './overview.module.css';

type Day = Overview['days'][number];

export function Today({ overview }: { overview: Overview }) {
  const [asTable, setAsTable] = useState(false);
  const names = useMemo(
    () => [...new Set(overview.days.flatMap((day) => day.meters.map((meter) => meter.meter)))].toSorted(),
    [overview.days],
  );
  const bars = useRef<HTMLDivElement>(null);
  const copy = (): void => {
    const svg = bars.current?.querySelector('svg');
    if (svg) void copyChart(svg, 'usage-30-days');
  };
  return (
    <Panel label="Usage and revenue" padded>
      <div className={css['chartHead']}>
        <Figures today={overview.today} />
        <div className={css['chartTools']}>
          {!asTable && <Legend names={names} />}
          {!asTable && (
            <Button size="small" onClick={copy}>
              Copy as picture
            </Button>
          )}
          <Button size="small" onClick={() => setAsTable(!asTable)}>
            {asTable ? 'Show bars' : 'Show table'}
          </Button>
        </div>
      </div>
      {asTable ? (
        <Days days={overview.days} names={names} />
      ) : (
        <div ref={bars}>
          <Bars days={overview.days} names={names} />
        </div>
      )}
    </Panel>
  );
}

function Figure({
  title,
  value,
  caption,
  exact,
}: {
  title: string;
  value: ReactNode;
  caption: string;
  exact?: string;
}) {
  return (
    <div className={css['figure']}>
      <h2>{title}</h2>
      <span className={css['value']} data-exact={exact}>
        {value}
      </span>
      <span className={css['caption']}>{caption}</span>
    </div>
  );
}

function Figures({ today }: { today: Overview['today'] }) {
  return (
    <div className={css['figures']}>
      <Figure
        title="Events today"
        value={groupDecimal(today.events)}
        caption={changeText(BigInt(today.events), BigInt(today.eventsYesterdayByNow))}
      />
      {today.revenue.map((row) => {
        const shown = amountText(BigInt(row.amountMinor), row.asset, 'full');
        return (
          <Figure
            key={row.asset}
            title={`Revenue today, ${shown.symbol}`}
            value={amountLine(BigInt(row.amountMinor), row.asset)}
            caption={changeText(BigInt(row.amountMinor), BigInt(row.yesterdayByNowMinor))}
            exact={`${shown.exact}\n${shown.minor} minor units`}
          />
        );
      })}
      <Figure
        title="Refused (402)"
        value={groupDecimal(String(today.refused402))}
        caption={today.refusedCustomers === 1 ? 'of 1 customer' : `of ${today.refusedCustomers} customers`}
      />
    </div>
  );
}

function Bars({ days, names }: { days: readonly Day[]; names: readonly string[] }) {
  if (names.length === 0) {
    return (
      <Empty title="No usage in the last 30 days" command="npx tollkeeper usage record --json - < events.json">
        Each day becomes a bar of events by meter, in UTC days.
      </Empty>
    );
  }
  const drawn = days.map((day) => ({
    dayMs: day.dayMs,
    parts: day.meters.map((meter) => ({ name: meter.meter, value: meter.events })),
  }));
  return (
    <StackedBars
      label="Events per UTC day by meter, last 30 days"
      unit="events"
      days={drawn}
      names={names}
      partialLast
    />
  );
}

function dayColumns(names: readonly string[]): Column<Day>[] {
  return [
    {
      id: 'day',
      title: 'UTC day',
      cell: (day) => dayText(day.dayMs, 'utc'),
      text: (day) => isoTime(day.dayMs).slice(0, 10),
      sort: (a, b) => a.dayMs - b.dayMs,
    },
    ...names.flatMap((name): Column<Day>[] => {
      const meter = (day: Day) => day.meters.find((candidate) => candidate.meter === name);
      return [
        {
          id: `${name} events`,
          title: `${name}, events`,
          end: true,
          text: (day) => meter(day)?.events ?? '0',
          cell: (day) => <Count text={meter(day)?.events} />,
        },
        {
          id: `${name} quantity`,
          title: 'quantity',
          end: true,
          text: (day) => meter(day)?.quantity ?? '0',
          cell: (day) => <Count text={meter(day)?.quantity} />,
        },
      ];
    }),
  ];
}

function Days({ days, names }: { days: readonly Day[]; names: readonly string[] }) {
  const columns = useMemo(() => dayColumns(names), [names]);
  return (
    <Table
      name="usage by day"
      rows={days.toReversed()}
      columns={columns}
      rowKey={(day) => String(day.dayMs)}
      empty={null}
      maxHeight={300}
    />
  );
}

function Count({ text }: { text: string | undefined }) {
  return text === undefined ? <Dash /> : groupDecimal(text);
}
