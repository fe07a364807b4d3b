/** Bringing usage in as a person does: the real core with its sample, real files, in Chromium. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NARROW, WIDE, openConsole, violations } from '../support/console-e2e.ts';
import type { Console } from '../support/console-e2e.ts';

let desk: Console;
const METER = 'api.requests';
beforeAll(async () => {
  desk = await openConsole('import');
}, 180_000);
afterAll(() => desk.close());

function fileOf(name: string, text: string): string {
  const path = join(desk.folder, name);
  writeFileSync(path, text);
  return path;
}

async function customerRef(): Promise<string> {
  const { items } = await desk.client.customers.list({ search: 'Halden', limit: 1 });
  return items[0]?.customer.id ?? '';
}

const instant = (): string => new Date(Date.now() - 60_000).toISOString();

test(
  'a file is chosen, mapped, tried, taken, and what was refused comes back mended',
  { timeout: 180_000 },
  async () => {
    const { page, complaints, shots } = await desk.enter(WIDE);
    await page.keyboard.press('g');
    await page.keyboard.press('u');
    await page.getByRole('link', { name: 'Import a file' }).click();
    await page.getByRole('heading', { name: 'Import usage' }).waitFor();
    await page.getByRole('button', { name: 'Choose a file' }).waitFor();
    expect(await violations(page)).toEqual([]);
    await shots('choose');
    const who = await customerRef();
    const rows = Array.from({ length: 30 }, (_, at) => `ev-${at},${who},${at === 3 ? 'many' : 2},${instant()},eu`);
    const text = ['uid,account,hits,ts,region', ...rows].join('\n');
    await page.getByLabel('File to import').setInputFiles(fileOf('march.csv', text));
    await page.getByLabel('Customer', { exact: true }).waitFor();
    await page.getByText('Say which column is the customer').waitFor();
    await page.locator('main tr[data-row]', { hasText: '"hits":"many"' }).waitFor();
    expect(await violations(page)).toEqual([]);
    await shots('unmapped');
    await page.getByLabel('Customer', { exact: true }).selectOption('account');
    await page.getByLabel('Meter', { exact: true }).selectOption({ label: 'The same for all rows…' });
    await page.getByLabel('Meter of all rows').fill(METER);
    await page.getByLabel('Quantity', { exact: true }).selectOption('hits');
    await page.getByLabel('When it happened').selectOption('ts');
    await page.getByLabel('Id of the event').selectOption('uid');
    await page.getByLabel('region').check();
    await page.locator('main tr[data-row]', { hasText: 'ev-2' }).getByText('An event').waitFor();
    await page
      .locator('main tr[data-row]', { hasText: 'many' })
      .getByText(/quantity/i)
      .first()
      .waitFor();
    expect(await violations(page)).toEqual([]);
    await shots('mapped');
    await page.getByRole('button', { name: 'Try it' }).click();
    const tried = page.getByRole('group', { name: 'What it would come to' });
    await tried.getByText('30 rows tried, nothing was booked').waitFor();
    await tried.getByText(/They come to, in/).waitFor();
    const take = page.getByRole('button', { name: /^Import 29 events · / });
    await take.waitFor();
    expect(await violations(page)).toEqual([]);
    await shots('tried');
    await take.press('Enter');
    const done = page.getByRole('group', { name: 'What was imported' });
    await done.getByText('30 rows read, 1 not taken').waitFor();
    await shots('taken');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      done.getByRole('link', { name: 'Download the error file' }).click(),
    ]);
    const broken = readFileSync(await download.path(), 'utf8');
    expect(broken).toContain('import_problem');
    await page.getByRole('button', { name: 'Another file' }).click();
    const mended = fileOf('mended.csv', broken.replace(',many,', ',2,'));
    await page.getByLabel('File to import').setInputFiles(mended);
    expect(await page.getByLabel('Quantity', { exact: true }).inputValue()).toBe('c:hits');
    await page.getByRole('button', { name: 'Try it' }).click();
    await page.getByRole('button', { name: /^Import 1 event · / }).click();
    await page.getByRole('group', { name: 'What was imported' }).getByText('1 row imported').waitFor();
    await page.getByRole('link', { name: 'See the events' }).click();
    await page.locator('main tr[data-row]', { hasText: 'ev-3' }).waitFor();
    expect(complaints).toEqual([]);
    await page.context().close();
  },
);

test(
  'a long import goes on when the screen is left, says how fast it is, and is ended',
  { timeout: 180_000 },
  async () => {
    const { page, complaints, shots } = await desk.enter(NARROW);
    const who = await customerRef();
    const at = instant();
    const rows = Array.from({ length: 60_000 }, (_, row) => `l-${row},${who},${METER},1,${at}`);
    const path = fileOf('long.csv', ['id,customer,meter,quantity,time', ...rows].join('\n'));
    await page.goto(new URL('/usage/import', page.url()).href);
    await page.getByLabel('Or its path on the machine of the books').fill(path);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Try it' }).click();
    await page.getByRole('button', { name: /^Import 60.000 events/ }).click({ timeout: 60_000 });
    await page
      .getByText(/rows · .* a second/)
      .first()
      .waitFor();
    await shots('running');
    await page.keyboard.press('g');
    await page.keyboard.press('u');
    await page.getByRole('link', { name: 'Import a file' }).click();
    await page.getByText('long.csv is being imported meanwhile.').waitFor();
    await page.getByRole('button', { name: 'Go there' }).click();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText(/It was ended\./).waitFor();
    expect(await violations(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await page.context().close();
  },
);

test('what Stripe exports is looked at, tried and taken', { timeout: 120_000 }, async () => {
  const { page, complaints, shots } = await desk.enter(WIDE);
  await page.goto(new URL('/usage/import?from=stripe', page.url()).href);
  const customers = [
    { id: 'cus_a1', object: 'customer', name: 'Alba Freight', balance: -2500, currency: 'usd', email: 'a@example.com' },
    { id: 'cus_b2', object: 'customer', name: 'Borealis', balance: 0, currency: 'usd' },
    { object: 'charge', id: 'ch_1' },
  ];
  const path = fileOf('customers.json', JSON.stringify({ object: 'list', data: customers }));
  await page.getByLabel('File to import').setInputFiles(path);
  await page.getByText('All 3 records were looked at.').waitFor();
  await page.locator('main tr[data-row]', { hasText: 'cus_a1' }).press('Enter');
  await page.getByRole('group', { name: 'Record 1' }).getByText('"amountMinor": "2500"').waitFor();
  expect(await violations(page)).toEqual([]);
  await shots('system');
  await page.getByRole('button', { name: 'Try it' }).click();
  const take = page.getByRole('button', { name: /^Import 2 customers · 1 grant/ });
  await take.waitFor();
  await shots('system-tried');
  await take.click();
  await page
    .getByRole('group', { name: 'What was imported' })
    .getByText(/2 new, 0 known, 0 refused/)
    .waitFor();
  expect(await violations(page)).toEqual([]);
  const { items } = await desk.client.customers.list({ search: 'Alba', limit: 5 });
  expect(items.map(({ customer }) => customer.externalId)).toEqual(['cus_a1']);
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('a file that is none says so, and the unrated queue is worked off by keyboard', { timeout: 120_000 }, async () => {
  const { page, complaints } = await desk.enter(WIDE);
  await page.goto(new URL('/usage/import', page.url()).href);
  const dropped = await page.evaluateHandle(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(['not usage'], 'notes.docx'));
    return transfer;
  });
  await page.getByText('Drop a file here, or').dispatchEvent('drop', { dataTransfer: dropped });
  await page.getByText(/does not say what the file holds/).waitFor();
  await page.getByText('Nothing was booked: the file could not be read.').waitFor();
  await page.goto(new URL('/usage?show=unrated', page.url()).href);
  const row = page.locator('main tr[data-row]').first();
  await row.waitFor();
  const before = await desk.client.unrated.summary({});
  await page.keyboard.press('j');
  await page.keyboard.press('Space');
  await page.keyboard.press('j');
  const group = page.getByRole('group', { name: 'Assign 2 events' });
  await page.keyboard.press('Enter');
  await expect
    .poll(() => group.getByLabel('Customer').evaluate((field) => field === document.activeElement))
    .toBe(true);
  await group.getByLabel('Or dismiss, because').fill('sent by a test');
  await page.keyboard.press('Enter');
  await expect.poll(async () => (await desk.client.unrated.summary({})).total).toBe(before.total - 2);
  expect(complaints).toEqual([]);
  await page.context().close();
});
