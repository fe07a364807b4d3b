/** Alerts, rules, webhooks and mail as a person works with them: the real core, real receivers, in Chromium. */
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NARROW, WIDE, openConsole, violations } from '../support/console-e2e.ts';
import type { Console } from '../support/console-e2e.ts';

let desk: Console;
let receiver: Server;
let hookUrl = '';
let status = 204;
const posted: string[] = [];
let postOffice: SMTPServer;
let smtpPort = 0;
const mailed: string[] = [];

beforeAll(async () => {
  receiver = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      posted.push(body);
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => void receiver.listen(0, '127.0.0.1', resolve));
  hookUrl = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/tollkeeper`;
  postOffice = new SMTPServer({
    authOptional: true,
    onData: (stream, _session, done) => {
      let text = '';
      stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
      stream.on('end', () => {
        mailed.push(text);
        done();
      });
    },
  });
  postOffice.on('error', () => undefined);
  await new Promise<void>((resolve) => {
    const server = postOffice.listen(0, '127.0.0.1', () => {
      smtpPort = (server.address() as AddressInfo).port;
      resolve();
    });
  });
  desk = await openConsole('alerts');
  await desk.client.workspace.set({ noticesToLoopback: true });
}, 180_000);
afterAll(async () => {
  await desk.close();
  await new Promise<void>((resolve) => void receiver.close(() => resolve()));
  await new Promise<void>((resolve) => void postOffice.close(() => resolve()));
});

test('a webhook is made, tried, watched over and sent again', { timeout: 120_000 }, async () => {
  const { webhooks } = desk.client;
  for (const { id } of (await webhooks.list({})).items) await webhooks.delete({ webhook: id });
  const { page, complaints, shots } = await desk.enter(WIDE);
  await page.keyboard.press('g');
  await page.keyboard.press('a');
  await page.getByRole('heading', { name: 'Alerts' }).waitFor();
  await page.getByRole('button', { name: 'Webhooks' }).click();
  await page.getByText('Notices are posted nowhere yet').waitFor();
  expect(await violations(page)).toEqual([]);
  await shots('webhooks-none');
  await page.getByRole('button', { name: 'New webhook' }).click();
  const form = page.getByRole('dialog', { name: 'New webhook' });
  await form.getByLabel('Name').fill('Ops');
  await form.getByLabel('Address').fill('hooks.example.com');
  await form.getByText('It begins with https://.').waitFor();
  await form.getByLabel('Address').fill(hookUrl);
  await page.keyboard.press('Enter');
  const secret = page.getByRole('dialog', { name: 'The secret of Ops' });
  await secret.getByText(/^whsec_/).waitFor();
  expect(await violations(page)).toEqual([]);
  await shots('secret');
  await secret.getByRole('button', { name: 'Done, I have it' }).click();
  await page.locator('main tr[data-row]', { hasText: 'Ops' }).press('Enter');
  const drawer = page.locator('[data-drawer="webhook"]');
  await drawer.getByRole('button', { name: 'Send a test' }).click();
  await drawer.locator('tr[data-row]', { hasText: 'Sent' }).waitFor();
  expect(posted).toHaveLength(1);
  status = 503;
  await drawer.getByRole('button', { name: 'Send a test' }).click();
  await drawer.locator('tr[data-row]', { hasText: /503.*next try in/ }).waitFor();
  expect(await violations(page)).toEqual([]);
  await shots('webhook');
  await drawer.getByRole('button', { name: 'New secret' }).click();
  await page.getByRole('button', { name: 'Make new secret' }).click();
  await page
    .getByRole('dialog', { name: 'The secret of Ops' })
    .getByText(/^whsec_/)
    .waitFor();
  await page.getByRole('button', { name: 'Done, I have it' }).click();
  await drawer.getByText(/2, the older one for/).waitFor();
  await page.keyboard.press('Escape');
  await expect.poll(() => new URL(page.url()).pathname).toBe('/alerts');
  await page.getByRole('button', { name: 'Delivery log' }).click();
  await page.locator('main tr[data-row]', { hasText: 'next try in' }).waitFor();
  await shots('deliveries');
  status = 204;
  await page.locator('main tr[data-row]', { hasText: 'next try in' }).press('Enter');
  const delivery = page.locator('[data-drawer="delivery"]');
  await delivery.locator('tr[data-row]', { hasText: '503' }).waitFor();
  await delivery.getByRole('button', { name: 'Send again' }).click();
  await delivery.locator('tr[data-row]', { hasText: '204' }).waitFor();
  expect(await violations(page)).toEqual([]);
  await shots('delivery');
  expect(posted).toHaveLength(3);
  expect(posted[2]).toBe(posted[1]);
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('mail is set up and tried', { timeout: 60_000 }, async () => {
  const { page, complaints, shots } = await desk.enter(NARROW);
  await page.goto(new URL('/alerts?pane=mail', page.url()).href);
  await page.getByLabel('Mail server').fill('127.0.0.1');
  await page.getByLabel('Port').fill('70000');
  await page.getByText('A number from 1 to 65535.').waitFor();
  await page.getByLabel('Port').fill(String(smtpPort));
  await page.getByLabel('Privacy of the way').selectOption('none');
  await page.getByLabel('From').fill('bills@example.com');
  await page.getByLabel('To').fill('ops@example.com, cfo@example.com');
  expect(await violations(page)).toEqual([]);
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: 'Send a test' }).click();
  await page.locator('main tr[data-row]', { hasText: 'Sent' }).waitFor();
  expect(mailed.join()).toContain('Subject: Tollkeeper: a try of this address');
  expect(await violations(page)).toEqual([]);
  await shots('mail');
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('a rule says what it will do, fires, and its alert is acknowledged', { timeout: 120_000 }, async () => {
  const { webhooks, mail } = desk.client;
  await webhooks.create({ name: 'Desk', url: hookUrl });
  const server = { host: '127.0.0.1', port: smtpPort, security: 'none', from: 'bills@example.com' } as const;
  await mail.set({ ...server, to: ['ops@example.com'] });
  const { page, complaints, shots } = await desk.enter(WIDE);
  await page.goto(new URL('/alerts?pane=rules', page.url()).href);
  await page.getByText('Nothing is watched yet').waitFor();
  expect(await violations(page)).toEqual([]);
  await shots('rules-none');
  await page.getByRole('link', { name: 'New rule' }).first().click();
  const drawer = page.locator('[data-drawer="rule"]');
  await drawer.getByLabel('Name').fill('Runs low');
  await drawer.getByLabel('Fires below').fill('1000000.5');
  await drawer.getByLabel('Over when it rose above that by').fill('10');
  await drawer.getByLabel('Tells', { exact: true }).selectOption('chosen');
  await drawer.getByLabel('Desk').check();
  await drawer.getByLabel('Mail', { exact: true }).check();
  await drawer
    .getByText(/^Tells webhook Desk and mail when any customer’s USDC balance is below 1.000.000\.50 USDC/)
    .waitFor();
  await drawer.getByLabel('Over when it rose above that by').fill('-1');
  await drawer.getByText('Zero or more.').waitFor();
  await drawer.getByLabel('Over when it rose above that by').fill('10');
  expect(await violations(page)).toEqual([]);
  await shots('new-rule');
  await drawer.getByRole('button', { name: 'Begin to watch' }).click();
  await page.locator('main tr[data-row]', { hasText: 'Tells webhook Desk and mail' }).waitFor();
  await shots('rules');
  await page.getByRole('button', { name: 'Open', exact: true }).click();
  await page.locator('main tr[data-row]', { hasText: 'left to spend' }).first().waitFor();
  const rail = page.getByRole('navigation', { name: 'Screens' }).getByRole('link', { name: /Alerts/ });
  await expect.poll(() => rail.innerText()).toMatch(/\d/);
  const before = Number((await rail.innerText()).replaceAll(/\D/g, ''));
  expect(await violations(page)).toEqual([]);
  await shots('open');
  await page.keyboard.press('g');
  await page.keyboard.press('o');
  await page
    .getByRole('link', { name: /^Look: .* left to spend/ })
    .first()
    .press('Enter');
  const alert = page.locator('[data-drawer="alert"]');
  await alert.locator('tr[data-row]', { hasText: 'Mail' }).waitFor();
  expect(await violations(page)).toEqual([]);
  await shots('alert');
  await alert.getByRole('button', { name: 'Acknowledge' }).click();
  await alert.getByText('Open, seen').waitFor();
  await expect.poll(async () => Number((await rail.innerText()).replaceAll(/\D/g, ''))).toBe(before - 1);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Rules' }).click();
  await page.locator('main tr[data-row]').first().press('Enter');
  await drawer.getByLabel('Fires below').fill('0.1');
  await drawer.getByLabel('Over when it rose above that by').fill('0');
  await drawer.getByRole('button', { name: 'Save' }).click();
  await page.locator('main tr[data-row]', { hasText: 'below 0.10 USDC' }).waitFor();
  await page.getByRole('button', { name: 'Past' }).click();
  await page.locator('main tr[data-row]', { hasText: 'left to spend' }).first().waitFor();
  await shots('past');
  await page.getByRole('button', { name: 'Rules' }).click();
  await page.getByRole('switch', { name: 'On' }).click();
  await page.locator('main tr[data-row]', { hasText: 'Off; switched on, it tells' }).waitFor();
  await page.locator('main tr[data-row]').first().press('Enter');
  await drawer.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('button', { name: 'Delete the rule' }).click();
  await page.getByText('Nothing is watched yet').waitFor();
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('who may not see where notices go is told so, and may still look', { timeout: 60_000 }, async () => {
  const { page, complaints, shots, leave } = await desk.enterAs('viewer');
  await page.goto(new URL('/alerts?pane=webhooks', page.url()).href);
  await page.getByText('Only admins see webhooks').waitFor();
  await shots('viewer');
  expect(await page.getByRole('link', { name: 'New rule' }).count()).toBe(0);
  for (const [pane, words] of [
    ['mail', 'Only admins see mail'],
    ['deliveries', 'Only admins see deliveries'],
    ['rules', 'Nothing is watched yet'],
  ] as const) {
    await page.goto(new URL(`/alerts?pane=${pane}`, page.url()).href);
    await page.getByText(words).waitFor();
  }
  expect(await violations(page)).toEqual([]);
  await page.goto(new URL('/usage/import', page.url()).href);
  await page.getByText('Your role does not take usage in').waitFor();
  await page.goto(new URL('/leaks', page.url()).href);
  await page.getByRole('button', { name: 'Look for leaks' }).waitFor();
  expect(await page.getByRole('button', { name: 'Enter a unit cost' }).count()).toBe(0);
  await leave();
  expect(complaints).toEqual([]);
  await page.context().close();
});
