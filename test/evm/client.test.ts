/** Reads that several nodes agree on, events that come and go, settlement, and every "no" as a sentence. */
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { bytesToHex, encodeErrorResult, encodeFunctionData, getAbiItem, keccak256, toFunctionSelector } from 'viem';
import type { Abi, Address, Hex } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { beaconAbi, paymentsAbi, servingAbi } from '#core/chain/evm/abi.ts';
import { CONTRACT_NAMES, artifactOf } from '#core/chain/evm/artifacts.ts';
import { EvmConnection } from '#core/chain/evm/connection.ts';
import { offer, offerAgain } from '#core/chain/evm/fees.ts';
import { cursorAt, pollLogs } from '#core/chain/evm/logs.ts';
import type { LogCursor } from '#core/chain/evm/logs.ts';
import { NETWORKS } from '#core/chain/evm/networks.ts';
import { TOLD_REVERTS, tellRefusal, tellRevert } from '#core/chain/evm/reverts.ts';
import { EndpointError, Rpc, httpEndpoint } from '#core/chain/evm/rpc.ts';
import type { Endpoint } from '#core/chain/evm/rpc.ts';
import type { Intent } from '#core/chain/evm/send.ts';
import { ServingContract } from '#core/chain/evm/serving.ts';
import { anvilBinary } from '#core/chain/local/evm/anvil.ts';
import { startLocalEvm } from '#core/chain/local/evm/local-evm.ts';
import type { LocalEvm } from '#core/chain/local/evm/local-evm.ts';
import { VoucherDigests } from '#core/domain/voucher.ts';
import { developmentKeys } from '#core/signing/dev-evm.ts';
import { openCurve } from '#core/signing/secp256k1.ts';
import { mine, profileOf, senderOf } from '../support/evm-world.ts';

const { abi } = artifactOf('SandboxServing');
const DEAD = 'http://127.0.0.1:9';
let folder: string;
let chain: LocalEvm;

const node = (): Endpoint => httpEndpoint(chain.rpcUrl);
const account = (index: number): Address => chain.accounts[index] ?? '0x';
const connect = (finalityBlocks = 0n): Promise<EvmConnection> =>
  EvmConnection.open(profileOf(finalityBlocks), [node()]);

/** A node that lies about one method. */
function lyingEndpoint(method: string, lie: unknown): Endpoint {
  const honest = node();
  return {
    url: 'http://liar.example',
    request: async (asked, params) => (asked === method ? lie : honest.request(asked, params)),
  };
}

async function send(from: Address, intent: Intent): Promise<void> {
  const { to, data, valueWei } = intent;
  const value = `0x${valueWei.toString(16)}`;
  await node().request('eth_sendTransaction', [{ from, to, data, value }]);
  await mine(chain.rpcUrl);
}

const call = (functionName: string, args: readonly unknown[]): Hex => encodeFunctionData({ abi, functionName, args });

async function act(from: Address, functionName: string, args: readonly unknown[], valueWei = 0n): Promise<void> {
  await send(from, { id: '', to: chain.contracts.serving, data: call(functionName, args), valueWei, summary: '' });
}

describe('interfaces', () => {
  const shape = (one: Abi[number]): string =>
    one.type === 'function'
      ? `${toFunctionSelector(one)} ${one.stateMutability} ${one.outputs.map(({ type }) => type)}`
      : '';
  const functions = (list: Abi): string[] =>
    list
      .map(shape)
      .filter((text) => text !== '')
      .toSorted();

  test.each([
    ['SandboxServing', servingAbi],
    ['Payments', paymentsAbi],
    ['UpgradeableBeacon', beaconAbi],
  ] as const)('of %s are those of its artifact', (name, own) => {
    expect(functions(own)).toEqual(functions(artifactOf(name).abi));
  });

  test('every error of every contract has a sentence', () => {
    const errors = CONTRACT_NAMES.flatMap((name) => artifactOf(name).abi.filter(({ type }) => type === 'error'));
    const names = errors.map((one) => ('name' in one ? one.name : ''));
    expect(names.filter((name) => !TOLD_REVERTS.includes(name))).toEqual([]);
  });
});

