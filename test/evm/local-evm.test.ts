/** The local EVM chain: quick, with our contracts on it, remembering what was done, and never an orphan. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPublicClient, http } from 'viem';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { artifactOf } from '#core/chain/evm/artifacts.ts';
import { startChains } from '#core/chain/local/embedded.ts';
import { anvilBinary } from '#core/chain/local/evm/anvil.ts';
import { startLocalEvm } from '#core/chain/local/evm/local-evm.ts';
import type { LocalEvm } from '#core/chain/local/evm/local-evm.ts';
import { processesIn, remainingIn } from '../support/processes.ts';

let folder: string;
const running: LocalEvm[] = [];

async function start(): Promise<LocalEvm> {
  const chain = await startLocalEvm(folder);
  running.push(chain);
  return chain;
}

const clientOf = ({ rpcUrl }: LocalEvm) => createPublicClient({ transport: http(rpcUrl) });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollkeeper-evm-'));
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((chain) => chain.close()));
  rmSync(folder, { recursive: true, force: true });
});

describe.skipIf(anvilBinary() === undefined)('the local EVM chain, where npm has anvil', () => {
  test('is up with its contracts within 1.5 seconds', async () => {
    const startedAtMs = performance.now();
    const chain = await start();
    expect(performance.now() - startedAtMs).toBeLessThan(1500);
    const client = clientOf(chain);
    expect(await client.getChainId()).toBe(16602);
    const { abi } = artifactOf('SandboxServing');
    const { serving, owner } = chain.contracts;
    expect(await client.readContract({ address: serving, abi, functionName: 'owner' })).toBe(owner);
    expect(await client.readContract({ address: serving, abi, functionName: 'providerStake' })).toBe(10n ** 17n);
    expect(await client.getBalance({ address: chain.accounts[9] ?? '0x' })).toBe(10_000n * 10n ** 18n);
    expect(new URL(chain.rpcUrl).hostname).toBe('127.0.0.1');
  });

  test('remembers what was done and makes nothing twice', async () => {
    const first = await start();
    const [from, to] = first.accounts;
    const client = clientOf(first);
    const before = await client.getBlockNumber();
    const params = [{ from, to, value: '0x1' }];
    await client.request({ method: 'eth_sendTransaction', params } as never);
    await first.close();

    const second = await start();
    expect(second.contracts).toEqual(first.contracts);
    expect(await clientOf(second).getBlockNumber()).toBe(before + 1n);
    const [genesis, again] = await Promise.all([
      clientOf(second).getBlock({ blockNumber: 0n }),
      clientOf(second).getCode({ address: first.contracts.serving }),
    ]);
    expect(genesis.hash).toMatch(/^0x[0-9a-f]{64}$/);
    expect(again).not.toBeUndefined();
  });

  test('makes contracts anew where those it has are not the committed ones', async () => {
    const first = await start();
    const request = { method: 'anvil_setCode', params: [first.contracts.implementation, '0x6000'] };
    await clientOf(first).request(request as never);
    await first.close();
    const second = await start();
    expect(second.contracts.serving).not.toBe(first.contracts.serving);
    const { abi } = artifactOf('SandboxServing');
    const call = { address: second.contracts.serving, abi, functionName: 'LOCK_TIME' } as const;
    expect(await clientOf(second).readContract(call)).toBe(7200n);
  });

  test('starts anew on state that was cut short', async () => {
    writeFileSync(join(folder, 'state.json'), '{"block":');
    const chain = await start();
    expect(await clientOf(chain).getChainId()).toBe(16602);
  });

  test('ends when it is told to, and leaves nothing behind', async () => {
    const chain = await start();
    expect(processesIn(folder).length).toBeGreaterThan(0);
    await chain.close();
    await chain.ended;
    expect(processesIn(folder)).toEqual([]);
  });

  test('ends with a parent that was killed', async () => {
    const script = `
      import { startLocalEvm } from './core/chain/local/evm/local-evm.ts';
      const { rpcUrl } = await startLocalEvm(process.argv[1]);
      process.stdout.write(rpcUrl);
      setInterval(() => undefined, 1000);`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(parent.stdout, 'data');
    expect(processesIn(folder).length).toBeGreaterThan(1);
    parent.kill('SIGKILL');
    expect(await remainingIn(folder, 6000)).toEqual([]);
  });
});

describe('the chains of a workspace', () => {
  const workspace = () => join(folder, 'books.tollkeeper');

  test('are none where none was chosen', async () => {
    const { ready, close } = startChains('none', workspace());
    expect(await ready).toEqual({ facts: {}, complaints: [] });
    await close();
  });

  test.skipIf(anvilBinary() === undefined)(
    'tell where they are, and keep their state beside the workspace',
    async () => {
      const { ready, close } = startChains('evm', workspace());
      const { facts, complaints } = await ready;
      expect(complaints).toEqual([]);
      expect(facts['evmRpc']).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
      await close();
      expect(processesIn(folder)).toEqual([]);
    },
  );

  test.skipIf(anvilBinary() === undefined)('that fail are told, and the console goes on', async () => {
    writeFileSync(`${workspace()}-chains`, 'a file where the folder should be');
    const { ready, close } = startChains('evm', workspace());
    const { facts, complaints } = await ready;
    expect(facts).toEqual({ evmRpc: null });
    expect(complaints).toHaveLength(1);
    await close();
  });
});
