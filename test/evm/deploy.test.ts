/** Deployments: made once, resumed, upgraded without loss, and compared with what is committed. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeFunctionData } from 'viem';
import type { Address, Hex } from 'viem';
import { beaconAbi } from '#core/chain/evm/abi.ts';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { artifactOf } from '#core/chain/evm/artifacts.ts';
import { deployPayments, deployServing, planDeployment, upgradeServing } from '#core/chain/evm/deploy.ts';
import type { DeployContext } from '#core/chain/evm/deploy.ts';
import { viewDeployment } from '#core/chain/evm/deployment-view.ts';
import { layoutBreaks, readRecord, writeRecord } from '#core/chain/evm/deployment-record.ts';
import type { DeployedContract } from '#core/chain/evm/deployment-record.ts';
import { joinProvider, registerProvider } from '#core/chain/evm/provider-setup.ts';
import { EndpointError, httpEndpoint } from '#core/chain/evm/rpc.ts';
import type { Endpoint } from '#core/chain/evm/rpc.ts';
import { ServingContract } from '#core/chain/evm/serving.ts';
import { checkCode, compareCode } from '#core/chain/evm/verify-code.ts';
import { linkProxy, verifyAt } from '#core/chain/evm/verifiers.ts';
import { anvilBinary } from '#core/chain/local/evm/anvil.ts';
import { startLocalEvm } from '#core/chain/local/evm/local-evm.ts';
import type { LocalEvm } from '#core/chain/local/evm/local-evm.ts';
import { sendBooks } from '../support/send-books.ts';
import { FEES, senderOf } from '../support/evm-world.ts';
import { etherscanDouble, sourcifyDouble } from '../support/verifier-double.ts';
import type { VerifierDouble } from '../support/verifier-double.ts';

const STAKE = 10n ** 17n;
let home: string;
let chain: LocalEvm;
let folder: string;
let books: ReturnType<typeof sendBooks> | undefined;
let runs = 0;
const doubles: VerifierDouble[] = [];

const account = (index: number): Address => chain.accounts[index] ?? '0x';
const node = (): Endpoint => httpEndpoint(chain.rpcUrl);

/** A run of a deploying command: a new process that opens the same books and record. */
async function newRun(who: Address, endpoint: Endpoint = node()): Promise<DeployContext & { told: string[] }> {
  if (books === undefined) books = sendBooks({ network: 'evm/16602/test', account: who });
  else books.reopen();
  runs += 1;
  const store = books.evm(`run ${runs}`);
  const { connection, sender } = await senderOf({ endpoints: [endpoint], account: who, store });
  const told: string[] = [];
  return {
    connection,
    sender,
    account: who,
    fees: { ...FEES },
    recordFile: join(folder, '16602.json'),
    signal: AbortSignal.timeout(20_000),
    tell: (line) => told.push(line),
    stepped: () => undefined,
    now: () => 1_750_000_000_000,
    pauseMs: 5,
    told,
  };
}

const created = async (who: Address): Promise<number> =>
  Number(await node().request('eth_getTransactionCount', [who, 'latest']));

/** A node that goes away after some transactions were taken. */
function failingAfter(sends: number): Endpoint {
  const honest = node();
  let left = sends;
  return {
    url: chain.rpcUrl,
    request: async (method, params) => {
      if (method === 'eth_sendRawTransaction') left -= 1;
      if (left < 0) throw new EndpointError('down', 'the machine lost its network');
      return honest.request(method, params);
    },
  };
}

