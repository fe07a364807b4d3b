/** Making a workspace on screen, against the console's double. What is in the file is tested on the core. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { launchBrowser, openPage } from '../support/browser.ts';
import { startDouble } from '../support/console-double.ts';
import type { Double } from '../support/console-double.ts';
import type { World } from '../support/console-double-world.ts';
import { buildRenderer } from '../../build/renderer.ts';

let browser: Browser;
const ends: (() => Promise<void>)[] = [];
const PASSPHRASE = 'correct horse battery';

beforeAll(async () => {
  await buildRenderer();
  browser = await launchBrowser();
}, 120_000);
afterAll(() => browser.close());
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

type Visit = Readonly<{ page: Page; double: Double; complaints: string[] }>;

async function visit(change?: (world: World) => void, colorScheme: 'light' | 'dark' = 'light'): Promise<Visit> {
  const double = await startDouble(change);
  const { page, complaints } = await openPage(browser, { colorScheme });
  ends.push(async () => {
    await page.context().close();
    await double.close();
  });
  await page.goto(double.url);
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  return { page, double, complaints };
}

const menu = (page: Page) => page.getByRole('button', { name: 'Northwind APIs, workspace' });

async function openDialog(page: Page): Promise<void> {
  await menu(page).press('Enter');
  await page.getByRole('menuitem', { name: 'New workspace…' }).press('Enter');
  await page.getByRole('dialog', { name: 'New workspace' }).waitFor();
}

async function fill(page: Page): Promise<void> {
  await page.getByLabel('Workspace name').fill('Halden');
  await page.getByLabel('New passphrase').fill(PASSPHRASE);
  await page.getByLabel('The same again').fill(PASSPHRASE);
}

async function violations(page: Page): Promise<string[]> {
  const { violations: found } = await new AxeBuilder({ page }).analyze();
  return found.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.target.join(' ')}`));
}

const sent = ({ world }: Double) => world.calls.filter(({ path }) => path === 'workspace.create');

test.each(['light', 'dark'] as const)(
  'by keyboard, from the menu to the line that opens it, in %s',
  async (scheme) => {
    const { page, double, complaints } = await visit(undefined, scheme);
    await openDialog(page);
    expect(await page.getByLabel('File').inputValue()).toBe('/home/mk/books.tollkeeper');
    expect(await page.getByLabel('Your name').inputValue()).toBe('Mara Keller');
    await fill(page);
    expect(await violations(page)).toEqual([]);
    await page.getByText('npx tollkeeper init /home/mk/books.tollkeeper --name Halden').waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'The workspace is made' }).waitFor();
    await page.getByText('npm start -- --workspace /home/mk/books.tollkeeper', { exact: true }).waitFor();
    expect(await violations(page)).toEqual([]);
    expect(sent(double).map(({ input }) => input)).toEqual([
      {
        file: '/home/mk/books.tollkeeper',
        name: 'Halden',
        issuer: 'Halden',
        operator: 'Mara Keller',
        passphrase: PASSPHRASE,
      },
    ]);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await expect.poll(() => menu(page).evaluate((button) => button === document.activeElement)).toBe(true);
    expect(complaints).toEqual([]);
  },
  30_000,
);

test('two passphrases that differ, and a name that is no workspace, are told before anything is sent', async () => {
  const { page, double } = await visit();
  await openDialog(page);
  await fill(page);
  await page.getByLabel('The same again').fill('correct mare battery');
  await page.getByText('The two are not the same.').waitFor();
  await page.getByLabel('The same again').fill(PASSPHRASE);
  await page.getByLabel('File').fill('/home/mk/books.db');
  await page.getByText('ends with .tollkeeper.').waitFor();
  expect(await page.getByRole('button', { name: 'Make workspace' }).isDisabled()).toBe(true);
  await page.keyboard.press('Enter');
  expect(sent(double)).toEqual([]);
});

test('a refusal says what happened, that nothing was made, and what to do; the form stays', async () => {
  const { page, double } = await visit((world) => {
    const detail = '/home/mk/books.tollkeeper exists already.';
    world.faults.set('workspace.create', { code: 'CONFLICT', detail, fix: 'Name a file that does not exist yet.' });
  });
  await openDialog(page);
  await fill(page);
  await page.keyboard.press('Enter');
  const box = page.getByRole('alert');
  await box.getByText('exists already.').waitFor();
  await box.getByText('No workspace was made').waitFor();
  await box.getByText('Name a file that does not exist yet.').waitFor();
  expect(await violations(page)).toEqual([]);
  double.world.faults.clear();
  await page.getByLabel('File').fill('halden.tollkeeper');
  await page.keyboard.press('Enter');
  await page.getByText('npm start -- --workspace /home/mk/halden.tollkeeper', { exact: true }).waitFor();
});

test('Escape closes without asking, focus goes back, and what was typed is gone', async () => {
  const { page } = await visit();
  await openDialog(page);
  await fill(page);
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await expect.poll(() => menu(page).evaluate((button) => button === document.activeElement)).toBe(true);
  await openDialog(page);
  expect(await page.getByLabel('New passphrase').inputValue()).toBe('');
});

test.each([
  [
    'a viewer',
    (world: World): void => {
      world.session = { ...world.session, permissions: ['books:read', 'customers:read', 'usage:read'] };
    },
  ],
  [
    'books that cannot be written',
    (world: World): void => {
      world.info = { ...world.info, readOnly: true };
    },
  ],
])('with %s the name is only a name', async (_who, change) => {
  const { page } = await visit(change);
  await page.getByText('Northwind APIs').first().waitFor();
  expect(await menu(page).count()).toBe(0);
});
