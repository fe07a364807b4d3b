/**
 * Shoots every screen and drawer in light and dark at two sizes into `.cache/shots`. `--url URL` shoots a running
 * console, also by its one-time link; without it, the double. `--only a,b` shoots those alone.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser, openPage } from '../support/browser.ts';
import { startDouble } from '../support/console-double.ts';

const FOLDER = join(import.meta.dirname, '..', '..', '.cache', 'shots');
const SIZES = [
  { width: 1440, height: 900 },
  { width: 1024, height: 700 },
] as const;

type Shot = Readonly<{ name: string; path: string; after?: (page: Page) => Promise<void> }>;

const open =
  (name: string) =>
  async (page: Page): Promise<void> =>
    page.getByRole('button', { name, exact: true }).first().click();

/** Details are reached as a person reaches them: by the first row, so that the script needs to know no id. */
const firstRow = async (page: Page): Promise<void> => {
  await page.locator('main tr[data-row]').first().click();
  await page.locator('[data-drawer]').waitFor();
};
const tab =
  (name: string) =>
  async (page: Page): Promise<void> => {
    await firstRow(page);
    await page.getByRole('tab', { name, exact: true }).click();
  };

const SHOTS: readonly Shot[] = [
  { name: 'overview', path: '/' },
  { name: 'overview-table', path: '/', after: open('Show table') },
  { name: 'overview-verify', path: '/', after: open('Verify now') },
  {
    name: 'event',
    path: '/',
    after: async (page) => page.locator('main tr[data-row]:has(span:text-is("Rated"))').first().click(),
  },
  { name: 'customers', path: '/customers' },
  { name: 'customers-none', path: '/customers?search=zzzz' },
  { name: 'customer-new', path: '/customers/new' },
  { name: 'customer', path: '/customers', after: firstRow },
  ...['Ledger', 'Credit', 'Holds', 'Events', 'Invoices', 'Prices', 'API keys', 'Details'].map((title) => ({
    name: `customer-${title.toLowerCase().replace(' ', '-')}`,
    path: '/customers',
    after: tab(title),
  })),
  {
    name: 'customer-grant',
    path: '/customers',
    after: async (page) => {
      await firstRow(page);
      await open('Grant credit')(page);
      await page.getByLabel('Amount').fill('25');
    },
  },
  {
    name: 'customer-key',
    path: '/customers',
    after: async (page) => {
      await tab('API keys')(page);
      await open('New key')(page);
    },
  },
  { name: 'invoices', path: '/invoices' },
  { name: 'invoices-close', path: '/invoices', after: open('Close period') },
  { name: 'invoice', path: '/invoices', after: firstRow },
  {
    name: 'invoice-explain',
    path: '/invoices?state=paid',
    after: async (page) => {
      await page
        .locator('main tr[data-row]', { hasText: /Kestrel|Basalt|Arbor|Dune/ })
        .first()
        .click();
      await page.locator('[data-drawer] tr[data-row]').last().click();
      await page.getByText('Recomputed').waitFor();
    },
  },
  { name: 'usage', path: '/usage' },
  {
    name: 'usage-unrated',
    path: '/usage?show=unrated',
    after: async (page) => page.locator('main tr[data-row]').first().click(),
  },
  { name: 'ledger', path: '/ledger' },
  { name: 'transaction', path: '/ledger', after: firstRow },
  {
    name: 'palette',
    path: '/',
    after: async (page) => {
      await page.keyboard.press('Control+k');
      await page.keyboard.type('or');
    },
  },
  { name: 'keys', path: '/', after: async (page) => page.keyboard.press('?') },
  { name: 'nowhere', path: '/nowhere' },
  { name: 'story', path: '/dev/ui' },
];

/** A one-time link lets one browser in; its cookie is taken along to every window. */
async function enter(browser: Browser, link: string) {
  const { page } = await openPage(browser);
  await page.goto(link);
  await page.locator('#main h1, #main h2').first().waitFor();
  const storageState = await page.context().storageState();
  await page.context().close();
  return { storageState };
}

async function shoot(
  browser: Browser,
  base: string,
  scheme: 'light' | 'dark',
  size: (typeof SIZES)[number],
  only: string | undefined,
): Promise<string[]> {
  const { page, complaints } = await openPage(browser, { colorScheme: scheme, viewport: size, ...entered });
  for (const shot of SHOTS.filter(({ name }) => only === undefined || only.split(',').includes(name))) {
    await page.goto(new URL(shot.path, base).href);
    await page.locator('#main h1, #main h2').first().waitFor();
    await page.waitForTimeout(150);
    try {
      await shot.after?.(page);
    } catch (error) {
      complaints.push(`${shot.name}: ${String(error).slice(0, 200)}`);
    }
    await page.waitForTimeout(250);
    await page.screenshot({ path: join(FOLDER, `${shot.name}-${scheme}-${size.width}.png`) });
  }
  await page.context().close();
  return complaints;
}

const { values } = parseArgs({
  options: { url: { type: 'string' }, only: { type: 'string' }, wide: { type: 'boolean' } },
});
await mkdir(FOLDER, { recursive: true });
const double = values.url === undefined ? await startDouble() : undefined;
const browser = await launchBrowser();
const base = values.url ?? double?.url ?? '';
const entered = await enter(browser, base);
for (const size of values.wide ? SIZES.slice(0, 1) : SIZES) {
  for (const scheme of ['light', 'dark'] as const) {
    for (const complaint of await shoot(browser, base, scheme, size, values.only))
      process.stderr.write(`${scheme} ${size.width}: ${complaint}\n`);
  }
}
await browser.close();
await double?.close();