describe.skipIf(anvilBinary() === undefined)('a deployment, where npm has anvil', () => {
  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'tollkeeper-deploy-'));
    chain = await startLocalEvm(join(home, 'chain'));
  });

  afterAll(async () => {
    await chain.close();
    rmSync(home, { recursive: true, force: true });
  });

  beforeEach(() => {
    folder = mkdtempSync(join(home, 'run-'));
    books = undefined;
  });

  afterEach(async () => {
    books?.dispose();
    await Promise.all(doubles.splice(0).map((one) => one.close()));
  });

  test('makes implementation, beacon and proxy, and records them', async () => {
    const run = await newRun(account(1));
    const before = await created(account(1));
    const plan = await planDeployment(run, 'serving');
    const serving = await deployServing(run, { stakeWei: STAKE, owner: account(1) });
    expect(await created(account(1))).toBe(before + 3);
    const contract = await ServingContract.open(run.connection, serving.proxy);
    expect(await contract.registrationStake()).toBe(STAKE);
    const record = readRecord(run.recordFile, run.connection.network, '');
    expect(record.serving).toEqual(serving);
    expect(record.contracts.map(({ name }) => name)).toEqual(['SandboxServing', 'UpgradeableBeacon', 'BeaconProxy']);
    expect(record.history).toMatchObject([{ what: 'deployed', by: account(1) }]);
    for (const { name, address } of record.contracts) {
      expect(await checkCode(run.connection, name, address)).toMatchObject({ match: 'exact' });
    }
    // What was said beforehand was enough for each step.
    const spent = await Promise.all(
      record.contracts.map(async ({ transaction }) =>
        run.connection.client.getTransactionReceipt({ hash: transaction }),
      ),
    );
    spent.forEach(({ gasUsed }, index) => expect(gasUsed).toBeLessThanOrEqual(plan.steps[index]?.gas ?? 0n));
  });

  test.each([0, 1, 2])('goes on after %d transactions without making anything twice', async (sends) => {
    const who = account(2);
    const before = await created(who);
    const broken = await newRun(who, failingAfter(sends));
    const attempt = deployServing({ ...broken, signal: AbortSignal.timeout(300) }, { stakeWei: STAKE, owner: who });
    await expect(attempt).rejects.toThrow(/timeout|RPC_DOWN/);
    const run = await newRun(who);
    const serving = await deployServing(run, { stakeWei: STAKE, owner: who });
    expect(await created(who)).toBe(before + 3);
    expect(await deployServing(run, { stakeWei: STAKE, owner: who })).toEqual(serving);
    expect(await created(who)).toBe(before + 3);
  });

  test('offers the proxy to another owner, and gives it the beacon', async () => {
    const run = await newRun(account(3));
    const { proxy } = await deployServing(run, { stakeWei: STAKE, owner: account(9) });
    const { abi } = artifactOf('SandboxServing');
    const pending = await run.connection.client.readContract({ address: proxy, abi, functionName: 'pendingOwner' });
    expect(pending).toBe(account(9));
  });

  test('is not begun with too little money', async () => {
    const run = await newRun(account(4));
    await node().request('anvil_setBalance', [account(4), '0x1']);
    const attempt = deployServing(run, { stakeWei: STAKE, owner: account(4) });
    await expect(attempt).rejects.toMatchObject({ code: 'INSUFFICIENT_FUNDS' });
    await node().request('anvil_setBalance', [account(4), '0xde0b6b3a7640000']);
  });

  test('of payments is made once', async () => {
    const run = await newRun(account(5));
    const payments = await deployPayments(run, { owner: account(5), issuer: account(6) });
    expect(await checkCode(run.connection, 'Payments', payments.address)).toMatchObject({ match: 'exact' });
    expect(await deployPayments(run, { owner: account(5), issuer: account(6) })).toEqual(payments);
    expect(run.told.at(-1)).toContain('already');
  });

  test('is upgraded in place, and an upgrade to the same is none', async () => {
    const run = await newRun(account(6));
    await expect(upgradeServing(run)).rejects.toMatchObject({ code: 'STATE_FORBIDS' });
    const first = await deployServing(run, { stakeWei: STAKE, owner: account(6) });
    const count = await created(account(6));
    expect(await upgradeServing(run)).toEqual(first);
    expect(await created(account(6))).toBe(count);

    // Other books, as on another machine: the implementation is made anew, and the proxy runs it.
    books?.dispose();
    books = undefined;
    const other = await newRun(account(6));
    const second = await upgradeServing(other);
    expect(second.implementation).not.toBe(first.implementation);
    expect(second.proxy).toBe(first.proxy);
    expect(readRecord(run.recordFile, run.connection.network, '').history.map(({ what }) => what)).toEqual([
      'deployed',
      'upgraded',
    ]);
  });

  test('is read back: what runs, whose it is, and whether it is what was recorded', async () => {
    const run = await newRun(account(8));
    const serving = await deployServing(run, { stakeWei: STAKE, owner: account(9) });
    await deployPayments(run, { owner: account(9), issuer: account(8) });
    const record = readRecord(run.recordFile, run.connection.network, '');
    const view = await viewDeployment(run.connection, record);
    expect(view).toMatchObject({
      isOurs: true,
      owners: { serving: account(8), beacon: account(9), payments: account(9) },
      pendingOwners: { serving: account(9), payments: null },
    });
    expect(view.contracts.map(({ role, match }) => [role, match])).toEqual([
      ['proxy', 'exact'],
      ['beacon', 'exact'],
      ['implementation', 'exact'],
      ['payments', 'exact'],
    ]);
    // An upgrade that the record does not know of, to code that is not ours.
    const data = encodeFunctionData({ abi: beaconAbi, functionName: 'upgradeTo', args: [serving.beacon] });
    await node().request('eth_sendTransactionSync', [{ from: account(9), to: serving.beacon, data }]);
    const changed = viewDeployment(run.connection, record);
    await expect(changed).rejects.toMatchObject({ code: 'REVERTED' });
    const back = encodeFunctionData({
      abi: beaconAbi,
      functionName: 'upgradeTo',
      args: [chain.contracts.implementation],
    });
    await node().request('eth_sendTransactionSync', [{ from: account(9), to: serving.beacon, data: back }]);
    expect(await viewDeployment(run.connection, record)).toMatchObject({ isOurs: false });
    expect(
      await viewDeployment(run.connection, { ...record, serving: undefined, payments: undefined } as never),
    ).toMatchObject({
      isOurs: false,
      contracts: [],
    });
  });

  test('is not upgraded over storage that would change its meaning', async () => {
    const run = await newRun(account(7));
    await deployServing(run, { stakeWei: STAKE, owner: account(7) });
    const record = readRecord(run.recordFile, run.connection.network, '');
    const [head, ...rest] = record.serving?.storageLayout.storage ?? [];
    const moved = rest.map((slot) => ({ ...slot, slot: `${Number(slot.slot) + 1}` }));
    const storageLayout = { structs: {}, storage: head === undefined ? [] : [head, ...moved] };
    if (record.serving !== undefined)
      writeRecord(run.recordFile, { ...record, serving: { ...record.serving, storageLayout } });
    await expect(upgradeServing(run)).rejects.toMatchObject({ code: 'STATE_FORBIDS' });
  });

  test('of another chain is not taken for this one', async () => {
    const run = await newRun(account(8));
    const foreign = { chainId: '16602', network: 'x', genesisHash: '0x00', contracts: [], history: [] };
    writeFileSync(run.recordFile, JSON.stringify(foreign));
    const attempt = deployServing(run, { stakeWei: STAKE, owner: account(8) });
    await expect(attempt).rejects.toMatchObject({ code: 'WRONG_CHAIN' });
    expect(readFileSync(run.recordFile, 'utf8')).toBe(JSON.stringify(foreign));
  });

  test('sets a provider and a user up, once', async () => {
    const run = await newRun(account(1));
    const { proxy } = await deployServing(run, { stakeWei: STAKE, owner: account(1) });
    const serving = await ServingContract.open(run.connection, proxy);
    const context = { ...run, serving, runId: 'setup' };
    const wanted = {
      url: 'https://p.example',
      signer: account(2),
      cpuPriceWei: 1n,
      memoryPriceWei: 2n,
      createFeeWei: 3n,
    };
    await registerProvider(context, wanted);
    await joinProvider(context, { provider: account(1), depositWei: 500n });
    expect(await serving.providerState(account(1))).toMatchObject({
      isOpen: true,
      memoryPriceWei: 2n,
      stakeWei: STAKE,
    });
    const count = await created(account(1));
    await registerProvider(context, wanted);
    await joinProvider(context, { provider: account(1), depositWei: 500n });
    expect(await created(account(1))).toBe(count);
    expect(await serving.userMoney(account(1), account(1))).toMatchObject({ balanceWei: 500n });
  });
});

