/** Usage over time as a person explores it: bars by meter and customer, a brush that filters the list below. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NARROW, WIDE, openConsole, violations } from '../support/console-e2e.ts';
import type { Console } from '../support/console-e2e.ts';

let desk: Console;
beforeAll(async () => {
  desk = await openConsole('usage-charts');
}, 120_000);
afterAll(() => desk.close());

test('bars are split by customer, and choosing some of them filters the list', { timeout: 90_000 }, async () => {
  const { page, complaints, shots } = await desk.enter(WIDE);
  await page.keyboard.press('g');
  await page.keyboard.press('u');
  await page.getByRole('button', { name: 'Over time' }).click();
  await page.getByLabel('Meter').selectOption('api.requests');
  await page.getByLabel('Split by').selectOption('subject');
  const bars = page.locator('g[data-day]');
  await expect.poll(() => bars.count()).toBe(30);
  await page.locator('main tr[data-row]').first().waitFor();
  expect(await violations(page)).toEqual([]);
  await shots('split');
  await bars.last().focus();
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Shift+ArrowLeft');
  await expect.poll(() => page.locator('g[data-chosen]').count()).toBe(2);
  const { from, to } = Object.fromEntries(new URL(page.url()).searchParams);
  expect((Number(to) - Number(from)) / 86_400_000).toBe(2);
  await page.locator('main tr[data-row]').first().waitFor();
  const [box, first] = await Promise.all([bars.nth(3).boundingBox(), bars.nth(6).boundingBox()]);
  await page.mouse.move((box?.x ?? 0) + 4, (box?.y ?? 0) + 60);
  await page.mouse.down();
  await page.mouse.move((first?.x ?? 0) + 4, (first?.y ?? 0) + 60, { steps: 5 });
  await page.mouse.up();
  await expect.poll(() => page.locator('g[data-chosen]').count()).toBe(4);
  await page.getByRole('button', { name: 'All bars' }).click();
  await expect.poll(() => page.locator('g[data-chosen]').count()).toBe(0);
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('the same figures stand in a table, and the chart can be copied as a picture', { timeout: 90_000 }, async () => {
  const { page, complaints, shots } = await desk.enter(NARROW);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.goto(new URL('/usage?show=charts&span=day', page.url()).href);
  await expect.poll(() => page.locator('g[data-day]').count()).toBe(24);
  await shots('day');
  await page.getByRole('button', { name: 'Copy as picture' }).click();
  await page.getByText('Chart copied as a picture').waitFor();
  const size = await page.evaluate(async () => {
    const [item] = await navigator.clipboard.read();
    return (await item?.getType('image/png'))?.size ?? 0;
  });
  expect(size).toBeGreaterThan(2_000);
  await page.getByRole('button', { name: 'Show table' }).click();
  const table = page.getByRole('region', { name: 'Usage over time' }).locator('tr[data-row]');
  await expect.poll(() => table.count()).toBe(24);
  expect(await violations(page)).toEqual([]);
  expect(complaints).toEqual([]);
  await page.context().close();
});