describe('every error of the contracts', () => {
  /** A value of a type, unlike those of the error's other arguments. */
  const sample = (type: string, index: number): unknown => {
    if (type === 'address') return `0x${String(index + 1).repeat(40)}`;
    if (type === 'bytes32') return `0x${String(index + 1).repeat(64)}`;
    return type.startsWith('uint') ? BigInt(index + 7) : String(index);
  };
  const errors = CONTRACT_NAMES.flatMap((name) =>
    artifactOf(name).abi.flatMap((item) => (item.type === 'error' ? [[name, item.name, item] as const] : [])),
  );

  test.each(errors)('%s: %s says what happened, with its values, and what to do', (_, name, item) => {
    const args = item.inputs.map(({ type }, index) => sample(type, index));
    const told = tellRevert(encodeErrorResult({ abi: [item], errorName: name, args } as never));
    expect(told.reason).toBe(name);
    for (const text of [told.detail, told.fix]) expect(text).toMatch(/^[\w(].+\.$/);
    expect(`${told.detail} ${told.fix}`).not.toMatch(/undefined|NaN|The contract refused|Check the address and/);
  });

  test('the texts of the sources are those that are told', () => {
    const contracts = resolve(import.meta.dirname, '../../contracts/src');
    const sources = readdirSync(contracts, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.sol'),
    );
    const text = sources.map((file) => readFileSync(join(contracts, file), 'utf8')).join('\n');
    const said = [...text.matchAll(/(?:require|revert)\s*\([^;]*?"([^"]+)"\s*\)/g)].map(([, reason]) => reason);
    expect(said.length).toBeGreaterThan(0);
    expect(said.filter((reason) => !TOLD_REVERTS.includes(reason ?? ''))).toEqual([]);
  });
});

describe('refusals', () => {
  test.each(['not owner', 'refund locked', 'insufficient stake'])('the text "%s" is told', (text) => {
    const item = getAbiItem({ abi: [{ type: 'error', name: 'Error', inputs: [{ type: 'string' }] }], name: 'Error' });
    const data = encodeErrorResult({ abi: [item], errorName: 'Error', args: [text] } as never);
    expect(tellRevert(data)).toMatchObject({ reason: text, fix: expect.stringMatching(/\.$/) });
  });

  test('a custom error is told with its values', () => {
    const data = encodeErrorResult({ abi, errorName: 'InsufficientBalance', args: [10n ** 18n, 2n * 10n ** 18n] });
    expect(tellRevert(data)).toMatchObject({ reason: 'InsufficientBalance', detail: expect.stringContaining('2 (') });
    const panic = encodeErrorResult({
      abi: [{ type: 'error', name: 'Panic', inputs: [{ type: 'uint256' }] }],
      errorName: 'Panic',
      args: [17n],
    });
    expect(tellRevert(panic).detail).toContain('17');
  });

  test('what nobody knows is told as far as it goes', () => {
    expect(tellRevert('0x').detail).toContain('without a reason');
    expect(tellRevert('0xdeadbeef').detail).toContain('0xdeadbeef');
  });

  test.each([
    ['nonce too low: next nonce 5, tx nonce 3', 'NONCE_TOO_LOW'],
    ['replacement transaction underpriced', 'UNDERPRICED'],
    ['max fee per gas less than block base fee', 'UNDERPRICED'],
    ['insufficient funds for gas * price + value', 'INSUFFICIENT_FUNDS'],
    ['Insufficient funds for gas * price + value', 'INSUFFICIENT_FUNDS'],
    ['the method does not exist', 'RPC_REFUSED'],
    ['execution reverted', 'REVERTED'],
  ])('a node that says "%s" means %s', (message, code) => {
    expect(tellRefusal(new EndpointError('refused', message)).code).toBe(code);
  });
});

describe('fees', () => {
  const policy = { maxFeePerGasWei: 100n, priorityFeePerGasWei: 2n };

  test('are twice the base fee and the priority, within the cap', () => {
    expect(offer(10n, policy)).toEqual({ maxFeePerGasWei: 22n, maxPriorityFeePerGasWei: 2n });
    expect(offer(98n, policy).maxFeePerGasWei).toBe(100n);
    expect(() => offer(99n, policy)).toThrow('FEE_ABOVE_CAP');
  });

  test('rise by more than an eighth, or not at all', () => {
    const earlier = offer(10n, policy);
    expect(offerAgain(earlier, 10n, policy)).toEqual({ maxFeePerGasWei: 25n, maxPriorityFeePerGasWei: 3n });
    expect(offerAgain(earlier, 40n, policy)?.maxFeePerGasWei).toBe(82n);
    expect(offerAgain({ maxFeePerGasWei: 90n, maxPriorityFeePerGasWei: 2n }, 10n, policy)).toBeUndefined();
  });
});

describe.skipIf(anvilBinary() === undefined)('a connection, where npm has anvil', () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tollkeeper-client-'));
    chain = await startLocalEvm(folder);
    await act(account(1), 'addOrUpdateService', ['https://p.example', account(2), 10n, 20n, 30n], 10n ** 17n);
  });

  afterAll(async () => {
    await chain.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('is of the chain that was meant, or none', async () => {
    const { genesisHash } = (await connect()).network;
    const profile = { ...profileOf(), genesisHash };
    await expect(EvmConnection.open(profile, [node()])).resolves.toBeInstanceOf(EvmConnection);
    const wrong = { ...profile, genesisHash: `0x${'00'.repeat(32)}` };
    await expect(EvmConnection.open(wrong, [node()])).rejects.toMatchObject({ code: 'WRONG_CHAIN' });
    const mainnet = EvmConnection.open(NETWORKS['0g-mainnet'], [node()]);
    await expect(mainnet).rejects.toMatchObject({ code: 'WRONG_CHAIN' });
    const one = EvmConnection.open(profileOf(), [node(), lyingEndpoint('eth_chainId', '0x1')], { quorum: 1 });
    await expect(one).rejects.toMatchObject({ code: 'WRONG_CHAIN' });
  });

  test('needs somebody who answers', async () => {
    await expect(EvmConnection.open(profileOf(), [httpEndpoint(DEAD)])).rejects.toMatchObject({ code: 'RPC_DOWN' });
    expect(() => new Rpc([], 1)).toThrow('cannot agree');
    const rpc = new Rpc([httpEndpoint(DEAD), node()]);
    expect(await rpc.first('eth_chainId')).toBe('0x40da');
    await expect(rpc.agreed('eth_chainId', [], String)).rejects.toMatchObject({ code: 'RPC_DOWN' });
  });

  test('believes no node alone where money moves', async () => {
    const liar = lyingEndpoint('eth_getBalance', '0xffffffffffffffffffffff');
    const two = await EvmConnection.open(profileOf(), [node(), liar]);
    await expect(two.agreedBalance(account(3), 0n)).rejects.toMatchObject({ code: 'RPC_DISAGREES' });
    const three = await EvmConnection.open(profileOf(), [liar, node(), node()]);
    expect(await three.agreedBalance(account(3), 0n)).toBe(10_000n * 10n ** 18n);
  });

  test('takes the height that enough nodes have', async () => {
    const ahead = await EvmConnection.open(profileOf(), [node(), lyingEndpoint('eth_blockNumber', '0xffffff')]);
    const alone = await connect();
    expect((await ahead.agreedHead()).number).toBe((await alone.agreedHead()).number);
  });

  test('tells a contract from what is none, and from another', async () => {
    const connection = await connect();
    await expect(ServingContract.open(connection, account(3))).rejects.toMatchObject({ code: 'NOT_A_CONTRACT' });
    for (const other of [chain.contracts.beacon, chain.contracts.payments]) {
      await expect(ServingContract.open(connection, other)).rejects.toMatchObject({ code: 'WRONG_CONTRACT' });
    }
    const serving = await ServingContract.open(connection, chain.contracts.serving);
    expect(await serving.providerState(account(1))).toMatchObject({
      isOpen: true,
      signer: account(2),
      stakeWei: 10n ** 17n,
    });
    expect(await serving.registrationStake()).toBe(10n ** 17n);
  });

  test('settles vouchers and a batch that were signed here', async () => {
    const [provider, user] = [account(1), account(4)];
    await act(user, 'acknowledgeTEESigner', [provider, true]);
    await act(user, 'deposit', [user, provider], 1000n);
    const { connection, sender } = await senderOf({ endpoints: [node()], account: account(2) });
    const serving = await ServingContract.open(connection, chain.contracts.serving);
    expect(await serving.isAcknowledged(user, provider)).toBe(true);

    const domain = { chainId: 16602n, verifyingContract: chain.contracts.serving };
    const digests = new VoucherDigests((bytes) => keccak256(bytes, 'bytes'), domain);
    const key = developmentKeys(3)[2]?.bytes ?? new Uint8Array(32);
    const sign = async (digest: Uint8Array) => bytesToHex(await openCurve().sign(digest, key));
    const voucher = { user, provider, totalFeeWei: 300n, usageHash: keccak256('0x01'), nonce: 1n };
    const signed = { ...voucher, signature: await sign(digests.voucher(voucher)) };
    const unpaid = { ...signed, totalFeeWei: 301n };
    expect(await serving.preview([signed, unpaid])).toEqual(['SUCCESS', 'INVALID_SIGNATURE']);

    const { intent } = await sender.submit(serving.settle('settle-1', [signed]));
    const signal = AbortSignal.timeout(5000);
    expect(await sender.finish(intent.id, { signal, pauseMs: 5 })).toMatchObject({ state: 'finalized' });
    expect(await serving.userMoney(user, provider)).toMatchObject({ balanceWei: 700n, lastNonce: 1n });

    const entries = [{ user, nonce: 2n, feeWei: 200n }];
    const batch = { provider, epoch: 1n, usageRoot: keccak256('0x02'), entries };
    const packed = new Uint8Array(
      Buffer.from(`${user.slice(2)}${'2'.padStart(16, '0')}${'c8'.padStart(24, '0')}`, 'hex'),
    );
    const signature = await sign(digests.batch({ ...batch, entries: packed }));
    const sent = await sender.submit(serving.settleBatch('batch-1', { ...batch, signature }));
    expect((await sender.finish(sent.intent.id, { signal, pauseMs: 5 })).state).toBe('finalized');
    expect(await serving.userMoney(user, provider)).toMatchObject({ balanceWei: 500n, lastNonce: 2n });
    expect((await serving.providerState(provider)).earningsWei).toBe(500n);
    const again = serving.settleBatch('batch-2', { ...batch, signature });
    await expect(sender.submit(again)).rejects.toMatchObject({ refusal: { values: { reason: 'InvalidEpoch' } } });

    const out = serving.call('out-1', {
      functionName: 'withdrawEarnings',
      args: [],
      valueWei: 0n,
      summary: 'Withdraw',
    });
    await expect(sender.submit(out)).rejects.toMatchObject({ code: 'REVERTED' });
  });

  test('follows events, and takes back what the chain takes back', async () => {
    const connection = await connect(5n);
    const source = { connection, addresses: [chain.contracts.serving], abi };
    const start = await connection.agreedHead();
    let cursor: LogCursor = cursorAt(start.number, start.hash);
    await act(account(5), 'deposit', [account(5), account(1)], 11n);
    await act(account(5), 'deposit', [account(5), account(1)], 22n);
    const first = await pollLogs(source, cursor);
    expect(first.added.map(({ name, args }) => [name, args['amount']])).toEqual([
      ['Deposited', 11n],
      ['Deposited', 22n],
    ]);
    cursor = first.cursor;
    expect(await pollLogs(source, cursor)).toMatchObject({ added: [], removed: [] });

    // Two blocks are rewritten, and the second deposit is not in the new ones.
    await node().request('anvil_reorg', [2, []]);
    const second = await pollLogs(source, cursor);
    expect(second.removed.map(({ id }) => id)).toEqual([first.added[1]?.id]);
    expect(second.added).toEqual([]);
    await act(account(5), 'deposit', [account(5), account(1)], 33n);
    const third = await pollLogs(source, second.cursor);
    expect(third.added.map(({ args }) => args['amount'])).toEqual([33n]);

    await mine(chain.rpcUrl, 10);
    const last = await pollLogs(source, third.cursor);
    expect(last.cursor.blocks.length).toBeLessThanOrEqual(7);
    expect(last.cursor.blocks[0]?.number).toBe(last.finalBlock);
  });

  test('does not go on with a chain that lost what was final', async () => {
    const connection = await connect();
    const source = { connection, addresses: [chain.contracts.serving], abi };
    const foreign = cursorAt(1n, `0x${'12'.repeat(32)}`);
    await expect(pollLogs(source, foreign)).rejects.toMatchObject({ code: 'WRONG_CHAIN' });
  });

  test('refuses events that two nodes tell differently', async () => {
    const connection = await EvmConnection.open(profileOf(), [node(), lyingEndpoint('eth_getLogs', [])]);
    const source = { connection, addresses: [chain.contracts.serving], abi };
    const start = await connection.agreedBlock(0n);
    const cursor = cursorAt(0n, start?.hash ?? '0x');
    await expect(pollLogs(source, cursor)).rejects.toMatchObject({ code: 'RPC_DISAGREES' });
  });
});
