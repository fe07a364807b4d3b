/** Credit over all customers as a person works with it: the real core with its sample, in Chromium. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { start } from '#core/runtime/start.ts';
import type { Started } from '#core/runtime/start.ts';
import { buildRenderer } from '../../build/renderer.ts';
import { launchBrowser, openPage } from '../support/browser.ts';
import { inEveryLook, violations } from '../support/looks.ts';

const folder = mkdtempSync(join(tmpdir(), 'tollkeeper-credits-'));
const SHOTS = join(import.meta.dirname, '..', '..', '.cache', 'shots');
const DAY_MS = 86_400_000;
let browser: Browser;
let started: Started;
let cookies: Awaited<ReturnType<BrowserContext['storageState']>> | undefined;

beforeAll(async () => {
  mkdirSync(SHOTS, { recursive: true });
  await buildRenderer();
  browser = await launchBrowser();
  started = await start({ host: 'none', workspace: join(folder, 'sample.tollkeeper'), fresh: true, logLevel: 'error' });
}, 120_000);
afterAll(async () => {
  await browser.close();
  await started.close();
  rmSync(folder, { recursive: true, force: true });
});

async function enter(scheme: 'light' | 'dark', width: number, height: number) {
  const look = { colorScheme: scheme, viewport: { width, height } };
  const { page, complaints } = await openPage(browser, cookies ? { ...look, storageState: cookies } : look);
  page.setDefaultTimeout(20_000);
  await page.goto(cookies ? new URL('/', started.consoleUrl).href : started.consoleUrl);
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  // The address of a start opens one session; the second page goes on with it.
  cookies = await page.context().storageState();
  await page.keyboard.press('g');
  await page.keyboard.press('r');
  await page.getByRole('heading', { name: 'Credits' }).waitFor();
  const shot = (name: string) => page.screenshot({ path: join(SHOTS, `credits-${name}-${scheme}-${width}.png`) });
  return { page, complaints, shot };
}

const rowsOf = (page: Page) => page.locator('table[aria-label="grants"] tr[data-row]');

test('credit is granted with an end, comes first, and is taken back', { timeout: 120_000 }, async () => {
  const { page, complaints, shot } = await enter('light', 1440, 900);
  await rowsOf(page).first().waitFor();
  await page.getByRole('group', { name: /^Credit left in/ }).waitFor();
  expect(await violations(page)).toEqual([]);
  await page.getByRole('button', { name: 'Grant credit' }).click();
  const whom = page.getByRole('dialog', { name: 'Grant credit to whom?' });
  await whom.getByLabel('Customer', { exact: true }).fill('halden');
  await whom.getByRole('button', { name: /Halden Labs/ }).waitFor();
  expect(await violations(page)).toEqual([]);
  await shot('whom');
  await whom.getByRole('button', { name: /Halden Labs/ }).click();
  const form = page.getByRole('dialog', { name: 'Grant credit to Halden Labs' });
  await form.getByLabel('Amount').fill('12.50');
  await form.getByLabel('Source').selectOption('promotional');
  await form.getByLabel('Expires').fill(new Date(Date.now() + 9 * DAY_MS).toISOString().slice(0, 10));
  await form.getByLabel('Note').fill('Autumn week');
  await form.getByRole('button', { name: 'Grant 12.50 USDC' }).click();
  // What ends soonest is the first row.
  await rowsOf(page).first().filter({ hasText: 'Promotional' }).waitFor();
  await page.getByRole('button', { name: 'Ends in 30 days' }).click();
  await expect.poll(() => rowsOf(page).count()).toBe(1);
  expect(new URL(page.url()).searchParams.get('ends')).toBe('soon');
  expect(await page.locator('table[aria-label="grants"] tfoot').innerText()).toContain('1 grant');
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  const drawer = page.locator('[data-drawer="grant"]');
  await drawer.getByText('Autumn week').waitFor();
  expect(await inEveryLook(page, 'credits-grant')).toEqual([]);
  await drawer.getByRole('button', { name: 'Take back…' }).click();
  const take = page.getByRole('dialog', { name: /^Take back/ });
  await take.getByLabel('Amount').fill('9999');
  await take.getByText(/Only .* is left/).waitFor();
  await take.getByLabel('Amount').fill('0.50');
  await take.getByLabel('Why').fill('Granted too much');
  await shot('take-back');
  await take.getByRole('button', { name: 'Take back 0.50 USDC' }).click();
  await page.getByRole('heading', { name: 'Take back 0.50 USDC for good?' }).waitFor();
  expect(await violations(page)).toEqual([]);
  await shot('take-back-sure');
  await page.getByRole('button', { name: 'Yes, take back 0.50 USDC' }).click();
  await drawer.locator('tr[data-row]', { hasText: 'clawed back' }).waitFor();
  expect(await drawer.innerText()).toContain('Taken back');
  await page.keyboard.press('Escape');
  await expect.poll(() => new URL(page.url()).pathname).toBe('/credits');
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('credit is looked at by state, by day, by grant and as of an instant', { timeout: 120_000 }, async () => {
  const { page, complaints, shot } = await enter('dark', 1024, 700);
  await rowsOf(page).first().waitFor();
  await page.getByRole('group', { name: /^Credit left in/ }).waitFor();
  expect(await inEveryLook(page, 'credits-list')).toEqual([]);
  await page.getByRole('button', { name: 'Show table' }).click();
  await page.locator('table[aria-label="credit by day"]').waitFor();
  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save credit by day as CSV' }).click();
  const saved = readFileSync(await (await saving).path(), 'utf8').split('\r\n');
  expect(saved[0]).toBe('UTC day,Granted,Used,Expired,Taken back,Left at the end');
  expect(saved).toHaveLength(62);
  await shot('by-day');
  await page.getByRole('button', { name: 'Show chart' }).click();
  await page.getByRole('button', { name: 'Taken back', exact: true }).click();
  await page.getByText('No grant is like this').waitFor();
  expect(await violations(page)).toEqual([]);
  await shot('none');
  await page.getByRole('button', { name: 'Show all grants' }).click();
  await rowsOf(page).filter({ hasText: 'Orbit Co' }).first().press('Enter');
  const drawer = page.locator('[data-drawer="grant"]');
  await drawer.locator('tr[data-row] a[href^="/invoices/"]').first().waitFor();
  await shot('burnt');
  await drawer.getByRole('tab', { name: 'Statement of the customer' }).press('Enter');
  await drawer.getByText('Agrees now').waitFor();
  await drawer.getByLabel('As of, in UTC').fill(new Date(Date.now() - 20 * DAY_MS).toISOString().slice(0, 16));
  await drawer.getByText(/Agrees as of/).waitFor();
  expect(await inEveryLook(page, 'credits-statement')).toEqual([]);
  expect(complaints).toEqual([]);
  await page.context().close();
});
