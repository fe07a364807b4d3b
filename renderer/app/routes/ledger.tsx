/** The ledger of now and of another instant, and a transaction's drawer over either. */
import { createRoute } from '@tanstack/react-router';
import { BY, SPANS } from '../../screens/ledger/instants.ts';
import type { By, Span } from '../../screens/ledger/instants.ts';
import { LedgerScreen } from '../../screens/ledger/ledger.tsx';
import { TransactionDrawer } from '../../screens/ledger/transaction.tsx';
import { instantOf, oneOf, root, textOf } from '../root.tsx';

type LedgerSearch = {
  books?: 'then' | undefined;
  /** The instant of the time machine, in milliseconds. */
  at?: number | undefined;
  by?: By | undefined;
  span?: Span | undefined;
  customer?: string | undefined;
  asset?: string | undefined;
};

const ledger = createRoute({
  getParentRoute: () => root,
  path: 'ledger',
  component: LedgerScreen,
  validateSearch: ({ books, at, by, span, customer, asset }: Record<string, unknown>): LedgerSearch => ({
    books: oneOf(books, ['then'] as const),
    at: instantOf(at),
    by: oneOf(by, BY),
    span: oneOf(span, SPANS),
    customer: textOf(customer),
    asset: textOf(asset),
  }),
});
const index = createRoute({ getParentRoute: () => ledger, path: '/' });
const transaction = createRoute({ getParentRoute: () => ledger, path: '$transaction', component: TransactionDrawer });

export const ledgerRoutes = ledger.addChildren([index, transaction]);
