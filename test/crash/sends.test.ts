/** A send killed at every write and between them: what was signed is found again, never signed anew, executed once. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Address, Hex } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { httpEndpoint } from '#core/chain/evm/rpc.ts';
import { EvmConnection } from '#core/chain/evm/connection.ts';
import { ServingContract } from '#core/chain/evm/serving.ts';
import { anvilBinary } from '#core/chain/local/evm/anvil.ts';
import { startLocalEvm } from '#core/chain/local/evm/local-evm.ts';
import type { LocalEvm } from '#core/chain/local/evm/local-evm.ts';
import { backup } from '#core/ledger/backup.ts';
import { createFile, openForReading } from '#core/ledger/open.ts';
import { verify } from '#core/ledger/verify.ts';
import { profileOf } from '../support/evm-world.ts';
import { sendOnce } from './send-once.ts';
import type { Given } from './send-once.ts';

/** Commits in order: the lease, built, signed, sent, finalized. */
const KILLS = [1, 2, 3, 4, 5].flatMap((time) => [`commit.written:${time}`, `commit.durable:${time}`]);

let folder: string;
let chain: LocalEvm;
let users = 0;

async function killedAt(point: string, given: Given): Promise<NodeJS.Signals | null> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'send-once.ts'), JSON.stringify(given)], {
    env: { ...process.env, TOLLKEEPER_FAILPOINT: point },
    stdio: 'ignore',
  });
  const [, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  return signal;
}

function bytesIn(file: string): { no: number; bytes: string }[] {
  const connection = openForReading(file);
  const rows = connection.prepare('SELECT no, bytes FROM send_attempt ORDER BY no').all();
  connection.close();
  return rows as { no: number; bytes: string }[];
}

async function balanceOf(user: Address): Promise<bigint> {
  const connection = await EvmConnection.open(profileOf(), [httpEndpoint(chain.rpcUrl)]);
  const serving = await ServingContract.open(connection, chain.contracts.serving);
  return (await serving.userMoney(user, chain.accounts[1] ?? '0x')).balanceWei;
}

describe.skipIf(anvilBinary() === undefined)('a send that is killed (needs anvil)', () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tollkeeper-send-crash-'));
    chain = await startLocalEvm(join(folder, 'chain'));
  });
  afterAll(async () => {
    await chain.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test.each(KILLS)('at %s is executed once, with the bytes that were signed', async (point) => {
    users += 1;
    const given: Given = {
      file: join(folder, `${point.replace(':', '-')}.toll`),
      rpcUrl: chain.rpcUrl,
      account: chain.accounts[4] ?? '0x',
      serving: chain.contracts.serving,
      provider: chain.accounts[1] ?? '0x',
      user: `0x${users.toString(16).padStart(40, '0')}` as Hex,
    };
    createFile(given.file);
    expect(await killedAt(point, given)).toBe('SIGKILL');
    const before = bytesIn(given.file);
    const steps: string[] = [];
    await sendOnce(given, (step) => steps.push(step));
    expect(steps).toEqual(['submitted', 'finished']);
    const after = bytesIn(given.file);
    expect(after).toHaveLength(1);
    if (before.length > 0) expect(after).toEqual(before);
    expect(await balanceOf(given.user)).toBe(1n);

    await backup(given.file, `${given.file}.copy`);
    for (const file of [given.file, `${given.file}.copy`]) {
      const connection = openForReading(file);
      expect(verify(connection).problem).toBeNull();
      expect(connection.prepare('SELECT state FROM send').pluck().get()).toBe('finalized');
      connection.close();
    }
  });
});
