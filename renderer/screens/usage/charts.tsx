/** What was used over time, by customer or dimension: bars that choose which events are listed below. */
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useMemo, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { formatMinor } from '#core/domain/money.ts';
import { trimmed } from '#core/domain/words.ts';
import { listOf, paging } from '../../lib/lists.ts';
import { groupDecimal } from '../../lib/money.ts';
import { useNow } from '../../lib/now.ts';
import { orpc } from '../../lib/rpc.ts';
import type { Meter, Overview } from '../../lib/shapes.ts';
import { isoTime } from '../../lib/time.ts';
import { useCustomerNames } from '../../lib/customer-names.ts';
import { unitOf } from '../../lib/units.ts';
import { copyChart } from '../../ui/chart-image.ts';
import { Legend, StackedBars } from '../../ui/chart.tsx';
import type { Column } from '../../ui/columns.ts';
import { Button, Chips, SelectField } from '../../ui/controls.tsx';
import { eventColumns } from '../../ui/event-columns.tsx';
import { Empty, ErrorBox, Loading } from '../../ui/states.tsx';
import { Panel } from '../../ui/surface.tsx';
import { Table } from '../../ui/table.tsx';
import { seriesOf, windowsOf } from './series.ts';
import type { Series, UsageSpan, Windows } from './series.ts';
import css from './usage.module.css';

const route = getRouteApi('/usage');
const WHOLE = '';
const SPANS: readonly { value: UsageSpan; label: string }[] = [
  { value: 'day', label: '24 hours' },
  { value: 'month', label: '30 days' },
  { value: 'year', label: '12 months' },
];

/** Parts of these sum to the whole; of the others only the whole is shown. */
const isAdded = ({ aggregation }: Meter): boolean => aggregation === 'sum' || aggregation === 'count';

export function Charts({ chips }: { chips: ReactNode }) {
  const search = route.useSearch();
  const meters = useQuery(orpc.meters.list.queryOptions({ input: {} }));
  const overview = useQuery(orpc.workspace.overview.queryOptions({ input: {} }));
  const items = meters.data?.items ?? [];
  const busiest = busiestOf(overview.data?.days ?? []);
  const wanted = search.meter ?? busiest;
  const meter = items.find(({ key }) => key === wanted) ?? items[0];
  const failed = [meters, overview].filter((query) => query.error !== null && query.data === undefined);
  if (failed[0])
    return (
      <ErrorBox
        error={failed[0].error}
        money="This only reads: nothing was changed."
        retry={() => failed.forEach((query) => void query.refetch())}
      />
    );
  if (meters.isPending || overview.isPending) return <Loading label="Reading the meters" />;
  if (!meter) {
    return (
      <Panel label="Usage over time">
        {chips}
        <Empty title="No meter yet" command="npx tollkeeper meters define --key api.calls">
          A meter says what is counted; its usage is drawn here.
        </Empty>
      </Panel>
    );
  }
  return <OfMeter key={meter.key} meter={meter} meters={items} chips={chips} />;
}

/** The meter that most events came for of late: what a person most likely came to look at. */
function busiestOf(days: Overview['days']): string | undefined {
  const counts = new Map<string, bigint>();
  for (const { meters } of days)
    for (const { meter, events } of meters) counts.set(meter, (counts.get(meter) ?? 0n) + BigInt(events));
  return [...counts].toSorted(([, a], [, b]) => (b > a ? 1 : -1))[0]?.[0];
}

type OfMeterProps = Readonly<{ meter: Meter; meters: readonly Meter[]; chips: ReactNode }>;

