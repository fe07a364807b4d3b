/**
 * The console in a window of its own, where Electron's binary is installed; and everywhere the same build in Chromium,
 * under the headers, with the preload and over the port of such a window.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import { _electron } from 'playwright-core';
import type { ElectronApplication, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { electronBinary } from '../../build/desktop/binary.ts';
import { DESKTOP, PRELOAD_FILE, bundleDesktop } from '../../build/desktop/bundle.ts';
import { buildRenderer } from '../../build/renderer.ts';
import { answerScheme } from '../../electron/main/scheme.ts';
import { openCore } from '#core/runtime/core.ts';
import { openWindowDoor } from '#core/serve/window-door.ts';
import { createRouter } from '#core/services/router.ts';
import { launchBrowser, openPage } from '../support/browser.ts';
import { PASSPHRASE, SILENT, makeWorkspace, scratch } from '../support/workspace.ts';

const executablePath = electronBinary();
const hasDisplay = process.platform !== 'linux' || Boolean(process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY']);
const why = executablePath === undefined ? "Electron's binary is not installed" : 'there is no display';
const { folder, dispose } = scratch();
afterAll(dispose);

describe.skipIf(executablePath === undefined || !hasDisplay)(`the desktop (skipped where ${why})`, () => {
  const file = join(folder, 'books.tollkeeper');
  let desktop: ElectronApplication;

  beforeAll(async () => {
    await buildRenderer();
    await bundleDesktop();
    await makeWorkspace(file);
    desktop = await _electron.launch({
      ...(executablePath === undefined ? {} : { executablePath }),
      args: [DESKTOP, `--workspace=${file}`, '--chains=none', `--user-data-dir=${join(folder, 'data')}`],
    });
  }, 60_000);
  afterAll(() => desktop.close());

  test('signs in over the port, and the policy refuses nothing of the console', async () => {
    const page = await desktop.firstWindow();
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    await page.getByLabel('Passphrase').fill(PASSPHRASE);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('main h1').first().waitFor();
    expect(new URL(page.url()).protocol).toBe('app:');
    expect(complaints).toEqual([]);
  });

  test('has nothing of Node in its page, and reaches nothing but itself', async () => {
    const page = await desktop.firstWindow();
    const found = await page.evaluate(async () => ({
      names: ['require', 'process', 'module', 'Buffer', 'electron'].filter((name) => name in globalThis),
      network: await fetch('https://example.com/').then(
        () => 'reached',
        () => 'refused',
      ),
      opened: window.open('https://example.com/') === null,
    }));
    expect(found).toEqual({ names: [], network: 'refused', opened: true });
  });

  test('comes back after its core was killed', async () => {
    const page = await desktop.firstWindow();
    const killed = await desktop.evaluate(({ app }) => {
      const core = app.getAppMetrics().find(({ name }) => name === 'Tollkeeper core');
      return core !== undefined && process.kill(core.pid, 'SIGKILL');
    });
    expect(killed).toBe(true);
    await page.getByLabel('Passphrase').waitFor({ timeout: 20_000 });
  });
});

/** Loads the built preload into a page of Chromium. Its channel to the shell is a binding that carries text. */
async function withPreload(page: Page, ask: () => void, toCore: (message: string) => void): Promise<void> {
  await page.exposeFunction('askShell', ask);
  await page.exposeFunction('sendToCore', toCore);
  const preload = readFileSync(join(DESKTOP, PRELOAD_FILE), 'utf8');
  await page.addInitScript(`{
    let give;
    const channel = new MessageChannel();
    const require = () => ({ ipcRenderer: { send: () => askShell(), on: (_name, listener) => { give = listener; } } });
    channel.port1.onmessage = ({ data }) => sendToCore(data);
    window.hearCore = (message) => channel.port1.postMessage(message);
    window.hearShell = () => give({ ports: [channel.port2] });
    ${preload}
  }`);
}

describe('the same build in Chromium, as a window of our own has it', () => {
  test('signs in over the port under a policy that lets it connect to nothing', async () => {
    await buildRenderer();
    await bundleDesktop();
    const file = join(folder, 'chromium.tollkeeper');
    await makeWorkspace(file);
    const handle = await openCore(file, { log: SILENT });
    const door = openWindowDoor(handle.core, { router: createRouter() });
    const browser = await launchBrowser();
    const { page, complaints } = await openPage(browser);
    const asked: string[] = [];
    const { port1, port2 } = new MessageChannel();
    port1.on('message', (message: string) => void page.evaluate(`hearCore(${JSON.stringify(message)})`));
    const ask = (): void => {
      door.admit(1, port2);
      void page.evaluate('hearShell()');
    };
    try {
      await withPreload(page, ask, (message) => port1.postMessage(message));
      await page.route('**/*', async (route) => {
        const url = route.request().url().replace('https:', 'app:');
        asked.push(url);
        const reply = answerScheme('dist/renderer', { url, method: route.request().method() });
        const body = Buffer.from(await reply.arrayBuffer());
        await route.fulfill({ status: reply.status, headers: Object.fromEntries(reply.headers), body });
      });
      await page.goto('https://console/customers');
      await page.getByLabel('Passphrase').fill(PASSPHRASE);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByText('No customers yet').waitFor();
      expect(complaints).toEqual([]);
      expect(asked.filter((url) => !url.startsWith('app://console/'))).toEqual([]);
      const refused = page.evaluate(() => fetch('/assets/anything.js').then(() => 'reached'));
      await expect(refused).rejects.toThrow('Failed to fetch');
    } finally {
      await browser.close();
      door.close();
      port1.close();
      await handle.close();
    }
  }, 60_000);
});
