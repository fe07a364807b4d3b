/** `tollkeeper evm …` from the first dry run to a provider with a user, on a local chain. */
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anvilBinary } from '#core/chain/local/evm/anvil.ts';
import { startLocalEvm } from '#core/chain/local/evm/local-evm.ts';
import type { LocalEvm } from '#core/chain/local/evm/local-evm.ts';
import { httpEndpoint } from '#core/chain/evm/rpc.ts';
import { here } from '../support/cli.ts';
import type { Ran } from '../support/cli.ts';
import { makeWorkspace } from '../support/workspace.ts';
import { etherscanDouble } from '../support/verifier-double.ts';

let folder: string;
let chain: LocalEvm;

const workspace = (): string => join(folder, 'books.tollkeeper');
const evm = (...args: string[]): Promise<Ran> => here(['evm', ...args, '--workspace', workspace()]);
const sent = async (): Promise<number> =>
  Number(await httpEndpoint(chain.rpcUrl).request('eth_getTransactionCount', [chain.accounts[0], 'latest']));

describe.skipIf(anvilBinary() === undefined)('tollkeeper evm, where npm has anvil', () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tollkeeper-cli-evm-'));
    await makeWorkspace(workspace());
    await makeWorkspace(join(folder, 'other.tollkeeper'));
    chain = await startLocalEvm(join(`${workspace()}-chains`, 'evm'));
  });

  afterAll(async () => {
    await chain.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('says what it takes, and what is wrong with what it was given', async () => {
    expect((await here(['help', 'evm'])).out).toContain('checkbal');
    expect(await evm('deply')).toMatchObject({ code: 64, err: expect.stringContaining('deploy') });
    expect(await evm()).toMatchObject({ code: 64 });
    expect(await evm('deploy', '--network', 'mars')).toMatchObject({ code: 64 });
    expect(await evm('deploy', '--owner', '0x12')).toMatchObject({ code: 64 });
    expect(await evm('deploy', '--stake', 'much')).toMatchObject({ code: 64 });
    expect(await evm('deploy', '--rpc', 'nonsense')).toMatchObject({ code: 64 });
    expect(await evm('checkbal')).toMatchObject({ code: 1, err: expect.stringContaining('Deploy one first') });
    const nowhere = await here(['evm', 'checkbal', '--workspace', join(folder, 'other.tollkeeper')]);
    expect(nowhere).toMatchObject({ code: 1, err: expect.stringContaining('--chains evm') });
    expect(await evm('deploy', '--network', '0g-mainnet', '--rpc', chain.rpcUrl)).toMatchObject({
      code: 1,
      err: expect.stringContaining('WRONG_CHAIN'),
    });
    expect(await evm('deploy', '--rpc', 'http://127.0.0.1:9')).toMatchObject({ code: 2 });
  });

  test('trusts the first block of a public network once, says so, and holds it to that', async () => {
    const records = join(`${workspace()}-chains`, 'public');
    const file = join(records, '16602.json');
    const at = ['--network', '0g-testnet', '--rpc', chain.rpcUrl, '--deployments', records];
    const plan = (...more: string[]): Promise<Ran> => evm('deploy', '--dry-run', ...at, ...more);
    const { hash } = (await httpEndpoint(chain.rpcUrl).request('eth_getBlockByNumber', ['0x0', false])) as {
      hash: string;
    };
    const other = `0x${'ab'.repeat(32)}`;
    expect(await plan('--genesis', 'yes')).toMatchObject({ code: 64 });
    expect(await plan('--genesis', other)).toMatchObject({ code: 1, err: expect.stringContaining('WRONG_CHAIN') });
    expect(existsSync(file)).toBe(false);
    expect(await plan('--genesis', hash)).toMatchObject({ code: 0, err: expect.stringContaining(hash) });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ chainId: '16602', genesisHash: hash });
    expect((await plan()).err).not.toContain('First use');
    writeFileSync(file, readFileSync(file, 'utf8').replace(hash, other));
    expect(await plan()).toMatchObject({ code: 1, err: expect.stringContaining('another first block') });
  });

  test('tells the cost and sends nothing in a dry run', async () => {
    const before = await sent();
    const { code, json } = await evm('deploy', '--dry-run');
    expect(code).toBe(0);
    expect(json).toMatchObject({ asset: '0G/18', atMostMinor: expect.stringMatching(/^\d+$/) });
    expect(await sent()).toBe(before);
  });

  test('deploys once, verifies, upgrades, sets up and shows balances', async () => {
    const before = await sent();
    const [first, again] = [await evm('deploy'), await evm('deploy')];
    expect(first.code).toBe(0);
    expect(again.json).toEqual(first.json);
    expect(await sent()).toBe(before + 3);
    const record = join(`${workspace()}-chains`, 'evm', 'deployments', '16602.json');
    expect(JSON.parse(readFileSync(record, 'utf8'))).toMatchObject({
      chainId: '16602',
      serving: { proxy: expect.any(String) },
    });
    expect((await evm('deploy', '--contract', 'payments')).code).toBe(0);

    const verified = await evm('verify');
    expect(verified).toMatchObject({ code: 0, json: { isOurs: true } });
    expect((verified.json as { contracts: unknown[] }).contracts).toHaveLength(4);
    const double = await etherscanDouble();
    const args = ['verify', '--verifier', 'etherscan', '--verifier-url', `${double.url}/v2/api`];
    const explored = await here(['evm', ...args, '--workspace', workspace()], {
      env: { TOLLKEEPER_VERIFIER_KEY: 'KEY' },
    });
    expect(explored).toMatchObject({ code: 0 });
    expect(double.asked.filter(({ query }) => query.get('action') === 'verifysourcecode')).toHaveLength(4);
    await double.close();

    expect((await evm('upgrade', '--dry-run')).code).toBe(0);
    expect(await evm('upgrade')).toMatchObject({ code: 0 });

    const [signer, user] = [chain.accounts[2] ?? '', chain.accounts[4] ?? ''];
    expect(await evm('setup', '--signer', signer, '--cpu-price', '0.001', '--url', 'https://p.example')).toMatchObject({
      code: 0,
      json: { isOpen: 'true', signer },
    });
    const provider = chain.accounts[0] ?? '';
    const joined = await evm('setup', '--account', user, '--provider', provider, '--deposit', '1.5', '--key', 'one');
    expect(joined).toMatchObject({ code: 0, json: { balanceMinor: '1500000000000000000' } });
    expect(
      await evm('setup', '--account', user, '--provider', provider, '--deposit', '1.5', '--key', 'one'),
    ).toMatchObject({
      json: { balanceMinor: '1500000000000000000' },
    });
    expect(await evm('checkbal', '--user', user, '--provider', provider)).toMatchObject({
      json: { account: user, stakeMinor: '100000000000000000', earningsMinor: '0' },
    });
    expect(await evm('setup')).toMatchObject({ code: 64 });
    expect(existsSync(join(folder, 'deployments'))).toBe(false);
    expect(readdirSync(folder).filter((name) => name.includes('deploy'))).toEqual([]);
  });
});