function OfMeter({ meter, meters, chips }: OfMeterProps) {
  const { span = 'month', split: by, from, to } = route.useSearch();
  const navigate = route.useNavigate();
  const hour = Math.floor(useNow() / 3_600_000) * 3_600_000;
  const windows = useMemo(() => windowsOf(span, hour), [span, hour]);
  const split = isAdded(meter) && (by === 'subject' || (by !== undefined && by in meter.dimensions)) ? by : undefined;
  const set = (next: object): void =>
    void navigate({ to: '/usage', search: (all) => ({ ...all, ...next }), replace: true });
  const none = { from: undefined, to: undefined };
  return (
    <div className={css['stack']}>
      <Panel label="Usage over time" padded>
        <div className={css['ask']}>
          {chips}
          <Chips<UsageSpan>
            label="How far back"
            value={span}
            options={SPANS}
            onChange={(next) => set({ span: next, ...none })}
          />
          <SelectField
            label="Meter"
            value={meter.key}
            options={meters.map(({ key }) => ({ value: key, label: key }))}
            onChange={(next) => set({ meter: next, split: undefined, ...none })}
          />
          {isAdded(meter) && (
            <SelectField
              label="Split by"
              value={split ?? WHOLE}
              options={[
                { value: WHOLE, label: 'nothing' },
                { value: 'subject', label: 'customer' },
                ...Object.keys(meter.dimensions).map((name) => ({ value: name, label: name })),
              ]}
              onChange={(next) => set({ split: next === WHOLE ? undefined : next })}
            />
          )}
        </div>
        <Drawn meter={meter} windows={windows} span={span} split={split} onChoose={(range) => set(range)} />
      </Panel>
      <Chosen meter={meter.key} from={from ?? windows.starts[0] ?? 0} to={to ?? windows.toMs} clear={() => set(none)} />
    </div>
  );
}

type DrawnProps = Readonly<{
  meter: Meter;
  windows: Windows;
  span: UsageSpan;
  split: string | undefined;
  onChoose: (range: { from: number; to: number }) => void;
}>;

function useSeries({ meter, windows, split }: Pick<DrawnProps, 'meter' | 'windows' | 'split'>) {
  const names = useCustomerNames();
  const query = useQuery(
    orpc.meters.query.queryOptions({
      input: {
        meter: meter.key,
        windowSize: windows.size,
        fromMs: windows.starts[0] ?? 0,
        toMs: windows.toMs,
        groupBy: split === undefined ? [] : [split],
      },
      placeholderData: keepPreviousData,
      retry: false,
    }),
  );
  const series = useMemo(() => {
    const rows = (query.data?.items ?? []).map((row) =>
      row.subject === null ? row : { ...row, subject: names.get(row.subject) ?? row.subject },
    );
    return seriesOf(rows, windows, { by: split, meter: meter.key, scale: meter.scale });
  }, [query.data, windows, split, meter, names]);
  return { query, series };
}

function Drawn(props: DrawnProps) {
  const { meter, windows, span, split, onChoose } = props;
  const { from, to } = route.useSearch();
  const { query, series } = useSeries(props);
  const [asTable, setAsTable] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const figure = (value: bigint): string => groupDecimal(trimmed(formatMinor(value, meter.scale)));
  const chosen = chosenIn(windows, from, to);
  const pick = ([a, b]: readonly [number, number]): void => {
    const [first, last] = [Math.min(a, b), Math.max(a, b)];
    onChoose({ from: windows.starts[first] ?? 0, to: windows.starts[last + 1] ?? windows.toMs });
  };
  const copy = (): void => {
    const svg = box.current?.querySelector('svg');
    if (svg) void copyChart(svg, `${meter.key}-${span}`);
  };
  if (query.error && !query.data)
    return (
      <ErrorBox error={query.error} money="This only reads: nothing was changed." retry={() => void query.refetch()} />
    );
  return (
    <div ref={box} className={css['drawn']}>
      <div className={css['tools']}>
        {split !== undefined && !asTable && <Legend names={series.names} />}
        <span className={css['push']} />
        {!asTable && (
          <Button size="small" onClick={copy}>
            Copy as picture
          </Button>
        )}
        <Button size="small" onClick={() => setAsTable(!asTable)}>
          {asTable ? 'Show bars' : 'Show table'}
        </Button>
      </div>
      {asTable ? (
        <Rows series={series} windows={windows} figure={figure} />
      ) : (
        <StackedBars
          label={`${meter.name} by ${windows.size.toLowerCase()} in UTC; Shift and arrows choose bars`}
          unit={unitOf('2', meter.unit)}
          days={series.bars}
          names={series.names}
          partialLast
          words={{
            when: (ms) => shortWindow(ms, span),
            whole: (ms) => `${isoTime(ms).slice(0, 16).replace('T', ' ')} UTC`,
            figure,
          }}
          tick={(value) => figure(value)}
          chosen={chosen}
          onChoose={pick}
        />
      )}
    </div>
  );
}

