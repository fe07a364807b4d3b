import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Connection, Keypair } from '@solana/web3.js';
import { afterEach, expect, test } from 'vitest';
import { startLocalSolana } from '#core/chain/local/solana/supervisor.ts';
import type { LocalSolana } from '#core/chain/local/solana/supervisor.ts';
import { processesIn, remainingIn } from '../support/processes.ts';
import { realRollupMissing } from '../support/rollup-sysroot.ts';
import { funded } from '../support/solana.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const running: LocalSolana[] = [];
const folders: string[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.stop()));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function newFolder(): string {
  const made = mkdtempSync(join(tmpdir(), 'solana-'));
  folders.push(made);
  return made;
}

async function start(options: Parameters<typeof startLocalSolana>[0] = {}): Promise<LocalSolana> {
  const chain = await startLocalSolana(options);
  running.push(chain);
  return chain;
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** Resident memory of a process in MB, on Linux. */
function residentMb(pid: number | undefined): number {
  const [, kb = '0'] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kb) / 1024;
}

test('the process stays under 200 MB over thousands of transactions', { timeout: 60_000 }, async () => {
  const chain = await start();
  const connection = new Connection(chain.rpc, 'confirmed');
  for (let round = 0; round < 50; round += 1) {
    await Promise.all(
      Array.from({ length: 40 }, () => connection.requestAirdrop(Keypair.generate().publicKey, 1_000_000)),
    );
  }
  expect(await connection.getTransactionCount()).toBeGreaterThanOrEqual(2000);
  if (process.platform === 'linux') expect(residentMb(chain.pid())).toBeLessThan(200);
});

test('a restart keeps accounts and records, and never goes back in slots', async () => {
  const options = { folder: newFolder() };
  const chain = await start(options);
  const connection = new Connection(chain.rpc, 'confirmed');
  const wallet = await funded(connection, 3);
  const [listed] = await connection.getSignaturesForAddress(wallet.publicKey);
  const { blockhash } = await connection.getLatestBlockhash();
  const [genesis, slot] = [await connection.getGenesisHash(), await connection.getSlot()];
  await chain.restart();
  expect(await connection.getBalance(wallet.publicKey)).toBe(3_000_000_000);
  expect((await connection.getTransaction(listed?.signature ?? ''))?.slot).toBe(listed?.slot);
  expect(await connection.getSlot()).toBeGreaterThan(slot + 150);
  expect(await connection.getGenesisHash()).toBe(genesis);
  expect((await connection.isBlockhashValid(blockhash)).value).toBe(false);
  await chain.restart({ isFresh: true });
  expect(await connection.getBalance(wallet.publicKey)).toBe(0);
  expect(await connection.getGenesisHash()).not.toBe(genesis);
});

test('a process that is killed is started again at the same address, with what it had saved', async () => {
  const restarted = Promise.withResolvers<string>();
  const chain = await start({ folder: newFolder(), onRestart: restarted.resolve });
  const connection = new Connection(chain.rpc, 'confirmed');
  const wallet = await funded(connection);
  await expect.poll(() => connection.getSlot(), { timeout: 5000, interval: 300 }).toBeGreaterThan(440_208_004);
  process.kill(chain.pid() ?? 0, 'SIGKILL');
  expect(await restarted.promise).toContain('SIGKILL');
  await expect
    .poll(() => connection.getBalance(wallet.publicKey).catch(() => -1), { timeout: 5000 })
    .toBe(10_000_000_000);
});

test('a torn snapshot is refused with what to do', async () => {
  const made = newFolder();
  writeFileSync(join(made, 'solana.chain'), 'not a snapshot');
  await expect(startLocalSolana({ folder: made })).rejects.toThrow('or was torn. Remove it');
});

const noReal = realRollupMissing();

test.skipIf(noReal !== undefined)(
  `the real rollup comes back after SIGKILL (skipped: ${noReal ?? 'never'})`,
  async () => {
    const made = newFolder();
    const chain = await start({ folder: made, rollup: 'real' });
    expect(chain.rollup).toMatchObject({ kind: 'real', name: 'MagicBlock ephemeral-validator 0.8.3' });
    const slot = async (): Promise<number> => new Connection(chain.rollup.rpc ?? '').getSlot().catch(() => -1);
    const [line = ''] = processesIn(join(made, 'rollup')).filter((each) => /^\d+ \S*(?:ld-linux|ephemeral)/.test(each));
    process.kill(Number(line.split(' ', 1)[0]), 'SIGKILL');
    await expect.poll(slot, { timeout: 5000 }).toBe(-1);
    await expect.poll(slot, { timeout: 10_000 }).toBeGreaterThan(0);
  },
);

test.each(['emulator', noReal === undefined ? 'real' : 'none'] as const)(
  'no process is left when its parent is killed, with rollup %s',
  async (rollup) => {
    const made = newFolder();
    const script = `
    import { startLocalSolana } from '${ROOT}/core/chain/local/solana/supervisor.ts';
    const chain = await startLocalSolana({ folder: '${made}', rollup: '${rollup}' });
    process.stdout.write(String(chain.pid()) + '\\n');
    setInterval(() => {}, 1000);
  `;
    const parent = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
      cwd: ROOT,
      stdio: 'pipe',
    });
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(line.toString());
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await expect.poll(() => isAlive(pid), { timeout: 8000 }).toBe(false);
    expect(await remainingIn(made, 5000)).toEqual([]);
  },
);
