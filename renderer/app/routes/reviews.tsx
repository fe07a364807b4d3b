/** Pages of invoices that take the whole screen: a bundle to review, and the sheet a customer sees. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { PrintScreen } from '../../screens/invoices/print.tsx';
import { root } from '../root.tsx';

const review = createRoute({
  getParentRoute: () => root,
  path: 'invoices/review',
  component: lazyRouteComponent(() => import('../../screens/invoices/bundle.tsx'), 'BundleScreen'),
});
const print = createRoute({
  getParentRoute: () => root,
  path: 'invoices/$invoice/print',
  component: function PrintRoute() {
    const { invoice } = print.useParams();
    return <PrintScreen key={invoice} id={invoice} />;
  },
});

export const invoicePages = [review, print] as const;
