/**
 * A transaction on its way, as a row that outlives the process: what states there are, and the store they are kept in.
 * What moves a row from state to state is the sender's.
 */
import type { Address, Hex } from 'viem';
import { RefusalError } from '#core/domain/refusal.ts';

/**
 * built: nonce taken, nothing signed · signed: bytes exist, none sent · sent: a node may have it, whatever it said ·
 * confirmed: in a block that may still be taken back · finalized, reverted: in a block that may not, done or refused ·
 * replaced: a foreign transaction used the nonce in such a block; it is built anew with another.
 */
export type SendState = 'built' | 'signed' | 'sent' | 'confirmed' | 'finalized' | 'reverted' | 'replaced';

/** Bytes that were signed for a send. All of one generation have its nonce, so at most one is ever executed. */
export type Attempt = Readonly<{
  hash: Hex;
  raw: Hex;
  maxFeePerGasWei: bigint;
  maxPriorityFeePerGasWei: bigint;
  signedMs: number;
}>;

/** The block an attempt was found in, and whether it did what was asked. */
export type Mined = Readonly<{ hash: Hex; blockHash: Hex; blockNumber: bigint; isSuccess: boolean; gasUsed: bigint }>;

/** What is wanted of the chain. `id` is the caller's: the same intent again is the same send. */
export type Intent = Readonly<{
  id: string;
  /** Absent where a contract is made. */
  to?: Address;
  data: Hex;
  valueWei: bigint;
  /** For people and for the signer's screen. */
  summary: string;
}>;

export type Send = Readonly<{
  intent: Intent;
  account: Address;
  nonce: bigint;
  gas: bigint;
  state: SendState;
  attempts: readonly Attempt[];
  mined: Mined | null;
  /** Grows when a foreign transaction took the nonce and the send was built again with another. */
  generation: number;
  /** Hashes of the generations before; none of them can be executed any more. */
  replaced: readonly Hex[];
  /** The height at which the nonce was taken: where to begin looking for who used it. */
  builtAtBlock: bigint;
  /** Grows with every write; a write on an older one is refused. */
  version: number;
}>;

export function isTerminal({ state }: Pick<Send, 'state'>): boolean {
  return state === 'finalized' || state === 'reverted';
}

/** Where sends are kept. A call that has resolved has been made durable. */
export interface SendStore {
  load(id: string): Promise<Send | undefined>;
  /** Those of an account that are not at their end, by nonce. */
  open(account: Address): Promise<readonly Send[]>;
  /** The highest nonce that a send of the account ever took; nothing where there is none. */
  lastNonce(account: Address): Promise<bigint | undefined>;
  /** Keeps a new send, or a later version of one. Rejects with CONFLICT where the version does not follow. */
  save(send: Send): Promise<void>;
}

/** A store in memory, for tests of the sender alone; a workspace keeps its sends in the books. */
export class MemorySendStore implements SendStore {
  readonly #sends = new Map<string, Send>();

  async load(id: string): Promise<Send | undefined> {
    return this.#sends.get(id);
  }

  async open(account: Address): Promise<readonly Send[]> {
    const open = [...this.#sends.values()].filter((send) => send.account === account && !isTerminal(send));
    return open.toSorted((a, b) => (a.nonce < b.nonce ? -1 : 1));
  }

  async lastNonce(account: Address): Promise<bigint | undefined> {
    const own = [...this.#sends.values()].filter((send) => send.account === account);
    return own.reduce<bigint | undefined>(
      (high, { nonce }) => (high === undefined || nonce > high ? nonce : high),
      undefined,
    );
  }

  async save(send: Send): Promise<void> {
    const known = this.#sends.get(send.intent.id);
    if (send.version === (known?.version ?? 0) + 1) {
      this.#sends.set(send.intent.id, send);
      return;
    }
    throw new RefusalError({
      code: 'CONFLICT',
      detail: `The send ${send.intent.id} was changed by somebody else meanwhile.`,
      fix: 'Read it again and decide anew.',
      values: { version: send.version, known: known?.version ?? 0 },
    });
  }
}
