/** The tabs of a customer, as they stand in its address. */

export const CUSTOMER_TABS = [
  'balances',
  'ledger',
  'credit',
  'holds',
  'events',
  'invoices',
  'keys',
  'details',
] as const;
export type CustomerTab = (typeof CUSTOMER_TABS)[number];

export const TAB_TITLES: Readonly<Record<CustomerTab, string>> = {
  balances: 'Balances',
  ledger: 'Ledger',
  credit: 'Credit',
  holds: 'Holds',
  events: 'Events',
  invoices: 'Invoices',
  keys: 'API keys',
  details: 'Details',
};
