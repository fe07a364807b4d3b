/** Which address shows which screen, and which drawer opens over which list. The only place where screens meet. */
import { createRoute, createRouter, lazyRouteComponent, useParams } from '@tanstack/react-router';
import { CustomerDrawer } from '../screens/customers/customer.tsx';
import { CustomersScreen } from '../screens/customers/customers.tsx';
import { NewCustomer } from '../screens/customers/new-customer.tsx';
import { CUSTOMER_TABS } from '../screens/customers/tabs.ts';
import type { CustomerTab } from '../screens/customers/tabs.ts';
import { DeploymentDrawer } from '../screens/deployments/deployment.tsx';
import { DeploymentsScreen } from '../screens/deployments/deployments.tsx';
import { LocalChainDrawer } from '../screens/deployments/local-chain.tsx';
import { EventDrawer } from '../screens/invoices/event-drawer.tsx';
import { InvoiceDrawer } from '../screens/invoices/invoice.tsx';
import { InvoicesScreen } from '../screens/invoices/invoices.tsx';
import { INVOICE_STATES } from '../screens/invoices/state.tsx';
import type { InvoiceState } from '../screens/invoices/state.tsx';
import { OverviewScreen } from '../screens/overview/overview.tsx';
import { PriceDrawer } from '../screens/tiers/price.tsx';
import { QuoteDrawer } from '../screens/tiers/quote.tsx';
import { TIER_PARTS } from '../screens/tiers/tabs.ts';
import type { TierPart } from '../screens/tiers/tabs.ts';
import { TiersScreen } from '../screens/tiers/tiers.tsx';
import { UsageScreen } from '../screens/usage/usage.tsx';
import { USAGE_SPANS } from '../screens/usage/series.ts';
import type { UsageSpan } from '../screens/usage/series.ts';
import { instantOf, oneOf, root, textOf } from './root.tsx';
import { comingRoutes } from './routes/coming.tsx';
import { ledgerRoutes } from './routes/ledger.tsx';
import { creditsRoutes } from './routes/credits.tsx';
import { settingsRoutes } from './routes/settings.tsx';
import { alertRoutes } from './routes/alerts.tsx';
import { leakRoutes } from './routes/leaks.tsx';
import { usageImportRoute } from './routes/usage-import.tsx';
import { invoicePages } from './routes/reviews.tsx';

const overview = createRoute({ getParentRoute: () => root, id: 'overview', component: OverviewScreen });
const overviewIndex = createRoute({ getParentRoute: () => overview, path: '/' });
const overviewEvent = createRoute({
  getParentRoute: () => overview,
  path: 'explain/event/$source/$id',
  component: function OverviewEvent() {
    const navigate = overviewEvent.useNavigate();
    return <EventDrawer {...overviewEvent.useParams()} onClose={() => void navigate({ to: '/' })} />;
  },
});

type CustomersSearch = { search?: string | undefined; tab?: CustomerTab | undefined };
const customers = createRoute({
  getParentRoute: () => root,
  path: 'customers',
  component: CustomersScreen,
  validateSearch: (search: Record<string, unknown>): CustomersSearch => ({
    search: textOf(search['search']),
    tab: oneOf(search['tab'], CUSTOMER_TABS),
  }),
});
const customersIndex = createRoute({ getParentRoute: () => customers, path: '/' });
const customersNew = createRoute({ getParentRoute: () => customers, path: 'new', component: NewCustomer });
const customer = createRoute({ getParentRoute: () => customers, path: '$customer', component: CustomerDrawer });
const customerEvent = createRoute({
  getParentRoute: () => customers,
  path: '$customer/event/$source/$id',
  component: function CustomerEvent() {
    const { customer: id, ...event } = customerEvent.useParams();
    const navigate = customerEvent.useNavigate();
    return (
      <EventDrawer
        {...event}
        onClose={() => void navigate({ to: '/customers/$customer', params: { customer: id }, search: (all) => all })}
      />
    );
  },
});

type InvoicesSearch = { state?: InvoiceState | undefined; customer?: string | undefined };
const invoices = createRoute({
  getParentRoute: () => root,
  path: 'invoices',
  component: InvoicesScreen,
  validateSearch: (search: Record<string, unknown>): InvoicesSearch => ({
    state: oneOf(search['state'], INVOICE_STATES),
    customer: textOf(search['customer']),
  }),
});
const invoicesIndex = createRoute({ getParentRoute: () => invoices, path: '/' });
const invoice = createRoute({
  getParentRoute: () => invoices,
  path: '$invoice',
  component: function InvoiceRoute() {
    const { invoice: id } = invoice.useParams();
    const { line } = useParams({ strict: false });
    return <InvoiceDrawer key={id} id={id} line={line} />;
  },
});
// The line is shown by the invoice's own drawer, so that its place and focus stay when another line is asked about.
const invoiceIndex = createRoute({ getParentRoute: () => invoice, path: '/' });
const invoiceLine = createRoute({ getParentRoute: () => invoice, path: 'lines/$line' });

