/** The tabs of a customer, as they stand in its address. */

export const CUSTOMER_TABS = [
  'balances',
  'ledger',
  'credit',
  'holds',
  'events',
  'invoices',
  'prices',
  'notes',
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
  prices: 'Prices',
  notes: 'Notes',
  keys: 'API keys',
  details: 'Details',
};