describe('code', () => {
  const artifact = artifactOf('BeaconProxy');
  const [range] = Object.values(artifact.immutableReferences).flat();

  test('is compared but for what was fixed when it was made', () => {
    const at = 2 + (range?.start ?? 0) * 2;
    const beacon = 'ab'.repeat(20).padStart(64, '0');
    const live = `${artifact.deployedBytecode.slice(0, at)}${beacon}${artifact.deployedBytecode.slice(at + 64)}` as Hex;
    expect(compareCode(live, artifact)).toMatchObject({ match: 'exact', fixed: [`0x${beacon}`] });
  });

  test('is told apart from other code, from none, and from the same with another note at its end', () => {
    const ours = artifactOf('SandboxServing');
    expect(compareCode('0x', ours).match).toBe('no code');
    expect(compareCode(artifact.deployedBytecode, ours).match).toBe('different');
    const note = `${ours.deployedBytecode.slice(0, -60)}${'00'.repeat(28)}${ours.deployedBytecode.slice(-4)}` as Hex;
    expect(compareCode(note, ours).match).toBe('same code');
  });
});

describe('storage layouts', () => {
  const live = artifactOf('SandboxServing').storageLayout;
  const gap = live.storage.find(({ label }) => label === '__gap');

  test('hold what they held, and the gap makes room', () => {
    expect(layoutBreaks(live, live)).toEqual([]);
    const slot = Number(gap?.slot ?? 0);
    const added = { label: '_added', slot: `${slot}`, offset: 0, type: 't_uint256' };
    const smaller = { ...gap, label: '__gap', slot: `${slot + 1}`, offset: 0, type: 't_array(t_uint256)39_storage' };
    const next = { ...live, storage: [...live.storage.filter(({ label }) => label !== '__gap'), added, smaller] };
    expect(layoutBreaks(live, next)).toEqual([]);
  });

  test('tell what moved, went, grew or was put between', () => {
    const [first, second, ...rest] = live.storage;
    if (first === undefined || second === undefined) throw new Error('there is state');
    expect(layoutBreaks(live, { ...live, storage: [second, ...rest] })).toHaveLength(1);
    const renamed = { ...first, label: 'other' };
    expect(layoutBreaks(live, { ...live, storage: [renamed, second, ...rest] })).toHaveLength(2);
    const [name = '', members = []] = Object.entries(live.structs)[0] ?? [];
    const grown = { ...live.structs, [name]: [...members, { ...first, label: 'more' }] };
    expect(layoutBreaks(live, { ...live, structs: grown })).toHaveLength(1);
  });
});

