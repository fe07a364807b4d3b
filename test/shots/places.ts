/** Every place of the console that is shot, and how a person gets there. */
import type { Page } from 'playwright-core';

export type Place = Readonly<{
  name: string;
  path: string;
  /** What is done there first, as a person does it. */
  after?: (page: Page) => Promise<void>;
}>;

const open =
  (name: string) =>
  async (page: Page): Promise<void> =>
    page.getByRole('button', { name, exact: true }).first().click();

/** Details are reached by the first row, so that nothing here needs to know an id. */
const firstRow = async (page: Page): Promise<void> => {
  await page.locator('main tr[data-row]').first().click();
  await page.locator('[data-drawer]').waitFor();
};
const rowOf =
  (text: string | RegExp) =>
  async (page: Page): Promise<void> => {
    await page.locator('main tr[data-row]', { hasText: text }).first().click();
    await page.locator('[data-drawer]').waitFor();
  };
const tabOf =
  (who: string, name: string) =>
  async (page: Page): Promise<void> => {
    await rowOf(who)(page);
    await page.getByRole('tab', { name, exact: true }).click();
  };
const inOrder =
  (...steps: readonly ((page: Page) => Promise<void>)[]) =>
  async (page: Page): Promise<void> => {
    for (const step of steps) await step(page);
  };

const OVERVIEW: readonly Place[] = [
  { name: 'overview', path: '/' },
  { name: 'overview-table', path: '/', after: open('Show table') },
  {
    name: 'overview-verify',
    path: '/',
    after: inOrder(open('Verify now'), (page) =>
      page
        .getByText(/proven|verified/i)
        .last()
        .waitFor(),
    ),
  },
  {
    name: 'event',
    path: '/',
    after: (page) => page.locator('main tr[data-row]:has(span:text-is("Rated"))').first().click(),
  },
  {
    name: 'palette',
    path: '/',
    after: inOrder(
      (page) => page.keyboard.press('Control+k'),
      (page) => page.keyboard.type('or'),
    ),
  },
  { name: 'keys', path: '/', after: (page) => page.keyboard.press('?') },
  { name: 'nowhere', path: '/nowhere' },
  { name: 'story', path: '/dev/ui' },
];

const CUSTOMERS: readonly Place[] = [
  { name: 'customers', path: '/customers' },
  { name: 'customers-none', path: '/customers?search=zzzz' },
  { name: 'customer-new', path: '/customers/new' },
  { name: 'customer', path: '/customers', after: rowOf('Orbit Co') },
  ...['Ledger', 'Credit', 'Holds', 'Events', 'Invoices', 'Prices', 'API keys', 'Notes', 'Details'].map((title) => ({
    name: `customer-${title.toLowerCase().replace(' ', '-')}`,
    path: '/customers',
    after: tabOf('Orbit Co', title),
  })),
  {
    name: 'customer-grant',
    path: '/customers',
    after: inOrder(rowOf('Orbit Co'), open('Grant credit'), (page) => page.getByLabel('Amount').fill('25')),
  },
  { name: 'customer-key', path: '/customers', after: inOrder(tabOf('Orbit Co', 'API keys'), open('New key')) },
];

const BILLING: readonly Place[] = [
  { name: 'invoices', path: '/invoices' },
  { name: 'invoices-close', path: '/invoices', after: open('Close period') },
  { name: 'invoice', path: '/invoices?state=paid', after: rowOf('Orbit Co') },
  {
    name: 'invoice-explain',
    path: '/invoices?state=paid',
    after: inOrder(
      rowOf('Orbit Co'),
      (page) => page.locator('[data-drawer] tr[data-row]').last().click(),
      (page) => page.getByText('Recomputed').waitFor(),
    ),
  },
  { name: 'reviews', path: '/invoices/review' },
  { name: 'credits', path: '/credits' },
  { name: 'credits-grant', path: '/credits', after: rowOf('Orbit Co') },
  {
    name: 'credits-statement',
    path: '/credits',
    after: inOrder(
      rowOf('Orbit Co'),
      (page) => page.getByRole('tab', { name: 'Statement of the customer' }).click(),
      (page) => page.getByText('Agrees now').waitFor(),
    ),
  },
];

const PRICES: readonly Place[] = [
  { name: 'tiers', path: '/tiers' },
  { name: 'tiers-plans', path: '/tiers?part=plans' },
  { name: 'tiers-discounts', path: '/tiers?part=discounts' },
  { name: 'tiers-rates', path: '/tiers?part=rates' },
  { name: 'tiers-quote', path: '/tiers/quote' },
  { name: 'price', path: '/tiers', after: firstRow },
  { name: 'price-new', path: '/tiers/prices/new' },
];

const USAGE: readonly Place[] = [
  { name: 'usage', path: '/usage' },
  { name: 'usage-charts', path: '/usage?show=charts' },
  {
    name: 'usage-unrated',
    path: '/usage?show=unrated',
    after: (page) => page.locator('main tr[data-row]').first().click(),
  },
  { name: 'usage-import', path: '/usage/import' },
  { name: 'leaks', path: '/leaks' },
  {
    name: 'leaks-found',
    path: '/leaks',
    after: inOrder(open('Look for leaks'), (page) => page.getByRole('button', { name: 'Look again' }).waitFor()),
  },
];

const BOOKS: readonly Place[] = [
  { name: 'ledger', path: '/ledger' },
  { name: 'transaction', path: '/ledger', after: firstRow },
  { name: 'time-machine', path: '/ledger?books=then&by=known&span=day' },
  { name: 'alerts', path: '/alerts' },
  { name: 'alerts-rules', path: '/alerts?pane=rules' },
  { name: 'alerts-rule-new', path: '/alerts/rules/new' },
  { name: 'alerts-webhooks', path: '/alerts?pane=webhooks' },
  { name: 'alerts-mail', path: '/alerts?pane=mail' },
  { name: 'alerts-deliveries', path: '/alerts?pane=deliveries' },
  { name: 'deployments', path: '/deployments' },
];

const HOUSE: readonly Place[] = [
  { name: 'settings', path: '/settings' },
  ...['backup', 'keys', 'operators', 'gateway', 'network', 'licences'].map((section) => ({
    name: `settings-${section}`,
    path: `/settings?section=${section}`,
  })),
  ...['vaults', 'sandboxes', 'settlement', 'signing'].map((rail) => ({ name: rail, path: `/${rail}` })),
  {
    name: 'workspace-new',
    path: '/',
    after: inOrder(
      (page) =>
        page
          .getByRole('button', { name: /Northwind APIs/ })
          .first()
          .click(),
      (page) => page.getByRole('menuitem', { name: /New workspace/ }).click(),
    ),
  },
];

export const PLACES: readonly Place[] = [
  ...OVERVIEW,
  ...CUSTOMERS,
  ...USAGE,
  ...PRICES,
  ...BILLING,
  ...BOOKS,
  ...HOUSE,
];

/** The lists, as they are before there is anything, while they are read, and when they cannot be. */
export const LISTS: readonly Place[] = [
  { name: 'overview', path: '/' },
  { name: 'customers', path: '/customers' },
  { name: 'usage', path: '/usage' },
  { name: 'usage-charts', path: '/usage?show=charts' },
  { name: 'tiers', path: '/tiers' },
  { name: 'credits', path: '/credits' },
  { name: 'invoices', path: '/invoices' },
  { name: 'ledger', path: '/ledger' },
  { name: 'alerts', path: '/alerts' },
  { name: 'leaks', path: '/leaks' },
  { name: 'settings-keys', path: '/settings?section=keys' },
];
