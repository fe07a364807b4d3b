/** Deployments as a person makes them: the real core, a real anvil and the real local Solana chain, in Chromium. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anvilBinary } from '#core/chain/local/evm/anvil.ts';
import { solanaChain } from '#core/chain/local/solana/kind.ts';
import { start } from '#core/runtime/start.ts';
import type { Started } from '#core/runtime/start.ts';
import { buildRenderer } from '../../build/renderer.ts';
import { launchBrowser, openPage } from '../support/browser.ts';

const folder = mkdtempSync(join(tmpdir(), 'tollkeeper-deployments-'));
const canRun = anvilBinary() !== undefined && solanaChain.whyNot() === undefined;
let browser: Browser;

beforeAll(async () => {
  await buildRenderer();
  browser = await launchBrowser();
}, 120_000);
afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
});

async function violations(page: Page): Promise<string[]> {
  const { violations: found } = await new AxeBuilder({ page }).analyze();
  return found.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.target.join(' ')}`));
}

async function enter(
  started: Started,
  colorScheme: 'light' | 'dark' = 'light',
  viewport = { width: 1440, height: 900 },
) {
  const { page, complaints } = await openPage(browser, { colorScheme, viewport });
  await page.goto(started.consoleUrl);
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  return { page, complaints };
}

test('says what is needed where no chain runs, with the command to copy', { timeout: 60_000 }, async () => {
  const workspace = join(folder, 'none.tollkeeper');
  const started = await start({ host: 'none', workspace, fresh: true, logLevel: 'error' });
  try {
    const { page, complaints } = await enter(started, 'dark', { width: 1024, height: 700 });
    await page.keyboard.press('g');
    await page.keyboard.press('d');
    await page.getByRole('heading', { name: 'Deployments' }).waitFor();
    await page.getByText(`npm start -- --workspace ${workspace} --chains evm`).waitFor();
    await page.getByText(/^Signs by (native libsecp256k1|libsecp256k1 in WebAssembly)/).waitFor();
    await page.locator('main tr[data-row]', { hasText: 'Local EVM chain' }).first().press('Enter');
    await page.locator('[data-drawer]').getByText('of this workspace does not run').waitFor();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await expect.poll(() => new URL(page.url()).pathname).toBe('/deployments');
    expect(complaints).toEqual([]);
    await page.context().close();
  } finally {
    await started.close();
  }
});

describe.skipIf(!canRun)('with both local chains (needs anvil and a build of the virtual machine)', () => {
  let started: Started;
  let page: Page;
  let complaints: string[];
  let accounts: string[];

  beforeAll(async () => {
    const workspace = join(folder, 'books.tollkeeper');
    started = await start({ host: 'none', workspace, fresh: true, chains: 'all', logLevel: 'error' });
    const { facts } = await started.chains;
    expect(facts).toMatchObject({ evmRpc: expect.any(String), solanaRpc: expect.any(String) });
    ({ page, complaints } = await enter(started));
    page.setDefaultTimeout(20_000);
    await page.goto(`${new URL(page.url()).origin}/deployments`);
    accounts = (await rpc(facts['evmRpc'] ?? '', 'eth_accounts')) as string[];
  }, 90_000);
  afterAll(async () => {
    await page.context().close();
    await started.close();
  });

  async function rpc(url: string, method: string, params: readonly unknown[] = []): Promise<unknown> {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
    const answer = await fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
    return ((await answer.json()) as { result: unknown }).result;
  }

  const drawer = () => page.locator('[data-drawer]');
  const latest = () => drawer().getByRole('region', { name: 'Latest change' });
  const live = () => drawer().getByRole('region', { name: 'What is live' });
  const dialog = () => page.locator('[data-modal]');
  const press = (name: string) => drawer().getByRole('button', { name, exact: true }).click();
  const confirm = (name: string) => dialog().getByRole('button', { name, exact: true }).click();

  async function open(network: string, unit: string): Promise<void> {
    await page.goto(`${new URL(page.url()).origin}/deployments`);
    await page.locator('main tr[data-row]', { hasText: network }).filter({ hasText: unit }).first().press('Enter');
    await drawer().getByRole('heading', { name: unit }).waitFor();
  }

  async function more(name: string): Promise<void> {
    await press('More changes');
    await page.getByRole('menuitem', { name: `${name}…` }).click();
  }

  async function ended(verb: string): Promise<void> {
    await latest().getByRole('heading', { name: verb, exact: true }).waitFor();
    await latest().getByText('Done', { exact: true }).waitFor();
  }

  test('contracts are deployed with the cost said first, and read back as ours', { timeout: 60_000 }, async () => {
    await open('Local EVM chain', 'SandboxServing');
    await live().getByText('Not deployed').waitFor();
    await press('Deploy');
    await dialog().getByText('BeaconProxy: make the proxy and set it up').waitFor();
    await dialog().getByText('Fees at most').waitFor();
    expect(await violations(page)).toEqual([]);
    await confirm('Deploy');
    await ended('Deploy');
    await live().getByText('Code is ours').waitFor();
    expect(await drawer().getByText('exact', { exact: true }).count()).toBe(3);
    await press('Read back and verify');
    await ended('Read back and verify');
    await press('Upgrade');
    await dialog().getByText('Fees at most').waitFor();
    await confirm('Upgrade');
    await ended('Upgrade');
    expect(await violations(page)).toEqual([]);
  });

  test('ownership goes over in two steps', { timeout: 60_000 }, async () => {
    await open('Local EVM chain', 'SandboxServing');
    await more('Offer ownership');
    await dialog()
      .getByLabel('To', { exact: true })
      .fill(accounts[1] ?? '');
    await dialog().getByText('Fees at most').waitFor();
    await confirm('Offer ownership');
    await ended('Offer ownership');
    await live().getByText('Has to accept').waitFor();
    await press('Accept ownership');
    await dialog().getByLabel('Signed by').selectOption({ index: 1 });
    await dialog().getByText('Fees at most').waitFor();
    await confirm('Accept ownership');
    await ended('Accept ownership');
    await live().getByText('nobody').waitFor();
    expect((await live().innerText()).toLowerCase()).toContain((accounts[1] ?? '').slice(-4));
    await drawer().getByText('Ownership accepted').waitFor();
  });

  test('a test network is asked by the endpoint that is named, and deployed to', { timeout: 60_000 }, async () => {
    // Anvil has the chain id of the test network, and stands in for it.
    const { facts } = await started.chains;
    await page.goto(`${new URL(page.url()).origin}/deployments/0g-testnet/payments`);
    await drawer().getByLabel('Endpoint').fill('no address');
    await drawer().getByText('It begins with').waitFor();
    await drawer()
      .getByLabel('Endpoint')
      .fill(facts['evmRpc'] ?? '');
    await press('Ask there');
    await live().getByText('Not deployed').waitFor();
    expect(new URL(page.url()).searchParams.get('rpc')).toBe(facts['evmRpc']);
    await press('Deploy');
    await dialog().getByText('Fees at most').waitFor();
    expect(await violations(page)).toEqual([]);
    await confirm('Deploy');
    // A public network makes blocks by itself, and a send is final only some of them later.
    const mining = setInterval(() => void rpc(facts['evmRpc'] ?? '', 'anvil_mine', ['0x4']), 300);
    await ended('Deploy').finally(() => clearInterval(mining));
    await live().getByText('Code is ours').waitFor();
  });

  test(
    'an account that soon cannot pay says for how many sends it can, and is filled',
    { timeout: 60_000 },
    async () => {
      const { facts } = await started.chains;
      await rpc(facts['evmRpc'] ?? '', 'anvil_setBalance', [accounts[8], '0x38d7ea4c68000']);
      await page.goto(`${new URL(page.url()).origin}/deployments`);
      const low = page.getByRole('main').getByText(/^development 8 on Local EVM chain pays for \d+ more sends?\. Put /);
      await low.waitFor();
      expect(await violations(page)).toEqual([]);
      await page.screenshot({ path: '.cache/shots/deployments-low-float.png' });
      await page.goto(`${new URL(page.url()).origin}/deployments/chains/evm`);
      await drawer().getByRole('button', { name: 'Fund development 8' }).click();
      await dialog().getByLabel('Amount').fill('5');
      await confirm('Fund');
      await expect.poll(() => low.count()).toBe(0);
    },
  );

  test('the local EVM chain gives money and moves its clock', { timeout: 60_000 }, async () => {
    await page.goto(`${new URL(page.url()).origin}/deployments/chains/evm`);
    await drawer().getByRole('button', { name: 'Fund development 9' }).click();
    await dialog().getByLabel('Amount').fill('5');
    await confirm('Fund');
    await expect.poll(() => drawer().innerText()).toMatch(/10.005\.00/);
    const clock = async (): Promise<number> => {
      const text = /Its clock\s+(.+)/.exec(await drawer().innerText())?.[1] ?? '';
      return Date.parse(text);
    };
    const before = await clock();
    await drawer().getByLabel('Move its clock forward by').selectOption('604800');
    await press('Move the clock');
    await expect.poll(async () => (await clock()) - before).toBeGreaterThanOrEqual(604_000_000);
    expect(await violations(page)).toEqual([]);
  });

  test(
    'a program is deployed, cancelled half-way, resumed without paying twice, and closed',
    { timeout: 90_000 },
    async () => {
      await open('Local Solana chain', 'usage-vault');
      await press('Deploy');
      await dialog().getByText('Rent of the program, while it stands').waitFor();
      await confirm('Deploy');
      await latest().getByRole('progressbar').waitFor();
      await latest().getByRole('button', { name: 'Cancel' }).click();
      await latest().getByText('Cancelled', { exact: true }).waitFor();
      await latest().getByRole('button', { name: 'Resume' }).click();
      await ended('Deploy');
      await live().getByText('Code is ours').waitFor();
      expect(
        await drawer()
          .locator('tr[data-row]', { hasText: /^buffer\// })
          .count(),
      ).toBe(1);
      await more('Close the program');
      const address = (await dialog().locator('span[class*="mono"]').innerText()).trim();
      const button = dialog().getByRole('button', { name: 'Close the program', exact: true });
      expect(await button.isDisabled()).toBe(true);
      await dialog().getByLabel('Address', { exact: true }).fill(address);
      expect(await button.isDisabled()).toBe(true);
      await dialog().getByLabel('The same address again').fill(address);
      expect(await violations(page)).toEqual([]);
      await button.click();
      await ended('Close the program');
    },
  );

  test('the local Solana chain says what its rollup is not, and begins anew', { timeout: 60_000 }, async () => {
    await page.goto(`${new URL(page.url()).origin}/deployments/chains/solana`);
    await drawer()
      .getByText(/it is not MagicBlock's validator|Business Source License|not installed/)
      .waitFor();
    const genesis = async (): Promise<string> => /Genesis\s+(\S+)/.exec(await drawer().innerText())?.[1] ?? '';
    await expect.poll(genesis).not.toBe('');
    const before = await genesis();
    await press('Reset…');
    await confirm('Forget everything');
    await expect.poll(genesis, { timeout: 20_000 }).not.toBe(before);
    expect(await violations(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });
});
