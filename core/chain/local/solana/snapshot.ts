/** Keeps a local chain over restarts: one file, written whole beside the old one and moved over it. */
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { createHash, randomBytes } from 'node:crypto';
import { ChainError } from '../../error.ts';
import { CLOCK, SYSVAR_OWNER, UPGRADEABLE_LOADER } from './addresses.ts';
import { Bank } from './bank.ts';
import type { AccountState } from './engine.ts';
import type { SavedHistory } from './history.ts';
import { BLOCKHASH_AGE } from './window.ts';

const FORMAT = 1;
/** Only this many of the newest transactions are kept over a restart: they are most of the file. */
const KEPT_TRANSACTIONS = 2000;
const KEPT_BLOCKS = 2000;

type Saved = Readonly<{
  format: number;
  salt: string;
  savedMs: number;
  slot: bigint;
  height: bigint;
  timeOffsetSeconds: bigint;
  accounts: readonly Readonly<{ address: string; state: AccountState | undefined }>[];
  history: SavedHistory;
}>;

function unreadable(path: string): ChainError {
  return new ChainError({
    code: 'LOCAL_CHAIN_FAILED',
    detail: `${path} is no snapshot of a local chain, or was torn.`,
    fix: 'Remove it; the chain is then made anew.',
  });
}

const digestOf = (body: Buffer): Buffer => createHash('sha256').update(body).digest();

function read(path: string): Saved {
  const bytes = readFileSync(path);
  const body = bytes.subarray(32);
  if (bytes.length < 32 || !digestOf(body).equals(bytes.subarray(0, 32))) throw unreadable(path);
  const saved = deserialize(body) as Saved;
  if (saved.format !== FORMAT) throw unreadable(path);
  return saved;
}

/** v8 gives back Uint8Array where a Buffer was. */
function withBuffers(state: AccountState | undefined): AccountState | undefined {
  return state === undefined ? undefined : { ...state, data: Buffer.from(state.data) };
}

/** Program data before programs: the machine loads a program the moment its account is written. */
function inLoadOrder(accounts: Saved['accounts']): Saved['accounts'] {
  const rank = (state: AccountState | undefined): number =>
    state?.owner === UPGRADEABLE_LOADER && !state.executable ? 0 : state?.executable === true ? 1 : 2;
  return accounts.toSorted((a, b) => rank(a.state) - rank(b.state));
}

/**
 * A bank as the file left it, or a new one. Slots and heights never go back: what may have passed since the file was
 * written is skipped, and at least one age of a blockhash, so that nothing signed before can run again.
 */
export function openBank(
  path: string | undefined,
  slotMs: number,
): { bank: Bank; restore: () => void; isNew: boolean } {
  const run = randomBytes(16).toString('hex');
  if (path === undefined || !existsSync(path)) {
    return { bank: new Bank({ salt: randomBytes(16).toString('hex'), run }), restore: () => undefined, isNew: true };
  }
  const saved = read(path);
  const bank = new Bank({ salt: saved.salt, run });
  const restore = (): void => {
    for (const { address, state } of inLoadOrder(saved.accounts)) {
      bank.engine.setAccount(address, withBuffers(state));
      bank.written.add(address);
    }
    bank.history.restore(saved.history);
    const passed = BigInt(Math.max(0, Math.ceil((Date.now() - saved.savedMs) / slotMs)) + BLOCKHASH_AGE + 1);
    bank.timeOffsetSeconds = saved.timeOffsetSeconds;
    bank.resume({ slot: saved.slot + passed, height: saved.height + passed });
  };
  return { bank, restore, isNew: false };
}

export function saveBank(bank: Bank, path: string): void {
  const accounts = [...bank.written]
    .map((address) => ({ address, state: bank.engine.account(address) }))
    .filter(({ address, state }) => address !== CLOCK && state?.owner !== SYSVAR_OWNER);
  const saved: Saved = {
    format: FORMAT,
    salt: bank.identity.salt,
    savedMs: Date.now(),
    slot: bank.slot,
    height: bank.height,
    timeOffsetSeconds: bank.timeOffsetSeconds,
    accounts,
    history: bank.history.saved({ transactions: KEPT_TRANSACTIONS, blocks: KEPT_BLOCKS }),
  };
  const body = serialize(saved);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, digestOf(body), { mode: 0o600 });
  appendFileSync(`${path}.new`, body); // Joined in the file: as one buffer it would be in memory twice.
  renameSync(`${path}.new`, path);
}
