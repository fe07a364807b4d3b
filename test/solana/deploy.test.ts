import { createPrivateKey, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Keypair, Transaction, TransactionInstruction } from '@solana/web3.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dumpsFolder } from '#core/chain/local/solana/genesis.ts';
import {
  changeAuthority,
  closeBuffer,
  closeProgram,
  deployProgram,
  planDeployment,
  programAt,
  verifyProgram,
} from '#core/chain/solana/deploy/deployment.ts';
import type { Deployment } from '#core/chain/solana/deploy/deployment.ts';
import { CHUNK } from '#core/chain/solana/deploy/plan.ts';
import type { Signing, Submit } from '#core/chain/solana/deploy/transact.ts';
import { funded, openWorld, submitOn } from '../support/solana.ts';
import type { World } from '../support/solana.ts';

/** Programs to deploy: any real ones will do, and these come with the rollup's package. */
const folder = dumpsFolder();
const elfOf = (name: string): Buffer => readFileSync(join(folder ?? '', `${name}.so`));
const NOOP = 'noopb9bkMVfRPU8AsbpTUg8AQkHtKwMYZiFUjNRtMmV';
const LONGER = 'SPLxh1LVZzEkX99H6rqYizhytLWPZVV296zyYDPagv2';

/** Parts that have to be written: a new buffer holds zeros already. */
function partsOf(elf: Buffer): number {
  const starts = Array.from({ length: Math.ceil(elf.length / CHUNK) }, (_, index) => index * CHUNK);
  return starts.filter((at) => elf.subarray(at, at + CHUNK).some((byte) => byte !== 0)).length;
}

function signing(pair = Keypair.generate()): Signing {
  const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), pair.secretKey.slice(0, 32)]);
  const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
  return { address: pair.publicKey, sign: async (message) => sign(null, message, key) };
}

