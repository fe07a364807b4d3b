/** Credit left in an asset day by day, as steps or as the table of the same numbers. */
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { amountLine } from '../../lib/money.ts';
import { orpc } from '../../lib/rpc.ts';
import type { BurnDown, CreditTotal } from '../../lib/shapes.ts';
import { dayText, isoTime } from '../../lib/time.ts';
import { Amount, Dash } from '../../ui/amount.tsx';
import { copyChart } from '../../ui/chart-image.ts';
import { BurnChart } from '../../ui/burn-chart.tsx';
import type { DayAmount } from '../../ui/burn-chart.tsx';
import { amountCell } from '../../ui/columns.ts';
import type { Column } from '../../ui/columns.ts';
import { Button, Chips } from '../../ui/controls.tsx';
import { ErrorBox, Loading } from '../../ui/states.tsx';
import { Panel } from '../../ui/surface.tsx';
import { Table } from '../../ui/table.tsx';
import css from './credits.module.css';
import { SOON_DAYS } from './filters.ts';

const route = getRouteApi('/credits');
const DAYS = 60;

type Day = BurnDown['days'][number];
type Part = 'grantedMinor' | 'consumedMinor' | 'expiredMinor' | 'clawedBackMinor';
const PARTS: readonly (readonly [Part, string])[] = [
  ['grantedMinor', 'Granted'],
  ['consumedMinor', 'Used'],
  ['expiredMinor', 'Expired'],
  ['clawedBackMinor', 'Taken back'],
];

/** What the days of the chart say; only what moved is named. */
function drawn({ asset, days }: BurnDown): DayAmount[] {
  return days.map((day) => ({
    dayMs: day.dayMs,
    minor: day.remainingMinor,
    notes: PARTS.filter(([part]) => day[part] !== '0').map(
      ([part, word]) => `${word.toLowerCase()} ${amountLine(BigInt(day[part]), asset)}`,
    ),
  }));
}

function columnsFor(asset: string): Column<Day>[] {
  return [
    {
      id: 'day',
      title: 'UTC day',
      width: '96px',
      cell: (day) => dayText(day.dayMs, 'utc'),
      text: (day) => isoTime(day.dayMs).slice(0, 10),
      sort: (a, b) => a.dayMs - b.dayMs,
    },
    ...PARTS.map(([part, title]): Column<Day> => ({
      id: part,
      title,
      end: true,
      text: (day) => amountCell(day[part], asset),
      cell: (day) => (day[part] === '0' ? <Dash /> : <Amount minor={day[part]} asset={asset} hideAsset />),
    })),
    {
      id: 'left',
      title: 'Left at the end',
      end: true,
      text: (day) => amountCell(day.remainingMinor, asset),
      cell: (day) => <Amount minor={day.remainingMinor} asset={asset} strong />,
    },
  ];
}

type Props = Readonly<{ totals: readonly CreditTotal[] | undefined; error: unknown; retry: () => void }>;

export function BurnDownPanel({ totals, error, retry }: Props) {
  const { asset: wanted } = route.useSearch();
  const [chosen, setChosen] = useState<string | undefined>();
  const asset = chosen ?? wanted ?? mostOpen(totals);
  if (totals?.length === 0) return null;
  if (totals === undefined && error)
    return <ErrorBox error={error} money="This only reads: nothing was charged or changed." retry={retry} />;
  const total = totals?.find((one) => one.asset === asset);
  return (
    <div className={css['fixed']}>
      <Panel label="Credit left over time" padded>
        {!total && <Loading label="Reading credit" rows={3} />}
        {total && (
          <BurnDownOf
            total={total}
            assets={(totals ?? []).map((one) => one.asset)}
            onAsset={(next) => setChosen(next ?? asset)}
          />
        )}
      </Panel>
    </div>
  );
}

/** The asset that most grants are open in comes first. */
function mostOpen(totals: readonly CreditTotal[] | undefined): string | undefined {
  return totals?.toSorted((a, b) => b.open - a.open)[0]?.asset;
}

type OfProps = Readonly<{
  total: CreditTotal;
  assets: readonly string[];
  onAsset: (asset: string | undefined) => void;
}>;

function BurnDownOf({ total, assets, onAsset }: OfProps) {
  const { asset } = total;
  const [asTable, setAsTable] = useState(false);
  const query = useQuery(orpc.credits.burnDown.queryOptions({ input: { asset, days: DAYS } }));
  const box = useRef<HTMLDivElement>(null);
  const copy = (): void => {
    const svg = box.current?.querySelector('svg');
    if (svg) void copyChart(svg, `credit-${asset.split('/')[0] ?? asset}`);
  };
  return (
    <div className={css['stack']}>
      <div className={css['figures']}>
        <Figure title="Owed in credit" minor={total.remainingMinor} asset={asset} caption={`in ${count(total.open)}`} />
        <Figure
          title={`Ends within ${SOON_DAYS} days`}
          minor={total.expiringMinor}
          asset={asset}
          caption={`in ${count(total.expiringGrants)}`}
        />
        <Figure title="Expired unused" minor={total.expiredMinor} asset={asset} caption="since the beginning" />
        <div className={css['tools']}>
          {assets.length > 1 && (
            <Chips
              label="Asset of the chart"
              value={asset}
              options={assets.map((value) => ({ value, label: value.split('/')[0] ?? value }))}
              onChange={onAsset}
            />
          )}
          {!asTable && (
            <Button size="small" onClick={copy}>
              Copy as picture
            </Button>
          )}
          <Button size="small" onClick={() => setAsTable(!asTable)}>
            {asTable ? 'Show chart' : 'Show table'}
          </Button>
        </div>
      </div>
      {query.error && !query.data && (
        <ErrorBox
          error={query.error}
          money="This only reads: nothing was charged."
          retry={() => void query.refetch()}
        />
      )}
      {query.isPending && <Loading label="Reading the burn-down" rows={4} />}
      {query.data && !asTable && (
        <div ref={box}>
          <BurnChart
            label={`Credit left in ${asset} at the end of each UTC day, last ${DAYS} days`}
            asset={asset}
            days={drawn(query.data)}
          />
        </div>
      )}
      {query.data && asTable && <DaysTable burnDown={query.data} />}
    </div>
  );
}

const count = (grants: number): string =>
  grants === 0 ? 'no grant' : `${grants} ${grants === 1 ? 'grant' : 'grants'}`;

type FigureProps = Readonly<{ title: string; minor: string; asset: string; caption: string }>;

function Figure({ title, minor, asset, caption }: FigureProps) {
  return (
    <div className={css['figure']}>
      <h2>{title}</h2>
      <span className={css['value']}>
        <Amount minor={minor} asset={asset} precision="trimmed" inline />
      </span>
      <span className={css['caption']}>{caption}</span>
    </div>
  );
}

function DaysTable({ burnDown }: { burnDown: BurnDown }) {
  return (
    <Table
      name="credit by day"
      rows={burnDown.days.toReversed()}
      columns={columnsFor(burnDown.asset)}
      rowKey={(day) => String(day.dayMs)}
      empty={null}
      maxHeight={200}
    />
  );
}
