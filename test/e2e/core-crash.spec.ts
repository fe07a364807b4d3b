/**
 * A core that is killed under an open window: the page says so, comes back by itself to the next core, keeps what was
 * typed, and shows what came meanwhile. The core is a process of its own, on a workspace that a person made.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { attach } from '#core/cli/attach.ts';
import { openForReading } from '#core/ledger/open.ts';
import { verify } from '#core/ledger/verify.ts';
import { buildRenderer } from '../../build/renderer.ts';
import { launchBrowser, openPage } from '../support/browser.ts';
import { makeNew, violations } from '../support/console-e2e.ts';
import { killAll, serve } from '../support/core-process.ts';
import type { CoreProcess } from '../support/core-process.ts';
import { ADMIN, PASSPHRASE } from '../support/workspace.ts';

const folder = mkdtempSync(join(tmpdir(), 'tollkeeper-core-crash-'));
const file = join(folder, 'books.tollkeeper');
let browser: Browser;
let core: CoreProcess;
let secret = '';

beforeAll(async () => {
  await buildRenderer();
  await makeNew(file);
  core = await serve(file, { console: '0', gateway: '0' });
  browser = await launchBrowser();
  const connection = await attach(file);
  await connection?.client.session.signIn(ADMIN);
  await connection?.client.customers.create({ name: 'Alba Freight', externalId: 'alba', plan: null });
  const made = await connection?.client.keys.create({ name: 'server', scopes: ['usage:write'] });
  secret = made?.secret ?? '';
  await connection?.close();
}, 180_000);
afterAll(async () => {
  killAll();
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Sends one event; null where the core is gone, as its customers' servers find it. */
async function send(id: string): Promise<number | null> {
  try {
    const response = await fetch(`${core.gatewayUrl}/v1/usage`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        events: [{ source: 'crash', id, customer: 'alba', meter: 'api.requests', quantity: '1' }],
      }),
    });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return null;
  }
}

/** What the books say of it, after they proved. */
function facts() {
  const connection = openForReading(file);
  try {
    expect(verify(connection).problem).toBeNull();
    const grants = connection.prepare('SELECT count(*) FROM credit_grant').pluck().get();
    const ids = connection.prepare("SELECT id FROM event WHERE source = 'crash' ORDER BY id").pluck().all();
    return { grants, ids };
  } finally {
    connection.close();
  }
}

test('the page comes back with what was typed, and with what came meanwhile', { timeout: 120_000 }, async () => {
  const { page, complaints } = await openPage(browser);
  await page.goto(core.consoleUrl);
  await page.getByLabel('Passphrase').fill(PASSPHRASE);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  await page.evaluate(() => Object.assign(window, { stayed: true }));
  expect(await send('before')).toBe(200);
  await page.getByRole('region', { name: 'Recent events' }).getByText('before').waitFor();
  await page.keyboard.press('g');
  await page.keyboard.press('c');
  await page.locator('main tr[data-row]').first().press('Enter');
  await page.getByRole('button', { name: 'Grant credit' }).click();
  const form = page.getByRole('dialog', { name: 'Grant credit to Alba Freight' });
  await form.getByLabel('Asset').selectOption('USDC/6');
  await form.getByLabel('Amount').fill('12.5');
  await form.getByLabel('Note').fill('Half typed when it fell');

  const ports = { console: new URL(core.consoleUrl).port, gateway: new URL(core.gatewayUrl).port };
  await core.kill();
  await page.getByText('The core does not answer. It is tried again by itself').waitFor();
  expect(await send('lost')).toBeNull();
  expect(await violations(page)).toEqual([]);
  core = await serve(file, ports);
  // Sent before the page is back: only a page that asks from its last sequence on shows it.
  expect(await send('meanwhile')).toBe(200);
  expect(await send('lost')).toBe(200);

  await page.getByText('Sign in to Northwind').waitFor({ timeout: 20_000 });
  for (const known of await page.getByText('Alba Freight').all()) expect(await known.isVisible()).toBe(false);
  await page.keyboard.press('Escape');
  await page.keyboard.type(PASSPHRASE);
  await page.keyboard.press('Enter');
  await page.getByText('The core does not answer').waitFor({ state: 'detached' });
  expect(await form.getByLabel('Amount').inputValue()).toBe('12.5');
  expect(await form.getByLabel('Note').inputValue()).toBe('Half typed when it fell');
  await form.getByRole('button', { name: /^Grant 12.5/ }).click();
  await form.waitFor({ state: 'detached' });
  await page.keyboard.press('Escape');
  await page.keyboard.press('g');
  await page.keyboard.press('o');
  const recent = page.getByRole('region', { name: 'Recent events' });
  for (const id of ['before', 'meanwhile', 'lost']) await recent.getByText(id).waitFor();
  expect(await page.evaluate(() => 'stayed' in window)).toBe(true);
  // A socket that cannot be opened is told by the browser itself, in its own words.
  expect(complaints.filter((said) => !/WebSocket connection to .* failed/.test(said))).toEqual([]);
  await page.context().close();

  await core.kill();
  expect(facts()).toEqual({ grants: 1, ids: ['before', 'lost', 'meanwhile'] });
});
