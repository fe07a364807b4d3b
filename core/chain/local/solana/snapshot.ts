/** Keeps a local chain over restarts: one file, written whole beside the old one and moved over it. */
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { createHash, randomBytes } from 'node:crypto';
import { ChainError } from '../../error.ts';
import { CLOCK, SYSVAR_OWNER, UPGRADEABLE_LOADER } from './addresses.ts';
import { Bank } from './bank.ts';
import type { AccountState } from './engine.ts';
import type { SavedHistory } from './history.ts';
import { BLOCKHASH_AGE } from './window.ts';

/** The file: the SHA-256 of what follows, then parts of v8's serialization, each after its length as a u32. */
const FORMAT = 2;
const DIGEST_BYTES = 32;
/** Written part by part: as one value, all accounts would be in memory three times over. */
const ACCOUNTS_IN_PART = 500;
/** Only this many of the newest transactions are kept over a restart: they are most of the file. */
const KEPT_TRANSACTIONS = 2000;
const KEPT_BLOCKS = 2000;

/** The first part. Those after it hold accounts. */
type Head = Readonly<{
  format: number;
  salt: string;
  savedMs: number;
  slot: bigint;
  height: bigint;
  timeOffsetSeconds: bigint;
  history: SavedHistory;
}>;

type Accounts = readonly Readonly<{ address: string; state: AccountState | undefined }>[];

type Saved = Readonly<{ head: Head; accounts: Accounts }>;

function unreadable(path: string): ChainError {
  return new ChainError({
    code: 'LOCAL_CHAIN_FAILED',
    detail: `${path} is no snapshot of a local chain, or was torn.`,
    fix: 'Remove it; the chain is then made anew.',
  });
}

function* partsOf(body: Buffer): Generator<unknown> {
  for (let at = 0; at < body.length;) {
    const end = at + 4 + body.readUInt32LE(at);
    yield deserialize(body.subarray(at + 4, end));
    at = end;
  }
}

function read(path: string): Saved {
  const bytes = readFileSync(path);
  const body = bytes.subarray(DIGEST_BYTES);
  const digest = createHash('sha256').update(body).digest();
  if (body.length === 0 || !digest.equals(bytes.subarray(0, DIGEST_BYTES))) throw unreadable(path);
  try {
    const [head, ...accounts] = partsOf(body);
    if ((head as Head).format === FORMAT) return { head: head as Head, accounts: (accounts as Accounts[]).flat() };
  } catch {
    // Whole, and of another format: the same sentence.
  }
  throw unreadable(path);
}

/** v8 gives back Uint8Array where a Buffer was. */
function withBuffers(state: AccountState | undefined): AccountState | undefined {
  return state === undefined ? undefined : { ...state, data: Buffer.from(state.data) };
}

/** Program data before programs: the machine loads a program the moment its account is written. */
function inLoadOrder(accounts: Accounts): Accounts {
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
  const { head, accounts } = read(path);
  const bank = new Bank({ salt: head.salt, run });
  const restore = (): void => {
    for (const { address, state } of inLoadOrder(accounts)) {
      bank.engine.setAccount(address, withBuffers(state));
      bank.written.add(address);
    }
    bank.history.restore(head.history);
    const passed = BigInt(Math.max(0, Math.ceil((Date.now() - head.savedMs) / slotMs)) + BLOCKHASH_AGE + 1);
    bank.timeOffsetSeconds = head.timeOffsetSeconds;
    bank.resume({ slot: head.slot + passed, height: head.height + passed });
  };
  return { bank, restore, isNew: false };
}

/** What of the bank is kept: sysvars are made anew. */
function* accountParts(bank: Bank): Generator<Accounts> {
  let part: { address: string; state: AccountState | undefined }[] = [];
  for (const address of bank.written) {
    const state = bank.engine.account(address);
    if (address !== CLOCK && state?.owner !== SYSVAR_OWNER) part.push({ address, state });
    if (part.length < ACCOUNTS_IN_PART) continue;
    yield part;
    part = [];
  }
  yield part;
}

export function saveBank(bank: Bank, path: string): void {
  const head: Head = {
    format: FORMAT,
    salt: bank.identity.salt,
    savedMs: Date.now(),
    slot: bank.slot,
    height: bank.height,
    timeOffsetSeconds: bank.timeOffsetSeconds,
    history: bank.history.saved({ transactions: KEPT_TRANSACTIONS, blocks: KEPT_BLOCKS }),
  };
  mkdirSync(dirname(path), { recursive: true });
  const file = openSync(`${path}.new`, 'w', 0o600);
  try {
    const digest = createHash('sha256');
    let at = DIGEST_BYTES;
    const append = (part: unknown): void => {
      const value = serialize(part);
      const length = Buffer.alloc(4);
      length.writeUInt32LE(value.length);
      for (const bytes of [length, value]) {
        digest.update(bytes);
        at += writeSync(file, bytes, 0, bytes.length, at);
      }
    };
    append(head);
    for (const part of accountParts(bank)) append(part);
    // Last: a file that was not written to its end has no digest.
    writeSync(file, digest.digest(), 0, DIGEST_BYTES, 0);
  } finally {
    closeSync(file);
  }
  renameSync(`${path}.new`, path);
}
