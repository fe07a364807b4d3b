/**
 * A rollup for machines where MagicBlock's validator cannot run: same interface, same commits by the real delegation
 * program. It is not that validator: no actions on the base chain, ephemeral accounts or crank; whoever shows it names
 * it an emulator.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { randomBytes } from 'node:crypto';
import { SYSTEM } from '../addresses.ts';
import type { BaseChain } from '../base-chain.ts';
import { computeUnitLimit, signedBy } from '../build-transaction.ts';
import { Dispatcher, BASE_METHODS } from '../dispatch.ts';
import type { AccountState } from '../engine.ts';
import { dumpsFolder, validatorKey } from '../genesis.ts';
import type { Chain, Methods } from '../methods.ts';
import { delegationPda } from '../pda.ts';
import { CODES, RpcError } from '../rpc-error.ts';
import { openDoors } from '../server.ts';
import type { Doors } from '../server.ts';
import { parseTransaction, signatureOf } from '../wire.ts';
import { delegationMetadata, settlement } from './delegation.ts';
import { MAGIC, MAGIC_CONTEXT, commitSentData } from './magic.ts';
import { RollupBank } from './rollup-bank.ts';
import type { Scheduled } from './rollup-bank.ts';

export type EmulatedRollup = Readonly<{ bank: RollupBank; doors: Doors; close: () => Promise<void> }>;
export type EmulatorOptions = Readonly<{ port: number; slotMs?: number; state?: string }>;

/** Slots of the real validator. */
const SLOT_MS = 50;
/** A program that always succeeds stands where the Magic program is native in the real one. */
const NOOP = 'noopb9bkMVfRPU8AsbpTUg8AQkHtKwMYZiFUjNRtMmV.so';
/** The real rollup's genesis hash is all ones. */
const GENESIS = '1'.repeat(32);

/** Methods the rollup answers in its own way; there is no faucet in a rollup. */
function rollupMethods(bank: RollupBank): Methods {
  return {
    ...Object.fromEntries(Object.entries(BASE_METHODS).filter(([name]) => !name.startsWith('tollkeeper_'))),
    requestAirdrop: () => {
      throw new RpcError(CODES.invalidRequest, 'free airdrop faucet is disabled');
    },
    getRoutes: () => [],
    getBlockhashForAccounts: (params, { bank: own }) => {
      params.list(0, 100);
      return { blockhash: own.latest.hash, lastValidBlockHeight: own.height + 150n };
    },
    getDelegationStatus: (params) => ({ isDelegated: bank.isDelegated(params.key(0)) }),
  };
}

type Saved = readonly Readonly<{ address: string; state: AccountState }>[];

function restored(path: string | undefined): Saved {
  if (path === undefined || !existsSync(path)) return [];
  const saved = deserialize(readFileSync(path)) as Saved;
  return saved.map(({ address, state }) => ({ address, state: { ...state, data: Buffer.from(state.data) } }));
}

/** Sends what was scheduled to the base chain, one after the other, and tells the outcome in the rollup. */
class Settler {
  readonly #base: BaseChain;
  readonly #bank: RollupBank;
  #count = 0;

  constructor(base: BaseChain, bank: RollupBank) {
    this.#base = base;
    this.#bank = bank;
  }

  schedule(scheduled: Scheduled): readonly string[] {
    const id = this.#count;
    this.#count += 1;
    const payer = validatorKey(this.#base.bank.identity.salt);
    const instruction = { program: MAGIC, accounts: [], data: commitSentData(id) };
    const own = parseTransaction(signedBy({ payer, blockhash: this.#bank.latest.hash, instructions: [instruction] }));
    const signature = signatureOf(own);
    setImmediate(() => {
      const outcome = this.#settle(scheduled);
      this.#bank.ownLogs.set(signature, [`ScheduledCommitSent id: ${id}`, outcome]);
      this.#bank.send(own);
    });
    return [`Scheduled commit with ID: ${id}`, `ScheduledCommitSent signature: ${signature}`];
  }

  #settle(scheduled: Scheduled): string {
    const { bank } = this.#base;
    const payer = validatorKey(bank.identity.salt);
    const settling = scheduled.accounts.flatMap((account) => {
      const metadata = delegationMetadata(bank.account(delegationPda('delegation-metadata', account.address)));
      return metadata === undefined ? [] : [{ ...account, metadata }];
    });
    const steps = settlement(settling, payer.address);
    const sent = bank.sendSigned(payer, [computeUnitLimit(1_000_000), ...steps]);
    const fault = 'landed' in sent ? sent.landed.fault : sent.dropped;
    this.#bank.settled(scheduled, fault === null);
    return 'landed' in sent && fault === null
      ? `ScheduledCommitSent signature[0]: ${sent.landed.signature}`
      : `ScheduledCommitSent error message: ${JSON.stringify(fault)}`;
  }
}

/** Opens the emulator over a base chain of the same process that has the delegation program. */
export async function openEmulator(base: BaseChain, options: EmulatorOptions): Promise<EmulatedRollup> {
  const run = randomBytes(16).toString('hex');
  const { validator } = base.facts;
  const bank = new RollupBank(base.bank, { identity: { salt: base.bank.identity.salt, run }, validator });
  bank.engine.addProgram(MAGIC, readFileSync(join(dumpsFolder() ?? '', NOOP)));
  bank.engine.setAccount(MAGIC_CONTEXT, {
    lamports: 1_000_000n,
    data: Buffer.alloc(0),
    owner: SYSTEM,
    executable: false,
  });
  const settler = new Settler(base, bank);
  bank.onSchedule = (scheduled) => settler.schedule(scheduled);
  bank.tick();
  bank.restoreDelegated(restored(options.state));
  const chain: Chain = {
    bank,
    facts: base.facts,
    genesisHash: GENESIS,
    identity: validator,
    control: { advance: () => undefined, stopRollup: async () => undefined },
  };
  const doors = await openDoors(options.port, chain, new Dispatcher(chain, rollupMethods(bank)));
  const timer = setInterval(() => bank.tick(), options.slotMs ?? SLOT_MS);
  const save = (): void => {
    if (options.state === undefined) return;
    writeFileSync(`${options.state}.new`, serialize(bank.delegatedState()), { mode: 0o600 });
    renameSync(`${options.state}.new`, options.state);
  };
  const saving = setInterval(save, 1000);
  const close = async (): Promise<void> => {
    clearInterval(timer);
    clearInterval(saving);
    await doors.close();
    save();
  };
  return { bank, doors, close };
}
