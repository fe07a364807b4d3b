/**
 * Deployments on Solana devnet as a person makes them, and where they are refused: the real core and a real local chain
 * behind an endpoint that says it is devnet, in Chromium.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Connection } from '@solana/web3.js';
import type { Keypair } from '@solana/web3.js';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { solanaChain } from '#core/chain/local/solana/kind.ts';
import { startLocalSolana } from '#core/chain/local/solana/supervisor.ts';
import type { LocalSolana } from '#core/chain/local/solana/supervisor.ts';
import { readManifest } from '../../build/programs/manifest.ts';
import { GENESIS, standInFor } from '../support/cluster-stand-in.ts';
import type { StandIn } from '../support/cluster-stand-in.ts';
import { openConsole, violations, WIDE } from '../support/console-e2e.ts';
import type { Console } from '../support/console-e2e.ts';
import { funded } from '../support/solana.ts';

const whyNot = solanaChain.whyNot();

describe.skipIf(whyNot !== undefined)('devnet (skipped without a build of the virtual machine)', () => {
  let chain: LocalSolana;
  let devnet: StandIn;
  let world: Console;
  let page: Page;
  let complaints: string[];
  let shots: Awaited<ReturnType<Console['enter']>>['shots'];
  let operator: Keypair;
  let heir: Keypair;

  beforeAll(async () => {
    chain = await startLocalSolana({ slotMs: 100 });
    devnet = await standInFor('devnet', chain);
    world = await openConsole('devnet');
    // By web3.js as it is, which confirms over the WebSocket of the same endpoint.
    const connection = new Connection(devnet.url, 'confirmed');
    expect(await connection.getGenesisHash()).toBe(GENESIS.devnet);
    operator = await funded(connection);
    heir = await funded(connection, 1);
    expect(devnet.asked).toContain('signatureSubscribe');
    ({ page, complaints, shots } = await world.enter(WIDE));
    page.setDefaultTimeout(30_000);
  }, 180_000);
  afterAll(async () => {
    await world.close();
    await devnet.close();
    await chain.stop();
  });

  const drawer = () => page.locator('[data-drawer]');
  const latest = () => drawer().getByRole('region', { name: 'Latest change' });
  const live = () => drawer().getByRole('region', { name: 'What is live' });
  const dialog = () => page.locator('[data-modal]');
  const press = (name: string) => drawer().getByRole('button', { name, exact: true }).click();
  const order = (rpc: string) => ({ unit: 'usage_vault', action: 'deploy' as const, rpc: [rpc] });
  const confirm = (name: string) => dialog().getByRole('button', { name, exact: true });
  const sends = (standIn: StandIn): number => standIn.asked.filter((method) => method === 'sendTransaction').length;

  /** A key as the Solana tools write it. */
  function keyFile(name: string, pair: Keypair): string {
    const file = join(world.folder, `${name}.json`);
    writeFileSync(file, JSON.stringify([...pair.secretKey]), { mode: 0o600 });
    return file;
  }

  async function open(unit: string): Promise<void> {
    await page.goto(`${new URL(page.url()).origin}/deployments/solana-devnet/${unit}`);
    await drawer().getByLabel('Endpoint').fill(devnet.url);
    await press('Ask there');
    await live().waitFor();
  }

  async function change(name: string, key: string): Promise<void> {
    await press('More changes');
    await page.getByRole('menuitem', { name: `${name}…` }).click();
    await dialog().getByLabel('Key file').fill(key);
  }

  async function ended(verb: string): Promise<void> {
    await latest().getByRole('heading', { name: verb, exact: true }).waitFor();
    await latest().getByText('Done', { exact: true }).waitFor({ timeout: 90_000 });
  }

  async function deploy(unit: 'usage_vault' | 'team_billing'): Promise<void> {
    await open(unit);
    await live().getByText('Not deployed').waitFor();
    await press('Deploy');
    expect(await confirm('Deploy').isDisabled()).toBe(true);
    const before = sends(devnet);
    await dialog().getByLabel('Key file').fill(keyFile('operator', operator));
    for (const cost of ['Rent of the program, while it stands', 'Rent of the buffer, given back at the end'])
      await dialog().getByText(cost).waitFor();
    await dialog().getByText('Fees at most').waitFor();
    await shots(`cost-${unit}`);
    expect(await violations(page)).toEqual([]);
    expect(sends(devnet), 'nothing is sent before the cost is agreed to').toBe(before);
    await confirm('Deploy').click();
    await latest().getByRole('progressbar').waitFor();
    await shots(`progress-${unit}`);
    await ended('Deploy');
    await live().getByText('Code is ours').waitFor();
    expect(sends(devnet)).toBeGreaterThan(before);
    // What the chain has, and what it is compared with.
    const sha256 = readManifest().files[`${unit}.so`]?.sha256;
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(await live().locator(`code[title="${sha256}"]`).count()).toBe(2);
  }

  test('both programs are deployed, and read back as what is committed', { timeout: 240_000 }, async () => {
    for (const unit of ['usage_vault', 'team_billing'] as const) {
      await deploy(unit);
      await press('Read back and verify');
      await ended('Read back and verify');
      await shots(`verified-${unit}`);
      expect(await violations(page)).toEqual([]);
    }
  });

  test('the authority is handed over, and whoever has it now closes the program', { timeout: 180_000 }, async () => {
    await open('usage_vault');
    await change('Hand the authority over', keyFile('operator', operator));
    await dialog().getByLabel('To', { exact: true }).fill(heir.publicKey.toBase58());
    await dialog().getByText('Fees at most').waitFor();
    expect(await violations(page)).toEqual([]);
    await confirm('Hand the authority over').click();
    await ended('Hand the authority over');
    await live().locator(`code[title="${heir.publicKey.toBase58()}"]`).waitFor();

    // Who had it before is refused by the chain, and the program stands.
    const twice = async (key: string): Promise<void> => {
      await change('Close the program', key);
      const address = (await dialog().locator('span[class*="mono"]').innerText()).trim();
      await dialog().getByLabel('Address', { exact: true }).fill(address);
      expect(await confirm('Close the program').isDisabled()).toBe(true);
      await dialog().getByLabel('The same address again').fill(address);
      await confirm('Close the program').click();
    };
    await twice(keyFile('operator', operator));
    await latest().getByText('Failed', { exact: true }).waitFor();
    await shots('refused-authority');
    await live().getByText('Code is ours').waitFor();
    await twice(keyFile('heir', heir));
    await ended('Close the program');
    await live().getByText('Closed', { exact: true }).waitFor();
    await live().getByText('its address can never be used again').waitFor();
    await shots('closed');
    expect(await violations(page)).toEqual([]);
  });

  test('a program is made final, for which its address is asked twice', { timeout: 120_000 }, async () => {
    await open('team_billing');
    await change('Make final', keyFile('operator', operator));
    const address = (await dialog().locator('span[class*="mono"]').innerText()).trim();
    const before = sends(devnet);
    expect(await confirm('Make final').isDisabled()).toBe(true);
    await dialog().getByLabel('Address', { exact: true }).fill(address);
    expect(await confirm('Make final').isDisabled()).toBe(true);
    await dialog().getByLabel('The same address again').fill(heir.publicKey.toBase58());
    expect(await confirm('Make final').isDisabled()).toBe(true);
    await dialog().getByLabel('The same address again').fill(address);
    await shots('final');
    expect(await violations(page)).toEqual([]);
    expect(sends(devnet), 'nothing is sent before it was asked twice').toBe(before);
    await confirm('Make final').click();
    await ended('Make final');
    await live().getByText('nobody: it is final').waitFor();
    await live().getByText('Code is ours').waitFor();
  });

  test(
    'an endpoint of mainnet is refused under the name of devnet, and signed for by nobody',
    { timeout: 60_000 },
    async () => {
      const mainnet = await standInFor('mainnet', chain);
      try {
        await page.goto(`${new URL(page.url()).origin}/deployments/solana-devnet/usage_vault`);
        await drawer().getByLabel('Endpoint').fill(mainnet.url);
        await press('Ask there');
        await drawer().getByText(`${mainnet.url} is of mainnet, not of devnet.`).waitFor();
        await drawer().getByText('nothing was sent').waitFor();
        expect(await drawer().getByRole('button', { name: 'Deploy', exact: true }).count()).toBe(0);
        await shots('mainnet-as-devnet');
        expect(await violations(page)).toEqual([]);
        // Past the screen as well: the command that its button would have sent.
        const payerFile = keyFile('operator', operator);
        const begun = world.client.deployments.start({
          key: 'mainnet-as-devnet',
          network: 'solana-devnet',
          ...order(mainnet.url),
          payerFile,
        });
        await expect(begun).rejects.toMatchObject({ data: { values: { chain: 'WRONG_CHAIN' } } });
        expect(new Set(mainnet.asked)).toEqual(new Set(['getGenesisHash']));
      } finally {
        await mainnet.close();
      }
    },
  );

  test(
    'an endpoint of devnet is refused under the name of mainnet, where no development key signs',
    { timeout: 60_000 },
    async () => {
      const before = sends(devnet);
      const address = `${new URL(page.url()).origin}/deployments/solana-mainnet/usage_vault`;
      await page.goto(`${address}?rpc=${encodeURIComponent(devnet.url)}`);
      await drawer().getByText(`${devnet.url} is of devnet, not of mainnet.`).waitFor();
      await shots('devnet-as-mainnet');
      const payerFile = keyFile('operator', operator);
      const begun = world.client.deployments.start({
        key: 'devnet-as-mainnet',
        network: 'solana-mainnet',
        ...order(devnet.url),
        payerFile,
      });
      await expect(begun).rejects.toMatchObject({ code: 'FORBIDDEN' });
      expect(sends(devnet)).toBe(before);
    },
  );

  test(
    'an endpoint that turns into mainnet in the middle of a deployment gets no more signatures',
    { timeout: 120_000 },
    async () => {
      const moved = await standInFor('devnet', chain);
      try {
        const payerFile = keyFile('operator', operator);
        const begun = await world.client.deployments.start({
          key: 'moved',
          network: 'solana-devnet',
          ...order(moved.url),
          payerFile,
        });
        let last;
        for await (const step of await world.client.deployments.watch({ job: begun.id })) {
          last = step;
          if (sends(moved) > 0) moved.become('mainnet');
        }
        expect(last).toMatchObject({ state: 'failed', problem: { code: 'FORBIDDEN' } });
        const after = moved.asked.slice(moved.asked.lastIndexOf('getGenesisHash'));
        expect(after).not.toContain('sendTransaction');
      } finally {
        await moved.close();
      }
      expect(complaints).toEqual([]);
    },
  );
});
