/** Prices, quotes, discounts and rates as a person works with them: the real core with its sample, in Chromium. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { start } from '#core/runtime/start.ts';
import type { Started } from '#core/runtime/start.ts';
import { buildRenderer } from '../../build/renderer.ts';
import { launchBrowser, openPage } from '../support/browser.ts';

const folder = mkdtempSync(join(tmpdir(), 'tollkeeper-tiers-'));
const SHOTS = join(import.meta.dirname, '..', '..', '.cache', 'shots');
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

async function violations(page: Page): Promise<string[]> {
  const { violations: found } = await new AxeBuilder({ page }).analyze();
  return found.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.target.join(' ')}`));
}

async function enter(scheme: 'light' | 'dark', width: number, height: number) {
  const look = { colorScheme: scheme, viewport: { width, height } };
  const { page, complaints } = await openPage(browser, cookies ? { ...look, storageState: cookies } : look);
  await page.goto(cookies ? new URL('/', started.consoleUrl).href : started.consoleUrl);
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  // The address of a start opens one session; the second page goes on with it.
  cookies = await page.context().storageState();
  await page.keyboard.press('g');
  await page.keyboard.press('t');
  await page.getByRole('heading', { name: 'Tiers' }).waitFor();
  const shot = (name: string) => page.screenshot({ path: join(SHOTS, `tiers-${name}-${scheme}-${width}.png`) });
  return { page, complaints, shot };
}

test(
  'a quote is answered as it is typed, and a past month is compared under another price',
  { timeout: 60_000 },
  async () => {
    const { page, complaints, shot } = await enter('light', 1440, 900);
    await page.locator('main tr[data-row]').first().waitFor();
    expect(await page.locator('main tr[data-row]', { hasText: 'In force' }).count()).toBeGreaterThan(3);
    expect(await violations(page)).toEqual([]);
    await shot('prices');
    await page.getByRole('link', { name: 'Quote' }).click();
    const drawer = page.locator('[data-drawer="quote"]');
    await drawer.getByLabel('For').selectOption('plan growth');
    await drawer.getByLabel('Meter').selectOption('api.requests');
    await drawer.getByLabel('A month', { exact: true }).fill('150000');
    await expect.poll(() => drawer.getByText('Together').count()).toBe(1);
    await expect.poll(() => drawer.innerText()).toContain('above the quota');
    expect(await violations(page)).toEqual([]);
    await shot('quote');
    await page.keyboard.press('Escape');
    await page
      .locator('main tr[data-row]', { hasText: /^api\.requestsPlan growth/ })
      .first()
      .press('Enter');
    const price = page.locator('[data-drawer="price"]');
    await price.getByLabel('Per cent more or less').fill('20');
    await price.getByRole('button', { name: 'Compare' }).click();
    await price.getByText('Nothing is booked').waitFor();
    await expect.poll(() => price.locator('tr[data-row]').count()).toBeGreaterThan(0);
    expect(await violations(page)).toEqual([]);
    await shot('what-if');
    await page.keyboard.press('Escape');
    await expect.poll(() => new URL(page.url()).pathname).toBe('/tiers');
    expect(complaints).toEqual([]);
    await page.context().close();
  },
);

test('the next version of a price is tried and published, and a new one of tiers', { timeout: 90_000 }, async () => {
  const { page, complaints, shot } = await enter('dark', 1024, 700);
  await page
    .locator('main tr[data-row]', { hasText: /^api\.requestsPlan growth/ })
    .first()
    .press('Enter');
  await page.getByRole('link', { name: 'Write the next version' }).click();
  const form = page.locator('[data-drawer="price-form"]');
  await form.getByLabel('Amount, USDC').fill('0.006');
  await form.getByLabel('Used in a month').fill('150000');
  await expect.poll(() => form.getByRole('region', { name: 'Example' }).innerText()).toContain('300.000');
  await form.getByRole('button', { name: 'Compare' }).click();
  await form.getByText('under the draft').first().waitFor();
  expect(await violations(page)).toEqual([]);
  await shot('next');
  await form.getByLabel('Amount, USDC').fill('0.0000006');
  await expect.poll(() => form.getByRole('alert').count()).toBeGreaterThan(0);
  expect(await form.getByRole('button', { name: 'Publish version 2' }).isDisabled()).toBe(true);
  await form.getByLabel('Amount, USDC').fill('0.006');
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 16);
  await form.getByLabel('In force from (UTC)').fill(tomorrow);
  await form.getByRole('button', { name: 'Publish version 2' }).click();
  await page.locator('[data-drawer="price"]').getByText('0.006 USDC a request').first().waitFor();
  await page.keyboard.press('Escape');
  await expect.poll(() => page.locator('main tr[data-row]', { hasText: 'To come' }).count()).toBe(1);
  await page.getByRole('link', { name: 'New price' }).click();
  await form.getByLabel('Charged').selectOption('graduated');
  await form.getByRole('button', { name: 'Add a tier' }).click();
  await form.getByRole('group', { name: 'Tier 1' }).getByLabel('Up to').fill('100');
  await form.getByRole('group', { name: 'Tier 1' }).getByLabel('Amount').fill('2');
  await form.getByRole('group', { name: 'Tier 2' }).getByLabel('Amount').fill('1');
  expect(await violations(page)).toEqual([]);
  await shot('new');
  await form.getByRole('button', { name: 'Publish version 1' }).click();
  await page.locator('[data-drawer="price"]').waitFor();
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('a discount begins and ends, and a rate is recorded', { timeout: 60_000 }, async () => {
  const { page, complaints, shot } = await enter('dark', 1024, 700);
  await page.getByRole('button', { name: 'Discounts' }).click();
  await page.getByText('No discount yet').waitFor();
  expect(await violations(page)).toEqual([]);
  await page.getByRole('button', { name: 'New discount' }).click();
  const form = page.getByRole('dialog', { name: 'New discount' });
  await form.getByLabel('Name').fill('Winter week');
  await form.getByLabel('Per cent off').fill('101');
  await form.getByText('Write a percentage').waitFor();
  await form.getByLabel('Per cent off').fill('12.5');
  expect(await violations(page)).toEqual([]);
  await shot('new-discount');
  await form.getByRole('button', { name: 'Begin discount' }).click();
  await page.locator('main tr[data-row]', { hasText: '12.5 % off' }).waitFor();
  await shot('discounts');
  await page.getByRole('button', { name: 'End Winter week' }).click();
  await page.getByRole('button', { name: 'End it now' }).click();
  await page.locator('main tr[data-row]', { hasText: 'Over' }).waitFor();
  await page.getByRole('button', { name: 'Rates' }).click();
  await page.getByRole('button', { name: 'Record a rate' }).click();
  const rate = page.getByRole('dialog', { name: 'Record a rate' });
  await rate.getByLabel('Is worth').fill('0.0065');
  await rate.getByLabel('Who says so').fill('the desk');
  expect(await violations(page)).toEqual([]);
  await rate.getByRole('button', { name: 'Record', exact: true }).click();
  await page.locator('main tr[data-row]', { hasText: '0.006 500 000 SOL' }).waitFor();
  await shot('rates');
  await page.getByRole('button', { name: 'Plans' }).click();
  await page.locator('main tr[data-row]', { hasText: 'Growth' }).waitFor();
  expect(await violations(page)).toEqual([]);
  expect(complaints).toEqual([]);
  await page.context().close();
});
