/**
 * From a workspace that nobody has worked in to an invoice that explains itself, without the mouse: one person at the
 * real core, and a customer's server at its gateway.
 */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { handsAt } from '../support/by-keyboard.ts';
import type { Hands } from '../support/by-keyboard.ts';
import { WIDE, openConsole, violations } from '../support/console-e2e.ts';
import type { Console } from '../support/console-e2e.ts';
import { PASSPHRASE } from '../support/workspace.ts';

const STEP = { timeout: 60_000 };
let desk: Console;
let page: Page;
let complaints: string[];
let hands: Hands;
let secret = '';

beforeAll(async () => {
  desk = await openConsole('by-keyboard', 'new');
  ({ page, complaints } = await desk.arrive(WIDE));
  hands = handsAt(page);
}, 180_000);
afterAll(() => desk.close());

const drawer = () => page.locator('[data-drawer]').last();
const dialog = () => page.getByRole('dialog').last();
const screen = async (key: string, title: string): Promise<void> => {
  await hands.press('g', key);
  await page.getByRole('heading', { name: title, level: 1 }).waitFor();
};

/** What a customer's server sends, with the key that was copied to it. */
async function send(id: string, quantity: string): Promise<number> {
  const response = await fetch(`${desk.started.gatewayUrl}/v1/usage`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({ events: [{ source: 'keys', id, customer: 'alba', meter: 'api.requests', quantity }] }),
  });
  await response.arrayBuffer();
  return response.status;
}

test('the first operator signs in', STEP, async () => {
  await page.getByText('Sign in to Northwind').waitFor();
  await hands.type(PASSPHRASE);
  await hands.press('Enter');
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
});

test('a price is published for everyone', STEP, async () => {
  await screen('t', 'Tiers');
  await hands.use(page.getByRole('link', { name: 'New price' }));
  await hands.tabTo(drawer().getByLabel('Meter'));
  await hands.type('api.requests');
  await hands.write(drawer().getByLabel('Amount, USDC'), '0.25');
  expect(await violations(page)).toEqual([]);
  await hands.use(drawer().getByRole('button', { name: 'Publish version 1' }));
  await page.locator('[data-drawer="price"]').getByText('0.25 USDC a request').first().waitFor();
  await hands.press('Escape');
  await expect.poll(() => new URL(page.url()).pathname).toBe('/tiers');
});

test('a customer is added, and gets a key', STEP, async () => {
  await screen('c', 'Customers');
  await page.getByText('No customers yet').waitFor();
  await hands.use(page.getByRole('link', { name: 'New customer' }));
  await hands.write(drawer().getByLabel('Name', { exact: true }), 'Alba Freight');
  await hands.write(drawer().getByLabel('External id'), 'alba');
  await hands.press('Enter');
  await page.locator('[data-drawer="customer"]').getByRole('heading', { name: 'Alba Freight' }).waitFor();
  await hands.tabTo(page.getByRole('tab', { name: 'Balances' }));
  while (!(await page.getByRole('tab', { name: 'API keys', selected: true }).isVisible()))
    await hands.press('ArrowRight');
  await hands.use(drawer().getByRole('button', { name: 'New key' }));
  await hands.write(dialog().getByLabel('Name', { exact: true }), 'Production');
  await hands.press('Enter');
  const shown = dialog().getByText(/tk_live_[0-9a-f]{64}/);
  secret = (await shown.innerText()).trim();
  await hands.use(dialog().getByRole('button', { name: 'Done, I have it' }));
  await drawer().getByText('Production').first().waitFor();
  await hands.press('Escape');
  await expect.poll(() => new URL(page.url()).pathname).toBe('/customers');
});

test('usage that comes with the key is seen as it comes', STEP, async () => {
  await screen('o', 'Overview');
  expect(await send('first', '40')).toBe(200);
  await page.getByRole('region', { name: 'Recent events' }).getByText('first').waitFor();
  expect(await send('second', '2')).toBe(200);
  await page.getByRole('region', { name: 'Recent events' }).getByText('second').waitFor();
});

test('the period is closed into a draft, and the draft gets its number', STEP, async () => {
  await screen('c', 'Customers');
  await page.locator('main tr[data-row]').first().waitFor();
  await hands.press('j', 'Enter');
  await hands.use(drawer().getByRole('button', { name: 'Close period now' }));
  await hands.use(dialog().getByRole('button', { name: 'Close period into a draft' }));
  await hands.use(dialog().getByRole('link', { name: /^Open the draft/ }));
  await hands.use(page.locator('[data-drawer="invoice"]').getByRole('button', { name: /^Finalize · 10.5/ }));
  await page.getByRole('dialog', { name: /^Finalize 10.5/ }).waitFor();
  await hands.use(dialog().getByRole('button', { name: /^Finalize/ }));
  await drawer()
    .getByRole('heading', { name: /^\d{4}-000001$/ })
    .waitFor();
});

test('a line says why it is what it is, down to its events', STEP, async () => {
  await hands.press('j', 'Enter');
  await page.getByText('Recomputed just now, agrees with the books').waitFor();
  const why = page.getByRole('region', { name: /^Why/ }).last();
  expect(await why.getByText('does not agree').count()).toBe(0);
  expect(await violations(page)).toEqual([]);
  await hands.use(why.getByRole('table', { name: 'events of this line' }).locator('tr[data-row]').first());
  await page
    .locator('[data-drawer="event"]')
    .getByRole('heading', { name: /first|second/ })
    .first()
    .waitFor();
  expect(new URL(page.url()).pathname).toMatch(/^\/usage\/event\/keys\/(first|second)$/);
});

test('the books prove themselves', STEP, async () => {
  await screen('o', 'Overview');
  await hands.use(page.getByRole('button', { name: 'Verify now' }));
  await page.getByText(/The books hold up to block/).waitFor();
  expect(complaints).toEqual([]);
});