describe.skipIf(folder === undefined)('a deployment (skipped without the rollup’s package)', () => {
  let world: World;
  let payer: Keypair;
  let submit: Submit;
  beforeAll(async () => {
    world = await openWorld({ slotMs: 100 });
    payer = await funded(world.connection, 100);
    submit = submitOn(world.chain.doors.rpc);
  });
  afterAll(() => world.close());

  const deployment = (changes: Partial<Deployment> = {}): Deployment => ({
    connection: world.connection,
    elf: elfOf(NOOP),
    payer: signing(payer),
    authority: signing(payer),
    buffer: signing(),
    program: signing(),
    feeLimitLamports: 10_000_000n,
    microLamports: 1000n,
    submit,
    signal: new AbortController().signal,
    onProgress: () => undefined,
    ...changes,
  });
  const call = async (program: Signing, data = Buffer.alloc(0)): Promise<unknown> => {
    const latest = await world.connection.getLatestBlockhash();
    const transaction = new Transaction({ ...latest, feePayer: payer.publicKey });
    transaction.add(new TransactionInstruction({ programId: program.address, keys: [], data })).sign(payer);
    const signature = await world.connection.sendRawTransaction(transaction.serialize(), { skipPreflight: true });
    return (await world.connection.getSignatureStatus(signature)).value?.err;
  };
  const nextSlot = async (): Promise<void> => {
    const slot = await world.connection.getSlot();
    await expect.poll(() => world.connection.getSlot()).toBeGreaterThan(slot);
  };

  test('costs what was said, stands as the file is, and can be called a slot later', async () => {
    const program = signing();
    const given = deployment({ program });
    const cost = await planDeployment(given);
    const before = BigInt(await world.connection.getBalance(payer.publicKey));
    const seen: number[] = [];
    const deployed = await deployProgram({ ...given, onProgress: ({ written }) => seen.push(written) });
    const spent = before - BigInt(await world.connection.getBalance(payer.publicKey));
    expect(spent <= cost.programRentLamports + cost.feesLamports).toBe(true);
    expect(spent > cost.programRentLamports).toBe(true);
    expect(seen.at(0)).toBe(cost.writes - partsOf(given.elf));
    expect(seen.at(-1)).toBe(cost.writes);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(await world.connection.getAccountInfo(given.buffer.address)).toBeNull();
    expect(await verifyProgram(world.connection, program.address, given.elf)).toMatchObject({
      isSame: true,
      sha256: deployed.sha256,
      authority: payer.publicKey.toBase58(),
    });
    await nextSlot();
    expect(await call(program)).toBeNull();
    expect((await deployProgram({ ...given, buffer: signing() })).signature).toBeNull();
  });

  test('that was cut off goes on where it stopped, and pays no part twice', async () => {
    const given = deployment();
    const abort = new AbortController();
    const onProgress = (): void => abort.abort();
    // The first report is before any write; the second one, or the first send, meets the cut.
    await expect(deployProgram({ ...given, signal: abort.signal, onProgress })).rejects.toThrow('abort');
    const count = async (): Promise<number> =>
      (await world.connection.getSignaturesForAddress(given.buffer.address)).length;
    expect(await count()).toBe(1);
    const half = deployment({ ...given, elf: given.elf });
    let sends = 0;
    const stop = new AbortController();
    const counted: Signing = {
      address: payer.publicKey,
      sign: async (message, summary) => {
        sends += summary.startsWith('write') ? 1 : 0;
        if (sends > 20) stop.abort();
        return signing(payer).sign(message, summary);
      },
    };
    await expect(deployProgram({ ...half, payer: counted, authority: counted, signal: stop.signal })).rejects.toThrow(
      'abort',
    );
    await nextSlot();
    const written = (await count()) - 1;
    await deployProgram(given);
    // One that made the buffer, each part once, and the one that deployed it.
    expect(written).toBeGreaterThan(0);
    expect(await count()).toBe(1 + partsOf(given.elf) + 1);
  });

  test('becomes a longer one by an upgrade, and gives the rent of its buffer back', async () => {
    const program = signing();
    await deployProgram(deployment({ program }));
    await nextSlot();
    const longer = deployment({ program: program.address, elf: elfOf(LONGER) });
    const { signature } = await deployProgram(longer);
    expect(signature).not.toBeNull();
    expect((await verifyProgram(world.connection, program.address, longer.elf)).isSame).toBe(true);
    expect((await verifyProgram(world.connection, program.address, elfOf(NOOP))).isSame).toBe(false);
  });

  test('is refused above the fee limit, and without the lamports to end it, before anything is sent', async () => {
    const before = await world.connection.getBalance(payer.publicKey);
    await expect(deployProgram(deployment({ feeLimitLamports: 1000n }))).rejects.toThrow('FEE_ABOVE_CAP');
    const poor = signing(await funded(world.connection, 0.01));
    await expect(deployProgram(deployment({ payer: poor }))).rejects.toThrow('INSUFFICIENT_FUNDS');
    expect(await world.connection.getBalance(payer.publicKey)).toBe(before);
  });

  test('is handed over to another authority, made final, and then cannot be changed by anyone', async () => {
    const [program, next] = [signing(), signing(await funded(world.connection))];
    await deployProgram(deployment({ program }));
    const { connection } = world;
    const signers = { payer: signing(payer), authority: signing(payer) };
    const own = { connection, program: program.address, ...signers, submit, runId: 'one' };
    await changeAuthority(own, next.address);
    await expect(changeAuthority(own, null)).rejects.toThrow(`may be changed by ${next.address.toBase58()} only`);
    await changeAuthority({ ...own, payer: next, authority: next, runId: 'two' }, null);
    expect((await programAt(connection, program.address))?.authority).toBeNull();
    await expect(changeAuthority({ ...own, authority: next }, next.address)).rejects.toThrow('is final');
    await expect(deployProgram(deployment({ program: program.address, elf: elfOf(LONGER) }))).rejects.toThrow(
      'is final',
    );
  });

  test('is closed with its rent back, and a buffer that is given up too', async () => {
    const program = signing();
    const given = deployment({ program });
    await deployProgram(given);
    await nextSlot();
    const before = await world.connection.getBalance(payer.publicKey);
    const own = {
      connection: world.connection,
      program: program.address,
      payer: signing(payer),
      authority: signing(payer),
      submit,
      runId: 'close',
    };
    await closeProgram(own);
    expect(await world.connection.getBalance(payer.publicKey)).toBeGreaterThan(before + 100_000_000);
    const abort = new AbortController();
    abort.abort();
    const begun = deployment({ signal: abort.signal });
    await expect(deployProgram(begun)).rejects.toThrow('abort');
    await closeBuffer(own, begun.buffer.address);
    expect(await world.connection.getAccountInfo(begun.buffer.address)).toBeNull();
  });
});
