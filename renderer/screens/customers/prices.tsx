/** What this customer pays for each meter now, and by whose price. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useNow } from '../../lib/now.ts';
import { pricesInForce } from '../../lib/price-in-force.ts';
import { priceWords } from '../../lib/price-words.ts';
import { orpc } from '../../lib/rpc.ts';
import type { Customer, Meter, Price } from '../../lib/shapes.ts';
import { byText } from '../../ui/columns.ts';
import type { Column } from '../../ui/columns.ts';
import { Time } from '../../ui/marks.tsx';
import { Empty } from '../../ui/states.tsx';
import { Panel } from '../../ui/surface.tsx';
import { Table } from '../../ui/table.tsx';

const MINUTE_MS = 60_000;
const whosePrice = ({ customer, plan }: Price): string =>
  customer !== null ? 'its own' : plan !== null ? `plan ${plan}` : 'everyone’s';

function columnsOf(meters: ReadonlyMap<string, Meter>): Column<Price>[] {
  return [
    {
      id: 'meter',
      title: 'Meter',
      sort: byText((row) => row.meter),
      text: (row) => row.meter,
      cell: (row) => (
        <Link to="/tiers/prices/$price" params={{ price: row.id }}>
          <code>{row.meter}</code>
        </Link>
      ),
    },
    { id: 'whose', title: 'Price of', width: '168px', text: whosePrice, cell: whosePrice },
    {
      id: 'price',
      title: 'Price',
      text: (row) => priceWords(row, meters.get(row.meter)),
      cell: (row) => {
        const words = priceWords(row, meters.get(row.meter));
        return <span title={words}>{words}</span>;
      },
    },
    {
      id: 'from',
      title: 'From',
      width: '112px',
      text: (row) => String(row.effectiveFromMs),
      cell: (row) => (row.effectiveFromMs === 0 ? 'the beginning' : <Time ms={row.effectiveFromMs} />),
    },
  ];
}

export function CustomerPrices({ customer }: { customer: Customer }) {
  const minute = Math.floor(useNow() / MINUTE_MS) * MINUTE_MS;
  const prices = useQuery(orpc.prices.list.queryOptions({ input: {} }));
  const meters = useQuery(orpc.meters.list.queryOptions({ input: {} }));
  const columns = useMemo(
    () => columnsOf(new Map((meters.data?.items ?? []).map((meter) => [meter.key, meter]))),
    [meters.data],
  );
  const rows = useMemo(
    () => prices.data && pricesInForce(prices.data.items, customer, minute),
    [prices.data, customer, minute],
  );
  return (
    <Panel label="Prices in force">
      <Table
        name="prices in force"
        rows={rows}
        error={prices.data ? null : prices.error}
        retry={() => void prices.refetch()}
        columns={columns}
        fixed
        rowKey={(row) => row.id}
        empty={
          <Empty title="No price counts for this customer" action={<Link to="/tiers/prices/new">Write a price</Link>}>
            Its usage waits unrated until there is one.
          </Empty>
        }
      />
    </Panel>
  );
}
