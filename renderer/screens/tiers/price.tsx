/** One price: what it says, the versions around it, and what a past month would have come to had it been another. */
import { useQuery } from '@tanstack/react-query';
import { Link, getRouteApi, useParams } from '@tanstack/react-router';
import { orpc } from '../../lib/rpc.ts';
import { useMay } from '../../lib/session.tsx';
import type { Price } from '../../lib/shapes.ts';
import { Amount } from '../../ui/amount.tsx';
import { buttonClass } from '../../ui/controls.tsx';
import { Id, Time } from '../../ui/marks.tsx';
import { Drawer } from '../../ui/overlay.tsx';
import { Empty, ErrorBox, Loading } from '../../ui/states.tsx';
import { Actions, Facts, Panel } from '../../ui/surface.tsx';
import { useCustomerNames } from '../../lib/customer-names.ts';
import css from './tiers.module.css';
import { WhatIfPanel } from './what-if.tsx';
import { priceWords, whose } from '../../lib/price-words.ts';

const route = getRouteApi('/tiers');

export function PriceDrawer() {
  const { price: id } = useParams({ strict: false });
  const navigate = route.useNavigate();
  const query = useQuery(orpc.prices.list.queryOptions({ input: {} }));
  const price = query.data?.items.find((one) => one.id === id);
  const close = (): void => void navigate({ to: '/tiers', search: (all) => all });
  return (
    <Drawer name="price" title={price ? `Price of ${price.meter}` : 'Price'} onClose={close} wide>
      {query.error && !query.data && <ErrorBox error={query.error} money="This only reads: nothing was changed." />}
      {query.isPending && <Loading label="Reading the price" />}
      {query.data && !price && (
        <Empty title="No price has this id">It may be of another workspace. Nothing was changed.</Empty>
      )}
      {price && <Detail price={price} versions={query.data?.items ?? []} />}
    </Drawer>
  );
}

function Detail({ price, versions }: { price: Price; versions: readonly Price[] }) {
  const meters = useQuery(orpc.meters.list.queryOptions({ input: {} }));
  const names = useCustomerNames();
  const may = useMay('prices:write');
  const meter = meters.data?.items.find(({ key }) => key === price.meter);
  const others = versions.filter(
    (one) =>
      one.id !== price.id && one.meter === price.meter && one.plan === price.plan && one.customer === price.customer,
  );
  return (
    <div className={css['stack']}>
      <Facts
        left
        rows={[
          ['For', whose(price, names)],
          ['Price', priceWords(price, meter)],
          ['Rounding', price.rounding],
          [
            'Minimum a month',
            price.minimumMinor === '0' ? 'none' : <Amount minor={price.minimumMinor} asset={price.asset} inline />,
          ],
          ['In force from', price.effectiveFromMs === 0 ? 'the beginning' : <Time ms={price.effectiveFromMs} />],
          ['Version', `${price.version}, by ${price.createdBy}`],
          ['Id', <Id key="id" id={price.id} />],
        ]}
      />
      {may && (
        <Actions>
          <Link
            className={buttonClass()}
            to="/tiers/prices/$price/next"
            params={{ price: price.id }}
            search={(all) => all}
          >
            Write the next version
          </Link>
        </Actions>
      )}
      {others.length > 0 && (
        <Panel title="Other versions" padded>
          <Facts left rows={others.map((one) => [`Version ${one.version}`, priceWords(one, meter)] as const)} />
        </Panel>
      )}
      <WhatIfPanel price={price} />
    </div>
  );
}
