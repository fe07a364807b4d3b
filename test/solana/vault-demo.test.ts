import { Keypair } from '@solana/web3.js';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { sign, createPrivateKey } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { startLocalSolana } from '#core/chain/local/solana/supervisor.ts';
import { dumpsFolder } from '#core/chain/local/solana/genesis.ts';
import type { Actor } from '#core/chain/solana/demo/cast.ts';
import { verifyStatement } from '#core/chain/solana/demo/statement.ts';
import { runVaultDemo } from '#core/chain/solana/demo/vault-demo.ts';
import { realRollupMissing } from '../support/rollup-sysroot.ts';
import { ARTIFACTS } from '../support/solana.ts';

const noProgram = existsSync(join(ARTIFACTS, 'usage_vault.so')) ? undefined : 'the programs are not built';
const noDumps = dumpsFolder() === undefined ? "MagicBlock's optional package is not installed" : noProgram;
const noReal = noDumps ?? realRollupMissing();
const kinds = [
  ...(noDumps === undefined ? (['emulator'] as const) : []),
  ...(noReal === undefined ? (['real'] as const) : []),
];

test.skipIf(noReal !== undefined)(`the demo runs on both rollups (skipped: ${noReal ?? 'never'})`, () => {
  expect(kinds).toHaveLength(2);
});

function actor(): Actor {
  const pair = Keypair.generate();
  const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), pair.secretKey.slice(0, 32)]);
  const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
  return { address: pair.publicKey, sign: async (message) => sign(null, message, key) };
}

const RECIPE = resolve(import.meta.dirname, '../../docs/recipes/vault-cycle.mjs');

test.each(kinds)('a script with nothing but web3.js goes through the cycle on the %s rollup', async (rollup) => {
  const local = await startLocalSolana({ rollup });
  try {
    const child = spawn(process.execPath, [RECIPE, local.rpc, local.rollup.rpc ?? ''], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const told = text(child.stdout);
    await once(child, 'close');
    expect((await told).trim().split('\n').at(-1)).toBe('The balances are right.');
  } finally {
    await local.stop();
  }
});

describe.each(kinds)('a billing cycle on the %s rollup', (rollup) => {
  test('ends with the balances of the demo’s own sum, by the chain’s accounts and events', async () => {
    const local = await startLocalSolana({ rollup });
    try {
      const chain = { rpc: local.rpc, rollupRpc: local.rollup.rpc ?? '' };
      const statement = await runVaultDemo({
        chain,
        cast: { operator: actor(), customer: actor() },
        tell: () => undefined,
      });
      const findings = await verifyStatement(statement);
      expect(findings.filter(({ isEqual }) => !isEqual)).toEqual([]);
      const forged = { ...statement, feesLamports: String(BigInt(statement.feesLamports) + 1n) };
      expect((await verifyStatement(forged)).filter(({ isEqual }) => !isEqual)).toHaveLength(3);
      const short = { ...statement, signatures: statement.signatures.slice(1) };
      expect(
        (await verifyStatement({ ...short, signatures: [...short.signatures, '1'.repeat(64)] })).some(
          ({ isEqual }) => !isEqual,
        ),
      ).toBe(true);
    } finally {
      await local.stop();
    }
  });
});
