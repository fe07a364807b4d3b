/** The settings as an admin keeps a workspace safe with them: the real core with its sample, in Chromium. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { start } from '#core/runtime/start.ts';
import type { Started } from '#core/runtime/start.ts';
import { buildRenderer } from '../../build/renderer.ts';
import { launchBrowser, openPage } from '../support/browser.ts';
import { inEveryLook, violations } from '../support/looks.ts';

const folder = mkdtempSync(join(tmpdir(), 'tollkeeper-settings-'));
const SHOTS = join(import.meta.dirname, '..', '..', '.cache', 'shots');
let browser: Browser;
let started: Started;
let cookies: Awaited<ReturnType<BrowserContext['storageState']>> | undefined;

beforeAll(async () => {
  mkdirSync(SHOTS, { recursive: true });
  await buildRenderer();
  browser = await launchBrowser();
  started = await start({ host: 'none', workspace: join(folder, 'sample.tollkeeper'), fresh: true, logLevel: 'error' });
}, 120_000);
afterAll(async () => {
  await browser.close();
  await started.close();
  rmSync(folder, { recursive: true, force: true });
});

async function enter(scheme: 'light' | 'dark', width: number, height: number) {
  const look = { colorScheme: scheme, viewport: { width, height } };
  const { page, complaints } = await openPage(browser, cookies ? { ...look, storageState: cookies } : look);
  page.setDefaultTimeout(20_000);
  await page.goto(cookies ? new URL('/', started.consoleUrl).href : started.consoleUrl);
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  // The address of a start opens one session; the second page goes on with it.
  cookies = await page.context().storageState();
  await page.keyboard.press('g');
  await page.keyboard.press('s');
  await page.getByRole('heading', { name: 'Settings' }).waitFor();
  const shot = (name: string) => page.screenshot({ path: join(SHOTS, `settings-${name}-${scheme}-${width}.png`) });
  const open = async (name: string): Promise<void> => {
    await page.getByRole('tab', { name, exact: true }).click();
    await page.getByRole('tabpanel', { name, exact: true }).waitFor();
  };
  return { page, complaints, shot, open };
}

test('a backup is made and tried, and what came of it stays', { timeout: 120_000 }, async () => {
  const { page, complaints, shot, open } = await enter('light', 1440, 900);
  await page.getByText('sample.tollkeeper').first().waitFor();
  expect(await inEveryLook(page, 'settings-workspace')).toEqual([]);
  await page.getByLabel('Lock after').selectOption({ label: '30 min' });
  await page.getByRole('button', { name: 'Save changes' }).click();
  await page.getByText('Settings saved').waitFor();
  await open('Backup');
  await page.getByText('No backup was made yet').waitFor();
  expect(await inEveryLook(page, 'settings-backup-none')).toEqual([]);
  await page.getByRole('button', { name: 'Back up now' }).click();
  const dialog = page.getByRole('dialog', { name: 'Back up now' });
  await dialog.getByLabel('To file').fill('kept.tollkeeper');
  await shot('backup-ask');
  await dialog.getByRole('button', { name: 'Start backup' }).click();
  await page.getByRole('region', { name: 'Backup ended' }).waitFor({ timeout: 60_000 });
  expect(existsSync(join(folder, 'kept.tollkeeper'))).toBe(true);
  await page.getByRole('button', { name: 'Try the last backup' }).click();
  await page.getByRole('region', { name: 'Restore drill ended' }).waitFor({ timeout: 60_000 });
  expect(await page.getByText('Restored and proven').count()).toBeGreaterThan(0);
  expect(readdirSync(folder).filter((name) => name.includes('drill'))).toEqual([]);
  const rows = page.locator('table[aria-label="backups and drills"] tr[data-row]');
  expect(await rows.count()).toBe(2);
  // The result stays when the screen was left.
  await page.getByRole('tab', { name: 'Keys', exact: true }).click();
  await open('Backup');
  await page.getByRole('region', { name: 'Last restore drill' }).getByText('Restored and proven').waitFor();
  expect(await inEveryLook(page, 'settings-backup')).toEqual([]);
  rmSync(join(folder, 'kept.tollkeeper'));
  await page.getByRole('button', { name: 'Try the last backup' }).click();
  await page.getByText('The file is not there any more.').first().waitFor();
  expect(await violations(page)).toEqual([]);
  await shot('drill-failed');
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('keys to look at, operators, limits, networks and licences', { timeout: 120_000 }, async () => {
  const { page, complaints, shot, open } = await enter('dark', 1024, 700);
  await open('Keys');
  await page.getByRole('button', { name: 'New key' }).click();
  const made = page.getByRole('dialog', { name: 'New API key of the workspace' });
  await made.getByLabel('Name').fill('importer');
  await made.getByRole('button', { name: 'Make key' }).click();
  await page.getByRole('button', { name: 'Done, I have it' }).click();
  await page.getByRole('button', { name: 'To look at' }).click();
  await page.locator('main tr[data-row]', { hasText: 'importer' }).filter({ hasText: 'No customer' }).waitFor();
  expect(await inEveryLook(page, 'settings-keys')).toEqual([]);
  await page.getByRole('button', { name: 'Revoke importer' }).click();
  await page.getByRole('button', { name: 'Revoke key now' }).click();
  await expect.poll(() => page.locator('main tr[data-row]', { hasText: 'importer' }).count()).toBe(0);
  await open('Operators');
  await page.getByRole('button', { name: 'Change sample' }).click();
  await page.getByLabel('Role').selectOption('viewer');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('sample is the last admin.').waitFor();
  await shot('last-admin');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: 'Add operator' }).click();
  const add = page.getByRole('dialog', { name: 'Add operator' });
  await add.getByLabel('Name').fill('mira');
  await add.getByLabel('First passphrase').fill('a long enough one');
  await add.getByLabel('The same again').fill('another one');
  await add.getByText('The two are not the same.').waitFor();
  await add.getByLabel('The same again').fill('a long enough one');
  expect(await violations(page)).toEqual([]);
  await add.getByRole('button', { name: 'Add operator' }).click();
  await page.locator('main tr[data-row]', { hasText: 'mira' }).filter({ hasText: 'billing' }).waitFor();
  await page.getByRole('button', { name: 'Look again' }).click();
  await page.locator('table[aria-label="sessions"] tr[data-row]', { hasText: 'this session' }).waitFor();
  expect(await inEveryLook(page, 'settings-operators')).toEqual([]);
  await open('Gateway');
  await page.getByText('Rate limits by plan').waitFor();
  await page.locator('main tr[data-row]', { hasText: 'Growth' }).waitFor();
  expect(await inEveryLook(page, 'settings-gateway')).toEqual([]);
  await open('Network');
  await page.locator('main tr[data-row]', { hasText: '0G' }).first().waitFor();
  expect(await inEveryLook(page, 'settings-network')).toEqual([]);
  await open('Licences');
  await page.getByLabel('Find a package').fill('react@19');
  await page.locator('main tr[data-row]', { hasText: 'react' }).first().press('Enter');
  await page.locator('[data-drawer="licence"]').getByText('Permission is hereby granted').waitFor();
  expect(await inEveryLook(page, 'settings-licences')).toEqual([]);
  await page.reload();
  await page.locator('[data-drawer="licence"]').getByText('Permission is hereby granted').waitFor();
  await page.keyboard.press('Escape');
  await expect.poll(() => new URL(page.url()).searchParams.get('package')).toBeNull();
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('a reviewer from outside is added by their key, and removed', { timeout: 120_000 }, async () => {
  const { page, complaints, open } = await enter('light', 1440, 900);
  await open('Operators');
  const panel = page.getByRole('region', { name: 'Reviewers from outside' });
  await panel.getByText('Nobody from outside').waitFor();
  await panel.getByRole('button', { name: 'Add reviewer' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Ines Auditor');
  await page.getByRole('textbox', { name: 'Public key' }).fill('not a key');
  await page.getByText('A key has 64 digits').waitFor();
  expect(await page.getByRole('dialog').getByRole('button', { name: 'Add reviewer' }).isDisabled()).toBe(true);
  await page.getByRole('textbox', { name: 'Public key' }).fill('0f'.repeat(32));
  await page.keyboard.press('Enter');
  await panel.getByText('Ines Auditor').waitFor();
  expect(await inEveryLook(page, 'settings-reviewers')).toEqual([]);
  await panel.getByRole('button', { name: 'Remove Ines Auditor' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click();
  await panel.getByText('Nobody from outside').waitFor();
  expect(complaints).toEqual([]);
  await page.context().close();
});
