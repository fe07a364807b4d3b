/** One customer beside the list: what it has, what moved it, and what can be done. */
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { orpc } from '../../lib/rpc.ts';
import { useMay } from '../../lib/session.tsx';
import type { Customer } from '../../lib/shapes.ts';
import { Button, TabBar } from '../../ui/controls.tsx';
import { GrantForm } from '../../ui/grant-form.tsx';
import { Id, Pill } from '../../ui/marks.tsx';
import { Drawer } from '../../ui/overlay.tsx';
import { ErrorBox, Loading } from '../../ui/states.tsx';
import { Actions } from '../../ui/surface.tsx';
import { Balances } from './balances.tsx';
import { ClosePeriod } from './close-period.tsx';
import { Credit } from './credit.tsx';
import css from './customers.module.css';
import { Details } from './details.tsx';
import { Events } from './events.tsx';
import { Holds } from './holds.tsx';
import { CustomerInvoices } from './invoices.tsx';
import { Keys } from './keys.tsx';
import { CustomerLedger } from './ledger.tsx';
import { Notes } from './notes.tsx';
import { CustomerPrices } from './prices.tsx';
import { CUSTOMER_TABS, TAB_TITLES } from './tabs.ts';
import type { CustomerTab } from './tabs.ts';

const route = getRouteApi('/customers/$customer');

export function CustomerDrawer() {
  const { customer: id } = route.useParams();
  const { tab = 'balances' } = route.useSearch();
  const navigate = route.useNavigate();
  const customer = useQuery(orpc.customers.get.queryOptions({ input: { customer: id } }));
  const close = (): void => void navigate({ to: '/customers', search: ({ search }) => ({ search }) });
  const data = customer.data;
  return (
    <Drawer
      key={id}
      name="customer"
      wide
      onClose={close}
      title={data?.name ?? (customer.isError ? 'Customer' : 'Reading…')}
      beside={
        data && (
          <>
            {data.plan && <Pill>{data.plan}</Pill>}
            <Id id={data.id} label="customer id" />
          </>
        )
      }
    >
      {customer.isError && !data && (
        <ErrorBox
          error={customer.error}
          money="Nothing was charged or changed."
          retry={() => void customer.refetch()}
        />
      )}
      {!data && !customer.isError && <Loading label="Reading the customer" />}
      {data && <ActionsRow customer={data} />}
      {data && (
        <TabBar<CustomerTab>
          label="About this customer"
          panelId="customer-tab"
          current={tab}
          tabs={CUSTOMER_TABS.map((name) => ({ id: name, title: TAB_TITLES[name] }))}
          onChange={(next) =>
            void navigate({
              to: '.',
              search: (all) => ({ ...all, tab: next === 'balances' ? undefined : next }),
              replace: true,
            })
          }
        />
      )}
      {data && (
        <div id="customer-tab" role="tabpanel" aria-label={TAB_TITLES[tab]} className={css['panel']}>
          <Tab tab={tab} customer={data} />
        </div>
      )}
    </Drawer>
  );
}

function Tab({ tab, customer }: { tab: CustomerTab; customer: Customer }) {
  switch (tab) {
    case 'balances':
      return <Balances customer={customer} />;
    case 'ledger':
      return <CustomerLedger customer={customer} />;
    case 'credit':
      return <Credit customer={customer} />;
    case 'holds':
      return <Holds customer={customer} />;
    case 'events':
      return <Events customer={customer} />;
    case 'invoices':
      return <CustomerInvoices customer={customer} />;
    case 'prices':
      return <CustomerPrices customer={customer} />;
    case 'notes':
      return <Notes customer={customer} />;
    case 'keys':
      return <Keys customer={customer} />;
    case 'details':
      return <Details customer={customer} />;
  }
}

function ActionsRow({ customer }: { customer: Customer }) {
  const [asked, setAsked] = useState<'grant' | 'close' | null>(null);
  const mayGrant = useMay('credits:write');
  const mayClose = useMay('invoices:write');
  if (!mayGrant && !mayClose) return null;
  return (
    <Actions>
      {mayGrant && (
        <Button kind="primary" onClick={() => setAsked('grant')}>
          Grant credit
        </Button>
      )}
      {mayClose && <Button onClick={() => setAsked('close')}>Close period now</Button>}
      {asked === 'grant' && <GrantForm customer={customer} onClose={() => setAsked(null)} />}
      {asked === 'close' && <ClosePeriod customer={customer} onClose={() => setAsked(null)} />}
    </Actions>
  );
}
