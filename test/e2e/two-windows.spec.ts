/** Two operators at one core, and a session that ends in the middle of work: the real core, in Chromium. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WIDE, openConsole, violations } from '../support/console-e2e.ts';
import type { Console } from '../support/console-e2e.ts';

const BEA = { name: 'Bea', passphrase: 'bea finalizes too' };
const CAL = { name: 'Cal', passphrase: 'cal is an admin too' };
const STEP = { timeout: 90_000 };
let desk: Console;
let ours: Awaited<ReturnType<Console['enter']>>;
let theirs: Awaited<ReturnType<Console['arrive']>>;

beforeAll(async () => {
  desk = await openConsole('two-windows');
  await desk.client.operators.create({ ...BEA, role: 'billing' });
  await desk.client.operators.create({ ...CAL, role: 'admin' });
  ours = await desk.enter(WIDE);
  theirs = await desk.arrive(WIDE);
  await theirs.page.getByRole('heading', { name: 'Overview' }).waitFor();
  await desk.signIn(theirs.page, BEA);
}, 180_000);
afterAll(() => desk.close());

const go = async (page: Page, path: string): Promise<void> => {
  await page.goto(new URL(path, page.url()).href);
  await page.locator('main h1').first().waitFor();
};
const numbered = async () => {
  const { items } = await desk.client.invoices.list({ limit: 200 });
  return items.filter(({ number }) => number !== null);
};
const invoiceOf = (page: Page) => page.locator('[data-drawer="invoice"]');
const ask = (page: Page) => page.getByRole('dialog', { name: /^Finalize/ });

test('what one does appears in the window of the other', STEP, async () => {
  await go(theirs.page, '/customers');
  await go(ours.page, '/customers/new');
  await ours.page.getByLabel('Name', { exact: true }).fill('Aalto Robotics');
  await ours.page.keyboard.press('Enter');
  await theirs.page.locator('main tr[data-row]', { hasText: 'Aalto Robotics' }).waitFor();
  await theirs.page.evaluate(() => Object.assign(window, { stayed: true }));
});

test('both finalize the same draft: it gets one number, and both are shown it', STEP, async () => {
  const { items } = await desk.client.invoices.list({ state: 'draft', limit: 1 });
  const draft = items[0];
  const before = (await numbered()).length;
  const pages = [ours.page, theirs.page];
  for (const page of pages) {
    await go(page, `/invoices/${draft?.id}`);
    await invoiceOf(page)
      .getByRole('button', { name: /^Finalize/ })
      .click();
    await ask(page).waitFor();
  }
  await Promise.all(
    pages.map((page) =>
      ask(page)
        .getByRole('button', { name: /^Finalize/ })
        .click(),
    ),
  );
  const numbers = await Promise.all(
    pages.map((page) =>
      invoiceOf(page)
        .getByRole('heading', { name: /^\d{4}-\d{6}$/ })
        .innerText(),
    ),
  );
  expect(new Set(numbers).size).toBe(1);
  for (const page of pages) await ask(page).waitFor({ state: 'detached' });
  expect((await numbered()).length).toBe(before + 1);
});

test('both publish the next price: each becomes a version, and the later one is in force', STEP, async () => {
  await desk.signIn(theirs.page, CAL);
  const { items } = await desk.client.prices.list({});
  const price = items.find((one) => one.meter === 'api.requests' && one.plan === 'growth');
  const pages = [ours.page, theirs.page];
  for (const [at, page] of pages.entries()) {
    await go(page, `/tiers/prices/${price?.id}/next`);
    await page.getByLabel('Amount, USDC').fill(`0.00${at + 6}`);
    await page.getByRole('button', { name: 'Publish version 2' }).waitFor();
  }
  await ours.page.getByRole('button', { name: 'Publish version 2' }).click();
  await ours.page.locator('[data-drawer="price"]').getByText('0.006 USDC a request').first().waitFor();
  // The other window learns of it before anything is pressed there, and says what its own would be now.
  await theirs.page.getByText('Version 2 was published while this was written').waitFor();
  expect(await violations(theirs.page)).toEqual([]);
  await theirs.page.getByRole('button', { name: 'Publish version 3' }).click();
  await theirs.page.locator('[data-drawer="price"]').getByText('0.007 USDC a request').first().waitFor();
  const now = (await desk.client.prices.list({})).items.filter((one) => one.meter === price?.meter);
  const versions = now.filter((one) => one.plan === 'growth').map(({ version }) => version);
  expect(versions.toSorted((a, b) => a - b)).toEqual([1, 2, 3]);
});

test('a session that ends in the middle of a form takes nothing with it', STEP, async () => {
  const { page } = theirs;
  await go(page, '/customers/new');
  const other = await page.context().newPage();
  await go(other, new URL('/', page.url()).href);
  await page.getByLabel('Name', { exact: true }).fill('Half a customer');
  await page.getByLabel('Billing day').selectOption('15');
  const before = desk.sequence();
  await other.getByRole('button', { name: /^Cal, / }).click();
  await other.getByRole('menuitem', { name: 'Lock' }).click();
  await page.getByText('Locked, Cal').waitFor();
  expect(await page.getByLabel('Name', { exact: true }).isVisible()).toBe(false);
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await page.keyboard.type(CAL.passphrase);
  await page.keyboard.press('Enter');
  await page.getByText('Locked, Cal').waitFor({ state: 'detached' });
  expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Half a customer');
  expect(await page.getByLabel('Billing day').inputValue()).toBe('15');
  expect(desk.sequence()).toBe(before);
  await page.getByRole('button', { name: 'Add customer' }).click();
  await page.getByRole('heading', { name: 'Half a customer' }).waitFor();
});

test('a lock under an open dialog hides it, and whoever unlocks finds it as it was', STEP, async () => {
  const { page } = theirs;
  await page.getByRole('button', { name: 'Grant credit' }).click();
  const form = page.getByRole('dialog', { name: 'Grant credit to Half a customer' });
  await form.getByLabel('Asset').selectOption('USDC/6');
  await form.getByLabel('Amount').fill('33');
  const other = await page.context().newPage();
  await go(other, new URL('/', page.url()).href);
  await other.getByRole('button', { name: /^Cal, / }).click();
  await other.getByRole('menuitem', { name: 'Lock' }).click();
  await other.getByText('Locked, Cal').waitFor();
  await page.getByText('Locked, Cal').waitFor();
  expect(await form.isVisible()).toBe(false);
  await page.keyboard.type(CAL.passphrase);
  await page.keyboard.press('Enter');
  await form.waitFor();
  expect(await form.getByLabel('Amount').inputValue()).toBe('33');
  await form.getByRole('button', { name: /^Grant 33/ }).click();
  await form.waitFor({ state: 'detached' });
  const made = await desk.client.customers.list({ search: 'Half a customer', limit: 1 });
  const grants = await desk.client.credits.list({ customer: made.items[0]?.customer.id ?? '', limit: 10 });
  expect(grants.items.map(({ grantedMinor }) => grantedMinor)).toEqual(['33000000']);
  expect([...ours.complaints, ...theirs.complaints]).toEqual([]);
});
