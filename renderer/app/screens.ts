/** The screens, in the order of the rail. What has `isComing` says what it needs, and shows nothing yet. */

export const SCREENS = [
  { to: '/', title: 'Overview', icon: 'overview', key: 'o', isComing: false },
  { to: '/customers', title: 'Customers', icon: 'customers', key: 'c', isComing: false },
  { to: '/usage', title: 'Usage', icon: 'usage', key: 'u', isComing: false },
  { to: '/tiers', title: 'Tiers', icon: 'tiers', key: 't', isComing: false },
  { to: '/credits', title: 'Credits', icon: 'credits', key: 'r', isComing: false },
  { to: '/vaults', title: 'Vaults', icon: 'vaults', key: 'v', isComing: true },
  { to: '/sandboxes', title: 'Sandboxes', icon: 'sandboxes', key: 'b', isComing: true },
  { to: '/invoices', title: 'Invoices', icon: 'invoices', key: 'i', isComing: false },
  { to: '/ledger', title: 'Ledger', icon: 'ledger', key: 'l', isComing: false },
  { to: '/settlement', title: 'Settlement', icon: 'settlement', key: 'm', isComing: true },
  { to: '/alerts', title: 'Alerts', icon: 'alerts', key: 'a', isComing: false },
  { to: '/leaks', title: 'Leaks', icon: 'leaks', key: 'k', isComing: false },
  { to: '/deployments', title: 'Deployments', icon: 'deployments', key: 'd', isComing: false },
  { to: '/signing', title: 'Signing', icon: 'signing', key: 'n', isComing: true },
  { to: '/settings', title: 'Settings', icon: 'settings', key: 's', isComing: false },
] as const;
