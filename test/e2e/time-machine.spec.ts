/** The books of another instant as a person looks for them: by slider and keyboard, on the real core. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { start } from '#core/runtime/start.ts';
import type { Started } from '#core/runtime/start.ts';
import { buildRenderer } from '../../build/renderer.ts';
import { launchBrowser, openPage } from '../support/browser.ts';

const folder = mkdtempSync(join(tmpdir(), 'tollkeeper-time-machine-'));
const SHOTS = join(import.meta.dirname, '..', '..', '.cache', 'shots');
let browser: Browser;
let started: Started;
let page: Page;
let complaints: readonly string[];

beforeAll(async () => {
  mkdirSync(SHOTS, { recursive: true });
  await buildRenderer();
  browser = await launchBrowser();
  started = await start({ host: 'none', workspace: join(folder, 'sample.tollkeeper'), fresh: true, logLevel: 'error' });
  ({ page, complaints } = await openPage(browser, { colorScheme: 'light', viewport: { width: 1440, height: 900 } }));
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

/** The figures of a part of the balance: what it was, what it is, and the difference. */
async function partOf(name: string): Promise<string> {
  return page.locator('main dl > div', { hasText: name }).first().innerText();
}

test('the slider goes back by the arrow keys, and says what came since', { timeout: 90_000 }, async () => {
  await page.keyboard.press('g');
  await page.keyboard.press('l');
  await page.getByRole('button', { name: 'Time machine' }).click();
  const slider = page.getByRole('slider', { name: 'Instant' });
  await page.locator('main dl > div').first().waitFor();
  expect(await violations()).toEqual([]);
  const first = await slider.getAttribute('aria-valuetext');
  await slider.focus();
  await page.keyboard.press('ArrowLeft');
  await expect.poll(() => new URL(page.url()).searchParams.get('at')).not.toBeNull();
  await expect.poll(() => slider.getAttribute('aria-valuetext')).not.toBe(first);
  await page.getByRole('slider', { name: 'Instant' }).press('Home');
  await expect.poll(() => page.locator('main tr[data-row]').count()).toBeGreaterThan(3);
  const longAgo = await partOf('Balance');
  await page.getByRole('slider', { name: 'Instant' }).press('End');
  await expect.poll(() => partOf('Balance')).not.toBe(longAgo);
  for (const [width, height] of [
    [1440, 900],
    [1024, 700],
  ] as const) {
    for (const scheme of ['light', 'dark'] as const) {
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme: scheme });
      await page.getByRole('slider', { name: 'Instant' }).press('Home');
      await page.locator('main tr[data-row]').first().waitFor();
      expect(await violations()).toEqual([]);
      await page.screenshot({ path: join(SHOTS, `ledger-then-${scheme}-${width}.png`) });
    }
  }
  expect(complaints).toEqual([]);
});

test('what came since leads to its transaction, and back to the same instant', { timeout: 60_000 }, async () => {
  await page.getByRole('button', { name: 'What was known then' }).click();
  await page.locator('main tr[data-row]').first().waitFor();
  const address = page.url();
  await page.locator('main tr[data-row]', { hasText: 'usage' }).first().press('Enter');
  await page.locator('[data-drawer="transaction"]').waitFor();
  await page.keyboard.press('Escape');
  await expect.poll(() => page.url()).toBe(address);
  expect(complaints).toEqual([]);
});
