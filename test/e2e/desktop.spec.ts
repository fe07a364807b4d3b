/** The console in a window of its own, where Electron's binary is installed: not every machine has it. */
import { join } from 'node:path';
import { _electron } from 'playwright-core';
import type { ElectronApplication } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { electronBinary } from '../../build/desktop/binary.ts';
import { DESKTOP, bundleDesktop } from '../../build/desktop/bundle.ts';
import { buildRenderer } from '../../build/renderer.ts';
import { ADMIN, makeWorkspace, scratch } from '../support/workspace.ts';

const executablePath = electronBinary();
const hasDisplay = process.platform !== 'linux' || Boolean(process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY']);
const why = executablePath === undefined ? "Electron's binary is not installed" : 'there is no display';
const { folder, dispose } = scratch();

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
  afterAll(async () => {
    await desktop.close();
    dispose();
  });

  test('signs in over the port, and the policy refuses nothing of the console', async () => {
    const page = await desktop.firstWindow();
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    await page.getByLabel('Name').fill(ADMIN.name);
    await page.getByLabel('Passphrase').fill(ADMIN.passphrase);
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
