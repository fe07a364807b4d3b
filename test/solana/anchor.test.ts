import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AnchorProvider, Program, Wallet } from '@coral-xyz/anchor';
import type { Idl } from '@coral-xyz/anchor';
import BN from 'bn.js';
import { Keypair, PublicKey, SystemProgram, TransactionInstruction } from '@solana/web3.js';
import { DELEGATION_PROGRAM_ID, createDelegateInstruction } from '@magicblock-labs/ephemeral-rollups-sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dumpsFolder } from '#core/chain/local/solana/genesis.ts';
import { UsageVaultProgram } from '#core/chain/solana/usage-vault.ts';
import { ARTIFACTS, funded, openWorld, sent } from '../support/solana.ts';
import type { World } from '../support/solana.ts';

/** MagicBlock's ephemeral SPL token program, no Anchor program, as an Anchor IDL: discriminators of one byte. */
const PROGRAM = 'SPLxh1LVZzEkX99H6rqYizhytLWPZVV296zyYDPagv2';
const IDL = {
  address: PROGRAM,
  metadata: { name: 'etoken', version: '0.1.0', spec: '0.1.0' },
  instructions: [
    {
      name: 'init_ephemeral_ata',
      discriminator: [0],
      accounts: [
        { name: 'eata', writable: true },
        { name: 'payer', writable: true, signer: true },
        { name: 'owner' },
        { name: 'mint' },
        { name: 'system_program', address: '11111111111111111111111111111111' },
      ],
      args: [{ name: 'bump', type: 'u8' }],
    },
  ],
  accounts: [{ name: 'EphemeralAta', discriminator: [] }],
  types: [
    {
      name: 'EphemeralAta',
      type: {
        kind: 'struct',
        fields: [
          { name: 'owner', type: 'pubkey' },
          { name: 'mint', type: 'pubkey' },
          { name: 'amount', type: 'u64' },
        ],
      },
    },
  ],
} as const;

const MISSING = "MagicBlock's optional package is not installed";

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

test.skipIf(dumpsFolder() === undefined)(
  `Anchor sends, reads, listens and simulates (${MISSING} where skipped)`,
  async () => {
    const { connection, chain } = world;
    const payer = await funded(connection);
    const provider = new AnchorProvider(connection, new Wallet(payer), { commitment: 'confirmed' });
    const program = new Program(structuredClone(IDL) as never, provider);
    const mint = new PublicKey(chain.facts.testUsdc);
    const seeds = [payer.publicKey.toBuffer(), mint.toBuffer()];
    const [eata, bump] = PublicKey.findProgramAddressSync(seeds, new PublicKey(PROGRAM));
    const accounts = { eata, payer: payer.publicKey, owner: payer.publicKey, mint };
    const heard = Promise.withResolvers<string>();
    const listener = connection.onLogs(new PublicKey(PROGRAM), ({ signature }) => heard.resolve(signature));
    const method = (): ReturnType<NonNullable<typeof program.methods.initEphemeralAta>> => {
      const make = program.methods['initEphemeralAta'];
      if (make === undefined) return expect.unreachable('the IDL names the instruction');
      return make(bump).accounts(accounts);
    };
    expect((await method().simulate()).raw.length).toBeGreaterThan(0);
    const signature = await method().rpc();
    expect(await heard.promise).toBe(signature);
    await connection.removeOnLogsListener(listener);
    const reader = (program.account as Record<string, { fetch: (at: PublicKey) => Promise<unknown> }>)['ephemeralAta'];
    expect(await reader?.fetch(eata)).toMatchObject({ owner: payer.publicKey, mint });
    const wrong = program.methods['initEphemeralAta']?.(bump).accounts({
      ...accounts,
      eata: Keypair.generate().publicKey,
    });
    await expect(wrong?.rpc()).rejects.toThrow(/Simulation failed|custom program error|invalid/i);
  },
);

test.skipIf(dumpsFolder() === undefined)(
  `a wallet is delegated by the real program (${MISSING} where skipped)`,
  async () => {
    const { connection, chain } = world;
    const [payer, wallet] = [await funded(connection), await funded(connection, 1)];
    const assign = SystemProgram.assign({ accountPubkey: wallet.publicKey, programId: DELEGATION_PROGRAM_ID });
    const delegate = createDelegateInstruction({
      payer: payer.publicKey,
      delegatedAccount: wallet.publicKey,
      ownerProgram: SystemProgram.programId,
      validator: new PublicKey(chain.facts.validator),
    });
    await sent(connection, [assign, new TransactionInstruction(delegate)], [payer, wallet]);
    expect((await connection.getAccountInfo(wallet.publicKey))?.owner.equals(DELEGATION_PROGRAM_ID)).toBe(true);
  },
);

test('Anchor reads our own interface, sends by it and names its errors', async () => {
  const { connection } = world;
  const payer = await funded(connection);
  const provider = new AnchorProvider(connection, new Wallet(payer), { commitment: 'confirmed' });
  const idl = JSON.parse(readFileSync(join(ARTIFACTS, 'usage_vault.idl.json'), 'utf8')) as Idl;
  const program = new Program(idl, provider);
  const terms = [payer.publicKey, new BN(5), new BN(10), new BN(100), new BN(1000), 60, 60] as const;
  const open = () => program.methods['initSystemVault']?.(...terms).accounts({ creator: payer.publicKey });
  await open()?.rpc();
  const seeds = [Buffer.from('system_vault'), payer.publicKey.toBuffer()];
  const [systemVault] = PublicKey.findProgramAddressSync(seeds, program.programId);
  const accounts = program.account as Record<string, { fetch: (at: PublicKey) => Promise<Record<string, unknown>> }>;
  expect(String((await accounts['systemVault']?.fetch(systemVault))?.['priceLamports'])).toBe('5');
  const found = await connection.getAccountInfo(systemVault);
  expect(new UsageVaultProgram('local').readSystemVault(found?.data ?? new Uint8Array())).toMatchObject({
    admin: payer.publicKey.toBase58(),
    priceLamports: 5n,
    priceNoticeSeconds: 60,
  });
  world.chain.control.advance({ blocks: 1 }); // In the same block it would be the same transaction.
  await expect(open()?.rpc()).rejects.toThrow('custom program error: 0x1776');
  const fault = { InstructionError: [0, { Custom: 0x1776 }] };
  expect(new UsageVaultProgram('local').interface.explain(fault)).toBe('The account exists already. (AlreadyOpen)');
  expect(new UsageVaultProgram('local').interface.explain('BlockhashNotFound')).toBe('"BlockhashNotFound"');
});
