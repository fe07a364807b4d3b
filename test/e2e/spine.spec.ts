/** The whole product as one person meets it: the real core with its sample, its gateway and the console in Chromium. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SAMPLE_OPERATOR } from '#core/runtime/sample.ts';
import { start } from '#core/runtime/start.ts';
import type { Started } from '#core/runtime/start.ts';
import { buildRenderer } from '../../build/renderer.ts';
import { launchBrowser, openPage } from '../support/browser.ts';

const folder = mkdtempSync(join(tmpdir(), 'tollkeeper-spine-'));
let started: Started;
let browser: Browser;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  await buildRenderer();
  const workspace = join(folder, 'sample.tollkeeper');
  started = await start({ host: 'none', workspace, fresh: true, logLevel: 'error' });
  browser = await launchBrowser();
  ({ page, complaints } = await openPage(browser));
  await page.goto(started.consoleUrl);
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
}, 60_000);

afterAll(async () => {
  await browser.close();
  await started.close();
  rmSync(folder, { recursive: true, force: true });
});

const screen = (name: string): Promise<void> =>
  page.getByRole('navigation').getByRole('link', { name }).first().click();
const drawer = () => page.locator('[data-drawer]').last();

async function openCustomer(name: string): Promise<void> {
  await screen('Customers');
  await page.locator('main').getByRole('link', { name, exact: true }).first().click();
  await drawer().getByRole('heading', { name }).waitFor();
}

/** Sends to the gateway as a customer's server does. */
async function send(body: unknown, type: string): Promise<number> {
  const response = await fetch(`${started.gatewayUrl}${type === 'application/json' ? '/v1/usage' : '/api/v1/events'}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${started.sampleKey ?? ''}`, 'content-type': type },
    body: JSON.stringify(body),
  });
  await response.arrayBuffer();
  return response.status;
}

/** The events of today as the overview says them; waits for no reload. */
const eventsToday = async (): Promise<number> => {
  const figure = page.locator('main div', { has: page.getByText('Events today', { exact: true }) }).last();
  return Number(/Events today\s*([\d\s]+)/.exec(await figure.innerText())?.[1]?.replace(/\D/g, ''));
};

describe('a day with the sample', () => {
  test('the overview shows whose data it is and what needs a person', async () => {
    await page.getByText('Sample data', { exact: true }).waitFor();
    const needs = page.getByRole('region', { name: 'Needs you' });
    for (const words of ['12 events wait unrated', '2 invoices to finalize', 'came twice with different bodies'])
      await needs.getByText(words).waitFor();
    expect(await eventsToday()).toBeGreaterThan(0);
    expect(new URL(page.url()).pathname).toBe('/');
  });

  test('usage sent to the gateway in both dialects appears without a reload', async () => {
    await page.evaluate(() => Object.assign(window, { stayed: true }));
    const before = await eventsToday();
    const own = { source: 'spine', id: 'own-1', customer: 'halden', meter: 'api.requests', quantity: '7' };
    expect(await send({ events: [own] }, 'application/json')).toBe(200);
    const cloud = {
      specversion: '1.0',
      id: 'cloud-1',
      source: 'spine',
      type: 'api.requests',
      subject: 'halden',
      data: { requests: 3, endpoint: 'POST /v1/verify' },
    };
    expect(await send(cloud, 'application/cloudevents+json')).toBe(204);
    await expect.poll(eventsToday, { timeout: 8_000 }).toBe(before + 2);
    const recent = page.getByRole('region', { name: 'Recent events' });
    await recent.getByText('own-1').waitFor();
    await recent.getByText('cloud-1').waitFor();
    expect(await page.evaluate(() => 'stayed' in window)).toBe(true);
  });

  test('credit that was granted is in the customer’s ledger', async () => {
    await openCustomer('Tern & Sons');
    await page.getByRole('button', { name: 'Grant credit' }).click();
    await page.getByLabel('Amount').fill('75.25');
    await page.getByRole('button', { name: /^Grant 75.25/ }).click();
    await page.getByRole('dialog', { name: /Grant credit/ }).waitFor({ state: 'detached' });
    await page.getByRole('tab', { name: 'Ledger' }).click();
    await drawer().getByText('+75.250').first().waitFor();
  });

  test('a draft is finalized, gets its number and explains each of its lines', async () => {
    await screen('Invoices');
    await page.locator('main').getByRole('button', { name: 'Drafts' }).click();
    await page.locator('main tr[data-row]').first().click();
    await drawer()
      .getByRole('button', { name: /^Finalize/ })
      .click();
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /^Finalize/ })
      .click();
    await drawer()
      .getByRole('heading', { name: /^\d{4}-\d{6}$/ })
      .waitFor();
    const lines = drawer().locator('tr[data-row]');
    const count = await lines.count();
    expect(count).toBeGreaterThan(0);
    await lines.last().click();
    await page.getByText('Recomputed just now, agrees with the books').waitFor();
    const why = page.getByRole('region', { name: /Why/ }).last();
    expect(await why.getByText('checked').count()).toBeGreaterThanOrEqual(3);
    expect(await why.getByText('does not agree').count()).toBe(0);
  });

  test('a key is made and its secret is seen once', async () => {
    await openCustomer('Halden Labs');
    await page.getByRole('tab', { name: 'API keys' }).click();
    await page.getByRole('button', { name: 'New key' }).click();
    await page.getByLabel('Name', { exact: true }).fill('Spine server');
    await page.getByRole('button', { name: 'Make key' }).click();
    const secret = await page
      .getByRole('dialog')
      .getByText(/tk_live_[0-9a-f]{64}/)
      .innerText();
    await page.getByRole('button', { name: 'Done, I have it' }).click();
    await drawer().getByText('Spine server').first().waitFor();
    expect(await page.content()).not.toContain(secret.trim());
  });

  test('a lock hides the books until the passphrase comes', async () => {
    await page.getByRole('button', { name: /sample/ }).click();
    await page.getByRole('menuitem', { name: 'Lock' }).click();
    await page.getByText('Locked, sample').waitFor();
    expect(await page.getByText('Halden Labs').first().isVisible()).toBe(false);
    await page.getByLabel('Passphrase').fill(SAMPLE_OPERATOR.passphrase);
    await page.getByRole('button', { name: 'Unlock' }).click();
    await page.getByText('Locked, sample').waitFor({ state: 'detached' });
    await page.getByRole('heading', { name: 'Halden Labs' }).waitFor();
  });

  test('the books prove themselves after all of it', async () => {
    await screen('Overview');
    await page.getByRole('button', { name: 'Verify now' }).click();
    await page.getByText(/The books hold up to block/).waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
    await page.getByText(/Books verified/).waitFor();
  });

  test('nothing was said on the console that the page should not say', () => {
    expect(complaints).toEqual([]);
  });
});

describe.each(['light', 'dark'] as const)('in %s', (colorScheme) => {
  test.each(['overview', 'customer', 'explanation'])('the %s is clean for axe', async (place) => {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    if (place === 'overview') await screen('Overview');
    if (place === 'customer') await openCustomer('Pelican AI');
    if (place === 'explanation') {
      await screen('Invoices');
      await page.locator('main').getByRole('button', { name: 'Paid' }).click();
      await page.locator('main tr[data-row]').first().click();
      await drawer().locator('tr[data-row]').last().click();
      await page.getByText('Recomputed just now').waitFor();
    }
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.target.join(' ')}`))).toEqual([]);
    expect(complaints).toEqual([]);
  });
});
