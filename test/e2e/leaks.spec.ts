/** Looking for leaks as a person does: the real core with its sample, in Chromium. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NARROW, WIDE, openConsole, violations } from '../support/console-e2e.ts';
import type { Console } from '../support/console-e2e.ts';

let desk: Console;
beforeAll(async () => {
  desk = await openConsole('leaks');
}, 180_000);
afterAll(() => desk.close());

test('a unit cost is entered, and what it shows is found, kept and followed', { timeout: 120_000 }, async () => {
  const { page, complaints, shots } = await desk.enter(WIDE);
  await page.keyboard.press('g');
  await page.keyboard.press('k');
  await page.getByRole('heading', { name: 'Leaks' }).waitFor();
  await page.getByText('No unit cost is entered').waitFor();
  expect(await violations(page)).toEqual([]);
  await shots('none');
  await page.getByRole('button', { name: 'Enter a unit cost' }).click();
  const form = page.getByRole('dialog', { name: 'Enter a unit cost' });
  await form.getByLabel('Meter').selectOption('api.requests');
  await form.getByLabel('Costs you').fill('abc');
  await form.getByText(/plain number/).waitFor();
  await form.getByLabel('Costs you').fill('0.25');
  await form.getByLabel('For so many').fill('1');
  expect(await violations(page)).toEqual([]);
  await shots('cost');
  await page.keyboard.press('Enter');
  await page.locator('main tr[data-row]', { hasText: 'api.requests' }).waitFor();
  await page.getByRole('button', { name: 'Look for leaks' }).click();
  await page.locator('main tr[data-row]', { hasText: 'Sold below cost' }).first().waitFor();
  await page.locator('main tr[data-row]', { hasText: 'Used, not rated' }).first().waitFor();
  expect(await violations(page)).toEqual([]);
  await shots('found');
  await page.keyboard.press('g');
  await page.keyboard.press('o');
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  await page.keyboard.press('g');
  await page.keyboard.press('k');
  const first = page.locator('main tr[data-row]').first();
  await first.press('Enter');
  const drawer = page.locator('[data-drawer="finding"]');
  await drawer.getByText('Evidence').waitFor();
  expect(await drawer.locator('tr[data-row]').count()).toBeGreaterThan(0);
  expect(await violations(page)).toEqual([]);
  await shots('finding');
  await page.keyboard.press('Escape');
  await page
    .locator('main')
    .getByRole('link', { name: /^Open the unrated queue/ })
    .first()
    .click();
  await expect.poll(() => page.url()).toContain('/usage?show=unrated');
  await page.locator('main tr[data-row]').first().waitFor();
  await page.goBack();
  await page.getByRole('button', { name: 'Change the cost of api.requests' }).click();
  expect(await page.getByLabel('Costs you').inputValue()).toBe('0.25');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Forget the cost of api.requests' }).click();
  await page.getByText('No unit cost is entered').waitFor();
  await page.getByRole('button', { name: 'Look again' }).click();
  await expect.poll(() => page.locator('main tr[data-row]', { hasText: 'Sold below cost' }).count()).toBe(0);
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('a finding of a search that is over says so', { timeout: 60_000 }, async () => {
  const { page, complaints } = await desk.enter(NARROW);
  await page.goto(new URL('/leaks/USDC-6-1', page.url()).href);
  await page.getByText('This finding is of a search that is over').waitFor();
  expect(await violations(page)).toEqual([]);
  expect(complaints).toEqual([]);
  await page.context().close();
});
