import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { dumpsFolder } from '#core/chain/local/solana/genesis.ts';
import { startLocalSolana } from '#core/chain/local/solana/supervisor.ts';
import { here } from '../support/cli.ts';
import { makeWorkspace } from '../support/workspace.ts';
import { ARTIFACTS, funded, openWorld } from '../support/solana.ts';

const NOOP = 'noopb9bkMVfRPU8AsbpTUg8AQkHtKwMYZiFUjNRtMmV';

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

const dumps = dumpsFolder();

test.skipIf(dumps === undefined)(
  'solana deploys with the cost said first, compares, and asks twice (skipped without programs)',
  async () => {
    const world = await openWorld({ slotMs: 100 });
    try {
      const payer = await funded(world.connection, 100);
      const workspace = join(folder, 'books.tollkeeper');
      await makeWorkspace(workspace);
      const key = join(folder, 'payer.json');
      writeFileSync(key, JSON.stringify([...payer.secretKey]));
      const [file, state] = [join(dumps ?? '', `${NOOP}.so`), join(folder, 'state.json')];
      const solana = (verb: string, ...args: string[]) =>
        here([
          ...['solana', verb, file, '--rpc', world.chain.doors.rpc, '--payer', key, '--state', state],
          ...['--workspace', workspace, ...args],
        ]);
      expect((await solana('deploy', '--profile', 'devnet')).err).toContain('is of local, not of devnet');
      expect(await here(['solana', 'verify', file, '--workspace', workspace])).toMatchObject({ code: 1 });
      const asked = await solana('deploy');
      expect(asked).toMatchObject({ code: 64, err: expect.stringContaining('Write the program in 44 parts') });
      expect((await solana('deploy', '--yes', '--fee-limit', '5')).err).toContain('FEE_ABOVE_CAP');
      const { program } = (await solana('deploy', '--yes')).json as { program: string };
      expect(existsSync(state)).toBe(false);
      expect(await solana('verify', '--program', program)).toMatchObject({
        code: 0,
        json: { ok: true, authority: payer.publicKey.toBase58() },
      });
      const other = join(dumps ?? '', 'SPLxh1LVZzEkX99H6rqYizhytLWPZVV296zyYDPagv2.so');
      expect(
        await here([
          ...['solana', 'verify', other, '--rpc', world.chain.doors.rpc, '--program', program],
          ...['--workspace', workspace],
        ]),
      ).toMatchObject({ code: 1 });
      const final = ['--program', program, '--new-authority', 'none'];
      expect((await solana('set-authority', ...final)).err).toContain(`--confirm ${program}`);
      expect((await solana('set-authority', ...final, '--confirm', program)).err).toContain('a second time');
      expect(await solana('set-authority', ...final, '--confirm', program, '--confirm-again', program)).toMatchObject({
        code: 0,
        json: { authority: 'nobody, for ever' },
      });
      expect(
        (await solana('close', '--program', program, '--confirm', program, '--confirm-again', program)).err,
      ).toContain('is final');
    } finally {
      await world.close();
    }
  },
);
