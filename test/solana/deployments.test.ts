/** Deployments through the contract: killed on the way and resumed, asked twice, refused where money is real. */
import { join } from 'node:path';
import { Connection, PublicKey } from '@solana/web3.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { attach } from '#core/cli/attach.ts';
import type { Client } from '#core/cli/connection.ts';
import { dumpsFolder } from '#core/chain/local/solana/genesis.ts';
import { startLocalSolana } from '#core/chain/local/solana/supervisor.ts';
import type { LocalSolana } from '#core/chain/local/solana/supervisor.ts';
import type { DeploymentOrder } from '#core/contract/deployments.ts';
import { openForReading } from '#core/ledger/open.ts';
import { verify } from '#core/ledger/verify.ts';
import { developmentKeys } from '#core/runtime/dev-signers.ts';
import { holder } from '../support/cli.ts';
import { ADMIN, makeWorkspace, scratch } from '../support/workspace.ts';

const { folder, dispose } = scratch();
const file = join(folder, 'books.tollkeeper');
const [payer] = developmentKeys();
let chain: LocalSolana;

/** Asks the holder of the workspace as its admin. */
async function asAdmin<T>(work: (client: Client) => Promise<T>): Promise<T> {
  const connection = await attach(file);
  if (!connection) throw new TypeError('nobody answers');
  try {
    await connection.client.session.signIn(ADMIN);
    return await work(connection.client);
  } finally {
    await connection.close();
  }
}

const order = (more: Partial<DeploymentOrder> = {}): DeploymentOrder => ({
  network: 'local-solana',
  unit: 'usage_vault',
  action: 'deploy',
  rpc: [chain.rpc],
  ...more,
});

describe.skipIf(dumpsFolder() === undefined)('deployments as jobs (skipped without the rollup’s package)', () => {
  beforeAll(async () => {
    await makeWorkspace(file, { operators: [{ name: 'vic', role: 'viewer' }] });
    chain = await startLocalSolana();
  }, 30_000);
  afterAll(async () => {
    await chain.stop();
    dispose();
  });

  test(
    'a console that is killed half-way goes on with the job, and pays for no part twice',
    { timeout: 60_000 },
    async () => {
      const connection = new Connection(chain.rpc, 'confirmed');
      const balance = () => connection.getBalance(new PublicKey(payer?.address ?? ''));
      const first = await holder(file);
      const before = await balance();
      const { job, cost } = await asAdmin(async (client) => {
        const plan = await client.deployments.plan(order());
        const begun = await client.deployments.start({ key: 'one', ...order() });
        for await (const { done, total } of await client.deployments.watch({ job: begun.id }))
          if (done > total / 4) break;
        return { job: begun.id, cost: BigInt(plan.atMostMinor) + BigInt(plan.rentMinor) };
      });
      await first.kill();

      const second = await holder(file);
      const done = await asAdmin(async (client) => {
        const { jobs } = await client.deployments.jobs({ network: 'local-solana' });
        expect(jobs).toMatchObject([{ id: job, state: 'interrupted' }]);
        // The same key and order is the same job, and no other may begin beside it once it runs.
        expect((await client.deployments.start({ key: 'one', ...order() })).id).toBe(job);
        await client.deployments.resume({ job });
        await expect(client.deployments.start({ key: 'two', ...order() })).rejects.toMatchObject({ code: 'CONFLICT' });
        let last;
        for await (const step of await client.deployments.watch({ job })) last = step;
        return last;
      });
      expect(done).toMatchObject({ id: job, state: 'done', result: [{ name: 'Program' }, {}, {}, {}] });
      const paid = BigInt(before - (await balance()));
      expect(paid).toBeGreaterThan(0n);
      expect(paid).toBeLessThanOrEqual(cost + 200_000n);
      await second.stop();
      const books = openForReading(file);
      expect(books.prepare(`SELECT count(*) FROM send WHERE state = 'finalized'`).pluck().get()).toBe(2);
      expect(verify(books).problem).toBeNull();
      books.close();
    },
  );

  test('what cannot be undone is asked twice, and a viewer may do none of it', { timeout: 60_000 }, async () => {
    const held = await holder(file);
    try {
      await asAdmin(async (client) => {
        const view = await client.deployments.get({ network: 'local-solana', unit: 'usage_vault', rpc: [chain.rpc] });
        expect(view).toMatchObject({ chain: 'solana', isOurs: true, loader: 'upgradeable', authority: payer?.address });
        const address = view.address ?? '';
        const final = order({ action: 'make-final' });
        const ask = (key: string, told: object) => client.deployments.start({ key, ...final, ...told });
        await expect(ask('f1', {})).rejects.toMatchObject({
          code: 'STATE_FORBIDS',
          data: { values: { confirm: address } },
        });
        await expect(ask('f2', { confirm: address })).rejects.toMatchObject({ code: 'STATE_FORBIDS' });
        await expect(ask('f3', { confirm: 'x', confirmAgain: address })).rejects.toMatchObject({
          code: 'STATE_FORBIDS',
        });
        const begun = await ask('f4', { confirm: address, confirmAgain: address });
        let last;
        for await (const step of await client.deployments.watch({ job: begun.id })) last = step;
        expect(last).toMatchObject({ state: 'done' });
        const after = await client.deployments.get({ network: 'local-solana', unit: 'usage_vault', rpc: [chain.rpc] });
        expect(after).toMatchObject({ authority: null, isOurs: true });
        await client.session.signIn({ ...ADMIN, name: 'vic' });
        await expect(ask('f5', {})).rejects.toMatchObject({ code: 'FORBIDDEN' });
      });
    } finally {
      await held.stop();
    }
  });

  test('development keys are refused on a main network, before an endpoint is asked', async () => {
    const held = await holder(file);
    try {
      await asAdmin(async (client) => {
        for (const network of ['solana-mainnet', '0g-mainnet'] as const) {
          const unit = network === '0g-mainnet' ? 'serving' : 'usage_vault';
          const asked = client.deployments.start({
            key: network,
            network,
            unit,
            action: 'deploy',
            rpc: ['http://127.0.0.1:9'],
          });
          await expect(asked).rejects.toMatchObject({ code: 'FORBIDDEN', data: { values: { network } } });
        }
        // A local chain that is named as a main one is found out by its genesis.
        const wrong = client.deployments.get({ network: 'solana-mainnet', unit: 'usage_vault', rpc: [chain.rpc] });
        await expect(wrong).rejects.toMatchObject({
          code: 'STATE_FORBIDS',
          data: { values: { chain: 'WRONG_CHAIN' } },
        });
      });
    } finally {
      await held.stop();
    }
  });
});
