/**
 * The console against its double: states, keyboard, accessibility and the content policy. What the core decides is
 * tested on the core.
 */
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser, openPage } from '../support/browser.ts';
import type { Watched } from '../support/browser.ts';
import { startDouble } from '../support/console-double.ts';
import type { Double } from '../support/console-double.ts';
import { emptyWorld } from '../support/console-double-world.ts';
import type { World } from '../support/console-double-world.ts';
import { buildRenderer } from '../../build/renderer.ts';

let browser: Browser;
const open: { double: Double; watched: Watched }[] = [];

beforeAll(async () => {
  await buildRenderer();
  browser = await launchBrowser();
}, 120_000);
afterAll(() => browser.close());
afterEach(async () => {
  for (const { double, watched } of open.splice(0)) {
    await watched.page.context().close();
    await double.close();
  }
});

async function visit(
  path: string,
  change?: (world: World) => void,
  scheme: 'light' | 'dark' = 'light',
): Promise<Watched & { double: Double }> {
  const double = await startDouble(change);
  const watched = await openPage(browser, { colorScheme: scheme });
  open.push({ double, watched });
  await watched.page.goto(double.url + path);
  return { ...watched, double };
}

async function violations(page: Page): Promise<string[]> {
  const { violations: found } = await new AxeBuilder({ page }).analyze();
  return found.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.target.join(' ')}`));
}

const PLACES: readonly (readonly [string, string, string | null])[] = [
  ['the overview', '/', null],
  ['customers', '/customers', null],
  ['a new customer', '/customers/new', null],
  ['invoices', '/invoices', null],
  ['usage', '/usage', null],
  ['the unrated queue', '/usage?show=unrated', null],
  ['the ledger', '/ledger', null],
  ['every component', '/dev/ui', null],
  ['a customer', '/customers', 'Halden Labs'],
  ['an invoice', '/invoices?state=finalized', '2026-001202'],
];

describe.each(['light', 'dark'] as const)('in %s', (scheme) => {
  test.each(PLACES)(
    '%s is clean for axe and the content policy',
    async (_name, path, row) => {
      const { page, complaints } = await visit(path, undefined, scheme);
      await page.locator('main h1').first().waitFor();
      await page.locator('main tr[data-row], main form, main li').first().waitFor();
      if (row !== null) {
        await page.locator('main').getByRole('link', { name: row }).first().click();
        await page.locator('[data-drawer] [role="tabpanel"], [data-drawer] tr[data-row]').first().waitFor();
      }
      expect(await violations(page)).toEqual([]);
      expect(complaints).toEqual([]);
    },
    30_000,
  );

  test('the sign-in, lock, palette and grant dialog are clean for axe', async () => {
    const { page, double, complaints } = await visit(
      '/customers',
      (world) => {
        world.session = world.signedOut;
      },
      scheme,
    );
    await page.getByText('Sign in to Northwind APIs').waitFor();
    expect(await violations(page)).toEqual([]);
    double.world.session = {
      ...double.world.session,
      locked: true,
      operator: {
        id: 'opr_01kaaaaaaaa01',
        name: 'Mara Keller',
        role: 'admin',
        publicKey: '',
        createdMs: 0,
        lastSeenMs: null,
        disabled: false,
      },
    };
    await page.reload();
    await page.getByText('Locked, Mara Keller').waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByLabel('Passphrase').fill('wrong');
    await page.getByRole('button', { name: 'Unlock' }).click();
    await page.getByText('do not belong together').waitFor();
    expect(complaints).toEqual([]);
  }, 30_000);
});

describe('an empty workspace', () => {
  test.each([
    ['/', 'Nothing waits for you'],
    ['/customers', 'No customers yet'],
    ['/invoices', 'No invoices yet'],
    ['/usage', 'No events yet'],
    ['/usage?show=unrated', 'Nothing is unrated'],
    ['/ledger', 'The books are empty'],
  ])('%s says what it will show', async (path, words) => {
    const { page, complaints } = await visit(path, emptyWorld);
    await page.getByText(words).first().waitFor();
    expect(await violations(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });
});

describe('a failing core', () => {
  test.each([
    ['/', 'workspace.overview'],
    ['/customers', 'customers.list'],
    ['/invoices', 'invoices.list'],
    ['/usage', 'usage.list'],
    ['/ledger', 'ledger.entries'],
  ])('%s says what happened, what it means for the money and what to do', async (path, call) => {
    const { page, double } = await visit(path, (world) => {
      world.faults.set(call, {
        code: 'INTERNAL',
        detail: 'The page of the index is torn.',
        fix: 'Run tollkeeper verify.',
      });
    });
    const box = page.getByRole('alert').first();
    await box.getByText('The page of the index is torn.').waitFor();
    await box.getByText(/nothing was charged/i).waitFor();
    await box.getByText('Run tollkeeper verify.').waitFor();
    double.world.faults.clear();
    await box.getByRole('button', { name: 'Try again' }).click();
    await box.waitFor({ state: 'detached' });
  });

  test('a list that never answers says that it is reading', async () => {
    const { page } = await visit('/customers', (world) => world.stuck.add('customers.list'));
    await page.getByRole('status', { name: 'Reading customers' }).waitFor();
  });
});

describe('by keyboard', () => {
  test('from the overview to a line’s explanation and back, without a mouse', async () => {
    const { page } = await visit('/');
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('i');
    // The overview has a list as well: stepping begins when the invoices are there.
    await page.getByRole('heading', { name: 'Invoices', level: 1 }).waitFor();
    await page.locator('main tr[data-row]').first().waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: '2026-001202' }).waitFor();
    await page.locator('[data-drawer] tr[data-row]').first().waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.getByText('Recomputed just now, agrees with the books').waitFor();
    expect(new URL(page.url()).pathname).toMatch(/\/lines\/lin_/);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await page.locator('[data-drawer]').waitFor({ state: 'detached' });
    expect(await page.evaluate(() => document.activeElement?.getAttribute('data-index'))).toBe('2');
  });

  test('the palette finds a customer and goes there', async () => {
    const { page } = await visit('/');
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.keyboard.press('Control+k');
    await page.keyboard.type('pelican');
    await page
      .getByRole('option', { name: /Pelican AI/ })
      .first()
      .waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Pelican AI' }).waitFor();
  });
});

describe('acting', () => {
  test('a grant carries one key per opening of its form, however often it is sent', async () => {
    const { page, double } = await visit('/customers');
    await page.getByRole('link', { name: 'Halden Labs' }).click();
    await page.getByRole('button', { name: 'Grant credit' }).click();
    double.world.faults.set('credits.grant', { code: 'BUSY', detail: 'The writer is busy.', fix: 'Try again.' });
    await page.getByLabel('Amount').fill('25.50');
    await page.getByRole('button', { name: /^Grant 25.50/ }).click();
    await page.getByText('cannot grant twice').waitFor();
    double.world.faults.clear();
    await page.getByRole('button', { name: /^Grant 25.50/ }).click();
    await page.getByRole('dialog', { name: /Grant credit/ }).waitFor({ state: 'detached' });
    const inputs = double.world.calls
      .filter((call) => call.path === 'credits.grant')
      .map((call) => call.input as { key: string; amountMinor: string });
    expect(new Set(inputs.map((input) => input.key)).size).toBe(1);
    expect(inputs.map((input) => input.amountMinor)).toEqual(['25500000', '25500000']);
  });

  test('a key’s secret is shown once', async () => {
    const { page } = await visit('/customers');
    await page.getByRole('link', { name: 'Halden Labs' }).click();
    await page.getByRole('tab', { name: 'API keys' }).click();
    await page.getByRole('button', { name: 'New key' }).click();
    await page.getByLabel('Name', { exact: true }).fill('Test server');
    await page.getByRole('button', { name: 'Make key' }).click();
    await page.getByText('tk_live_n3wK_not-a-real-secret').waitFor();
    await page.getByRole('button', { name: 'Done, I have it' }).click();
    expect(await page.getByText('not-a-real-secret').count()).toBe(0);
  });

  test('verifying shows its end and keeps the result', async () => {
    const { page } = await visit('/ledger');
    await page.getByRole('button', { name: 'Verify now' }).click();
    await page.getByText(/The books hold up to block/).waitFor();
  });
});

describe('live', () => {
  test('a change refreshes what it touches, and a lost connection is caught up from the last sequence', async () => {
    const { page, double } = await visit('/customers');
    await page.getByRole('link', { name: 'Halden Labs' }).waitFor();
    const change = (sequence: string, type: string) => ({
      sequence,
      type,
      customer: null,
      id: null,
      recordedMs: Date.now(),
      count: 1,
    });
    const rename = (name: string): void => {
      const [row] = double.world.customers;
      if (row) row.customer.name = name;
    };
    rename('Halden Research');
    double.world.changes.push(change('1', 'customer.updated'));
    await page.getByRole('link', { name: 'Halden Research' }).waitFor();
    double.drop();
    rename('Halden Institute');
    double.world.changes.push(change('2', 'customer.updated'));
    await page.getByRole('link', { name: 'Halden Institute' }).waitFor();
    const asked = double.world.calls.filter((call) => call.path === 'workspace.changes').map((call) => call.input);
    expect(asked.at(-1)).toEqual({ after: '1' });
  });

  test('a lock anywhere hides the page and keeps what was typed', async () => {
    const { page, double } = await visit('/customers/new');
    await page.getByLabel('Name', { exact: true }).fill('Half typed');
    double.world.session = { ...double.world.session, locked: true };
    double.world.changes.push({
      sequence: '1',
      type: 'customer.updated',
      customer: null,
      id: null,
      recordedMs: Date.now(),
      count: 1,
    });
    await page.getByText('Locked, Mara Keller').waitFor();
    expect(await page.getByText('Halden Labs').first().isVisible()).toBe(false);
    await page.getByLabel('Passphrase').fill(double.world.passphrase);
    await page.getByRole('button', { name: 'Unlock' }).click();
    await page.getByText('Locked, Mara Keller').waitFor({ state: 'detached' });
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Half typed');
  });
});