describe('explorers', () => {
  const contract: DeployedContract = {
    name: 'BeaconProxy',
    address: `0x${'12'.repeat(20)}`,
    transaction: `0x${'34'.repeat(32)}`,
    block: '7',
    deployer: `0x${'56'.repeat(20)}`,
    constructorArgs: '0xabcd',
    codeHash: '0x',
    compiler: '0.8.24+commit.e11b9ed9',
  };
  const signal = new AbortController().signal;
  const request = { chainId: 16602n, contract, signal, pauseMs: 1 };

  async function open(double: Promise<VerifierDouble>): Promise<VerifierDouble> {
    const opened = await double;
    doubles.push(opened);
    return opened;
  }

  afterEach(async () => {
    await Promise.all(doubles.splice(0).map((one) => one.close()));
  });

  test.each(['etherscan', 'blockscout'] as const)('of %s are asked as it documents, and waited for', async (kind) => {
    const { url, asked } = await open(etherscanDouble());
    const verifier = { kind, url: `${url}/v2/api`, apiKey: 'KEY' };
    expect(await verifyAt(verifier, request)).toEqual({ match: 'verified', wasKnown: false });
    await linkProxy(verifier, contract.address, request);
    expect(asked.map(({ query }) => query.get('action'))).toEqual([
      'verifysourcecode',
      'checkverifystatus',
      'checkverifystatus',
      'verifyproxycontract',
      'checkproxyverification',
      'checkproxyverification',
    ]);
    expect(new URLSearchParams(asked[0]?.body).get('constructorArguments')).toBe('abcd');
  });

  test('that know a contract already are content', async () => {
    const { url } = await open(etherscanDouble({ isKnown: true }));
    const verifier = { kind: 'etherscan', url: `${url}/v2/api`, apiKey: 'KEY' } as const;
    expect(await verifyAt(verifier, request)).toEqual({ match: 'verified', wasKnown: true });
    const { url: sourcify } = await open(sourcifyDouble({ known: 'exact_match' }));
    expect(await verifyAt({ kind: 'sourcify', url: sourcify }, request)).toEqual({
      match: 'exact_match',
      wasKnown: true,
    });
  });

  test('of Sourcify are given sources, compiler and transaction', async () => {
    const { url, asked } = await open(sourcifyDouble());
    expect(await verifyAt({ kind: 'sourcify', url }, request)).toEqual({ match: 'exact_match', wasKnown: false });
    await linkProxy({ kind: 'sourcify', url }, contract.address, request);
    expect(asked).toHaveLength(4);
  });

  test('that say no are quoted', async () => {
    const { url } = await open(etherscanDouble({ verdict: 'Fail - Unable to verify' }));
    const wrongKey = { kind: 'etherscan', url: `${url}/v2/api`, apiKey: 'no' } as const;
    await expect(verifyAt(wrongKey, request)).rejects.toThrow('Invalid API Key');
    await expect(verifyAt({ ...wrongKey, apiKey: 'KEY' }, request)).rejects.toThrow('Unable to verify');
    const { url: sourcify } = await open(sourcifyDouble({ match: null }));
    await expect(verifyAt({ kind: 'sourcify', url: sourcify }, request)).rejects.toThrow('bytecode differs');
    const gone = { kind: 'sourcify', url: 'http://127.0.0.1:9' } as const;
    await expect(verifyAt(gone, request)).rejects.toMatchObject({ code: 'VERIFIER_REFUSED' });
  });
});
