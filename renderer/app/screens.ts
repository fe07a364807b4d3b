/** The screens that exist, in the order of the rail. A screen is listed once it has something to show. */

export const SCREENS = [
  { to: '/', title: 'Overview', icon: 'overview', key: 'o' },
  { to: '/customers', title: 'Customers', icon: 'customers', key: 'c' },
  { to: '/usage', title: 'Usage', icon: 'usage', key: 'u' },
  { to: '/tiers', title: 'Tiers', icon: 'tiers', key: 't' },
  { to: '/invoices', title: 'Invoices', icon: 'invoices', key: 'i' },
  { to: '/ledger', title: 'Ledger', icon: 'ledger', key: 'l' },
  { to: '/deployments', title: 'Deployments', icon: 'deployments', key: 'd' },
] as const;
