/** The frame around every screen as a person uses it: the palette, the jobs tray, rails to come; on the real core. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { start } from '#core/runtime/start.ts';
import type { Started } from '#core/runtime/start.ts';
import { buildRenderer } from '../../build/renderer.ts';
import { launchBrowser, openPage } from '../support/browser.ts';

const folder = mkdtempSync(join(tmpdir(), 'tollkeeper-frame-'));
const SHOTS = join(import.meta.dirname, '..', '..', '.cache', 'shots');
/** Ceilings, not goals: what a person waits for, and what is there altogether (licences of others are 0.3 MB). */
const FIRST_SCRIPT_BYTES = 900_000;
const ALL_SCRIPT_BYTES = 1_600_000;
let browser: Browser;
let started: Started;
let page: Page;
let complaints: readonly string[];

beforeAll(async () => {
  mkdirSync(SHOTS, { recursive: true });
  await buildRenderer();
  browser = await launchBrowser();
  started = await start({ host: 'none', workspace: join(folder, 'sample.tollkeeper'), fresh: true, logLevel: 'error' });
  const opened = await openPage(browser, { colorScheme: 'light', viewport: { width: 1440, height: 900 } });
  ({ page, complaints } = opened);
  await page.goto(started.consoleUrl);
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
}, 120_000);
afterAll(async () => {
  await browser.close();
  await started.close();
  rmSync(folder, { recursive: true, force: true });
});

async function violations(): Promise<string[]> {
  const { violations: found } = await new AxeBuilder({ page }).analyze();
  return found.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.target.join(' ')}`));
}

/** Types into the palette, waits for a line of this kind, and goes there. */
async function find(text: string, note: RegExp): Promise<void> {
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').fill(text);
  const option = page.getByRole('option').filter({ hasText: note });
  await option.first().waitFor();
  await option.first().click();
}

test('what a browser loads before the first screen stays below its ceiling', () => {
  const assets = join(import.meta.dirname, '..', '..', 'dist', 'renderer', 'assets');
  const scripts = readdirSync(assets).filter((name) => name.endsWith('.js'));
  const sizeOf = (name: string): number => statSync(join(assets, name)).size;
  const first = scripts.filter((name) => name.startsWith('index-')).map(sizeOf);
  expect(first).toHaveLength(1);
  expect(first[0]).toBeLessThan(FIRST_SCRIPT_BYTES);
  expect(scripts.reduce((sum, name) => sum + sizeOf(name), 0)).toBeLessThan(ALL_SCRIPT_BYTES);
});

test('an event of long ago, an invoice and a transaction are found by their ids', { timeout: 60_000 }, async () => {
  await find('2026-', /invoice ·/);
  await page.locator('[data-drawer]').waitFor();
  expect(new URL(page.url()).pathname).toMatch(/^\/invoices\/inv_/);
  const invoice = page.url().split('/').at(-1) ?? '';
  await find(invoice, /invoice ·/);
  await expect.poll(() => new URL(page.url()).pathname).toBe(`/invoices/${invoice}`);
  await find('txn_00000000009', /transaction ·/);
  await expect.poll(() => new URL(page.url()).pathname).toBe('/ledger/txn_00000000009');
  await page.goto(new URL('/usage', started.consoleUrl).href);
  await page.locator('main tr[data-row]').first().press('Enter');
  await page.locator('[data-drawer]').waitFor();
  const event = decodeURIComponent(new URL(page.url()).pathname.split('/').at(-1) ?? '');
  await find(event.slice(0, -1), /event ·/);
  await expect.poll(() => new URL(page.url()).pathname).toMatch(/^\/explain\/event\//);
  expect(complaints).toEqual([]);
});

test('a command runs from the palette, and its job stands in the tray until it ends', { timeout: 60_000 }, async () => {
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').fill('verify');
  expect(await violations()).toEqual([]);
  await page.getByRole('option', { name: /Verify the books/ }).click();
  await page.getByRole('button', { name: /^Jobs/ }).click();
  const tray = page.getByRole('dialog', { name: 'Jobs' });
  await tray.getByText('The books hold').waitFor();
  await page.screenshot({ path: join(SHOTS, 'jobs-light-1440.png') });
  expect(await violations()).toEqual([]);
  await page.keyboard.press('Escape');
  await tray.waitFor({ state: 'hidden' });
});

test('without a network a line says what waits, and the books go on', { timeout: 60_000 }, async () => {
  const setOnline = (isOnline: boolean) =>
    page.evaluate((value) => {
      Object.defineProperty(navigator, 'onLine', { value, configurable: true });
      window.dispatchEvent(new Event(value ? 'online' : 'offline'));
    }, isOnline);
  await page.goto(new URL('/customers', started.consoleUrl).href);
  await page.locator('main tr[data-row]').first().waitFor();
  await setOnline(false);
  await page.getByText('This machine has no network').waitFor();
  await page.locator('main tr[data-row]').first().press('Enter');
  await page.getByRole('tab', { name: 'Prices' }).click();
  await page.locator('[data-drawer] tr[data-row]').first().waitFor();
  expect(await violations()).toEqual([]);
  await page.screenshot({ path: join(SHOTS, 'offline-light-1440.png') });
  await setOnline(true);
  await page.getByText('This machine has no network').waitFor({ state: 'detached' });
});

test('a note about a customer stays with who wrote it', { timeout: 60_000 }, async () => {
  await page.goto(new URL('/customers', started.consoleUrl).href);
  await page.locator('main tr[data-row]').first().press('Enter');
  await page.getByRole('tab', { name: 'Notes' }).click();
  await page.getByText('No notes yet').waitFor();
  await page.getByLabel('New note').fill('Pays by the tenth.\nAsk for Ada.');
  await page.getByRole('button', { name: 'Write note' }).click();
  const note = page.locator('[data-drawer] li', { hasText: 'Pays by the tenth.' });
  await note.waitFor();
  expect(await note.innerText()).toContain('sample');
  expect(await violations()).toEqual([]);
  await page.screenshot({ path: join(SHOTS, 'customer-notes-light-1440.png') });
});

test.each(['light', 'dark'] as const)(
  'rails to come say what they need, in %s',
  { timeout: 60_000 },
  async (scheme) => {
    await page.emulateMedia({ colorScheme: scheme });
    for (const [key, title] of [
      ['v', 'Vaults'],
      ['b', 'Sandboxes'],
      ['m', 'Settlement'],
      ['n', 'Signing'],
    ] as const) {
      await page.keyboard.press('g');
      await page.keyboard.press(key);
      await page.getByRole('heading', { name: title, exact: true }).waitFor();
      expect(await page.getByText('not part of this version').count()).toBe(1);
      expect(await violations()).toEqual([]);
      await page.screenshot({ path: join(SHOTS, `coming-${title}-${scheme}-1440.png`) });
    }
    expect(complaints).toEqual([]);
  },
);