type UsageSearch = {
  show?: 'unrated' | 'charts' | undefined;
  customer?: string | undefined;
  meter?: string | undefined;
  split?: string | undefined;
  span?: UsageSpan | undefined;
  /** The bars that are chosen, in milliseconds. */
  from?: number | undefined;
  to?: number | undefined;
};
const usage = createRoute({
  getParentRoute: () => root,
  path: 'usage',
  component: UsageScreen,
  validateSearch: (search: Record<string, unknown>): UsageSearch => ({
    show: oneOf(search['show'], ['unrated', 'charts'] as const),
    customer: textOf(search['customer']),
    meter: textOf(search['meter']),
    split: textOf(search['split']),
    span: oneOf(search['span'], USAGE_SPANS),
    from: instantOf(search['from']),
    to: instantOf(search['to']),
  }),
});
const usageIndex = createRoute({ getParentRoute: () => usage, path: '/' });
const usageEvent = createRoute({
  getParentRoute: () => usage,
  path: 'event/$source/$id',
  component: function UsageEvent() {
    const navigate = usageEvent.useNavigate();
    return (
      <EventDrawer {...usageEvent.useParams()} onClose={() => void navigate({ to: '/usage', search: (all) => all })} />
    );
  },
});

type TiersSearch = { part?: TierPart | undefined };
const tiers = createRoute({
  getParentRoute: () => root,
  path: 'tiers',
  component: TiersScreen,
  validateSearch: (search: Record<string, unknown>): TiersSearch => ({ part: oneOf(search['part'], TIER_PARTS) }),
});
const tiersIndex = createRoute({ getParentRoute: () => tiers, path: '/' });
const tiersQuote = createRoute({ getParentRoute: () => tiers, path: 'quote', component: QuoteDrawer });
const tiersNew = createRoute({
  getParentRoute: () => tiers,
  path: 'prices/new',
  component: lazyRouteComponent(() => import('../screens/tiers/price-form.tsx'), 'NewPriceDrawer'),
});
const tiersNext = createRoute({
  getParentRoute: () => tiers,
  path: 'prices/$price/next',
  component: lazyRouteComponent(() => import('../screens/tiers/price-form.tsx'), 'PriceFormDrawer'),
});
const tiersPrice = createRoute({ getParentRoute: () => tiers, path: 'prices/$price', component: PriceDrawer });

const deployments = createRoute({ getParentRoute: () => root, path: 'deployments', component: DeploymentsScreen });
const deploymentsIndex = createRoute({ getParentRoute: () => deployments, path: '/' });
const localChain = createRoute({
  getParentRoute: () => deployments,
  path: 'chains/$chain',
  component: LocalChainDrawer,
});
const deployment = createRoute({
  getParentRoute: () => deployments,
  path: '$network/$unit',
  component: DeploymentDrawer,
  validateSearch: (search: Record<string, unknown>): { rpc?: string | undefined } => ({ rpc: textOf(search['rpc']) }),
});
const story = createRoute({
  getParentRoute: () => root,
  path: 'dev/ui',
  component: lazyRouteComponent(() => import('../screens/dev/story.tsx'), 'StoryPage'),
});

const tree = root.addChildren([
  overview.addChildren([overviewIndex, overviewEvent]),
  customers.addChildren([customersIndex, customersNew, customer, customerEvent]),
  invoices.addChildren([invoicesIndex, invoice.addChildren([invoiceIndex, invoiceLine])]),
  ...invoicePages,
  usage.addChildren([usageIndex, usageEvent]),
  usageImportRoute,
  tiers.addChildren([tiersIndex, tiersQuote, tiersPrice, tiersNew, tiersNext]),
  creditsRoutes,
  ledgerRoutes,
  alertRoutes,
  leakRoutes,
  deployments.addChildren([deploymentsIndex, localChain, deployment]),
  settingsRoutes,
  ...comingRoutes,
  story,
]);

export const router = createRouter({
  routeTree: tree,
  defaultPreload: false,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
