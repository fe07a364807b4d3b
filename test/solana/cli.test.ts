import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { existsSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { dumpsFolder } from '#core/chain/local/solana/genesis.ts';
import { startLocalSolana } from '#core/chain/local/solana/supervisor.ts';
import { here } from '../support/cli.ts';
import { ARTIFACTS } from '../support/solana.ts';

const isReady = existsSync(join(ARTIFACTS, 'usage_vault.so')) && dumpsFolder() !== undefined;
const folder = mkdtempSync(join(tmpdir(), 'solana-cli-'));
afterAll(() => rmSync(folder, { recursive: true }));

test.skipIf(!isReady)(
  'vault demo tells every signature, and its statement is proven later (skipped without programs)',
  async () => {
    const local = await startLocalSolana({ rollup: 'emulator' });
    try {
      const file = join(folder, 'statement.json');
      const urls = ['--rpc', local.rpc, '--rollup-rpc', local.rollup.rpc ?? ''];
      const ran = await here(['vault', 'demo', ...urls, '--statement', file, '--output', 'table']);
      expect(ran.code).toBe(0);
      expect(ran.out.match(/^(?:base|rollup) +\w{80,} /gm)).toHaveLength(375);
      const proven = await here(['verify', '--chain', file]);
      expect(proven).toMatchObject({ code: 0, json: { ok: true } });
      const statement = JSON.parse(readFileSync(file, 'utf8')) as { paidOutLamports: string };
      writeFileSync(file, JSON.stringify({ ...statement, paidOutLamports: '1' }));
      expect(await here(['verify', '--chain', file])).toMatchObject({ code: 1, json: { ok: false } });
    } finally {
      await local.stop();
    }
  },
);

test('what is no statement, or half a pair of addresses, is refused with what to do', async () => {
  const file = join(folder, 'none.json');
  writeFileSync(file, '{}');
  expect(await here(['verify', '--chain', file])).toMatchObject({ code: 64 });
  const half = await here(['vault', 'demo', '--rpc', 'http://127.0.0.1:1']);
  expect(half).toMatchObject({ code: 64, err: expect.stringContaining('belong together') });
  expect(await here(['vault', 'tour'])).toMatchObject({ code: 64 });
});