/** The bars from one instant to another, as they were chosen; null when all are. */
function chosenIn(
  { starts }: Windows,
  from: number | undefined,
  to: number | undefined,
): readonly [number, number] | null {
  if (from === undefined || to === undefined) return null;
  const first = starts.indexOf(from);
  const after = starts.indexOf(to);
  return first < 0 ? null : [first, (after < 0 ? starts.length : after) - 1];
}

/** `14 h`, `21 Nov` or `2026-11`. */
function shortWindow(ms: number, span: UsageSpan): string {
  const iso = isoTime(ms);
  return span === 'day' ? iso.slice(11, 16) : span === 'month' ? iso.slice(5, 10) : iso.slice(0, 7);
}

type Bar = Series['bars'][number];

function Rows({ series, windows, figure }: { series: Series; windows: Windows; figure: (value: bigint) => string }) {
  const columns = useMemo(
    (): Column<Bar>[] => [
      {
        id: 'window',
        title: `${windows.size === 'HOUR' ? 'Hour' : windows.size === 'DAY' ? 'Day' : 'Month'}, UTC`,
        sort: (a, b) => a.dayMs - b.dayMs,
        text: (row) => isoTime(row.dayMs),
        cell: (row) => isoTime(row.dayMs).slice(0, 16).replace('T', ' '),
      },
      ...series.names.map((name): Column<Bar> => {
        const of = (row: Bar): bigint => BigInt(row.parts.find((part) => part.name === name)?.value ?? '0');
        return { id: name, title: name, end: true, text: (row) => figure(of(row)), cell: (row) => figure(of(row)) };
      }),
    ],
    [series, windows, figure],
  );
  return (
    <Table
      name="usage over time"
      rows={series.bars.toReversed()}
      columns={columns}
      rowKey={(row) => String(row.dayMs)}
      empty={null}
      maxHeight={300}
    />
  );
}

type ChosenProps = Readonly<{ meter: string; from: number; to: number; clear: () => void }>;

function Chosen({ meter, from, to, clear }: ChosenProps) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const query = useInfiniteQuery(
    orpc.usage.list.infiniteOptions({
      ...paging,
      placeholderData: keepPreviousData,
      input: (cursor: string | undefined) => ({ limit: 100, cursor, meter, fromMs: from, toMs: to }),
    }),
  );
  const columns = useMemo(() => eventColumns({ withCustomer: true }), []);
  const range = `${isoTime(from).slice(0, 16).replace('T', ' ')} to ${isoTime(to).slice(0, 16).replace('T', ' ')} UTC`;
  return (
    <Panel label="Events of these bars">
      <Table
        name="events"
        {...listOf(query)}
        columns={columns}
        rowKey={(row) => `${row.source} ${row.id}`}
        fixed
        maxHeight={420}
        tools={
          <>
            <span>{range}</span>
            {search.from !== undefined && (
              <Button size="small" onClick={clear}>
                All bars
              </Button>
            )}
          </>
        }
        onOpen={(row) =>
          void navigate({
            to: '/usage/event/$source/$id',
            params: { source: row.source, id: row.id },
            search: (all) => all,
          })
        }
        empty={<Empty title="No events in these bars">Choose other bars, or all of them.</Empty>}
      />
    </Panel>
  );
}
