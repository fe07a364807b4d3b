import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection } from '@solana/web3.js';
import { afterAll, expect, test } from 'vitest';
import { solanaChain } from '#core/chain/local/solana/kind.ts';
import { start } from '#core/runtime/start.ts';
import { funded } from '../support/solana.ts';

const folder = mkdtempSync(join(tmpdir(), 'solana-start-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a workspace starts with a local Solana chain and rollup beside it, and finds them again', async () => {
  expect(solanaChain.whyNot()).toBeUndefined();
  const workspace = join(folder, 'books.tollkeeper');
  const options = { host: 'none', workspace, chains: 'solana', logLevel: 'error' } as const;
  const first = await start(options);
  const { facts, complaints } = await first.chains;
  expect(complaints).toEqual([]);
  expect(facts).toMatchObject({
    solanaRpc: expect.any(String),
    rollupKind: expect.stringMatching(/^(?:real|emulator|none)$/),
  });
  const wallet = await funded(new Connection(facts['solanaRpc'] ?? '', 'confirmed'));
  await first.close();
  const second = await start(options);
  const again = new Connection((await second.chains).facts['solanaRpc'] ?? '', 'confirmed');
  expect(await again.getBalance(wallet.publicKey)).toBe(10_000_000_000);
  await second.close();
});
