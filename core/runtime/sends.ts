/**
 * The stores in which the senders of both chains keep their rows, over the books: each write is a command to the single
 * writer, each read a read of its file. One store moves the sends of one account; a lease keeps every other out.
 */
import type { Hex } from 'viem';
import type { Attempt, Intent, Mined, Send, SendStore as EvmSendStore } from '#core/chain/evm/send.ts';
import type { SendRecord, SendState as SolanaState } from '#core/chain/solana/sends/record.ts';
import type { SendStore as SolanaSendStore } from '#core/chain/solana/sends/store.ts';
import { RefusalError, invariant } from '#core/domain/refusal.ts';
import type { SendState } from '#core/domain/send.ts';
import type { Answer, Book, SaveSend, SignedBytes } from '#core/ledger/port.ts';
import type { Reader } from '#core/ledger/read-port.ts';
import type { ReadOutput } from '#core/ledger/reads/index.ts';

type Kept = NonNullable<ReadOutput<'send'>>;
type Version = Pick<SaveSend, 'id' | 'version' | 'state' | 'generation' | 'nonce' | 'summary' | 'intent' | 'detail'>;

export type SendBooks = Readonly<{
  book: Pick<Book, 'commit'>;
  reader: Pick<Reader, 'read'>;
  /** `evm/<chain id>/<first block>` or `solana/<genesis>`: a chain that was made anew is another one. */
  network: string;
  account: string;
  /** Names this sender among others of the same books. */
  owner: string;
  /** Who asked for an intent; every write records it. */
  actorOf: (id: string) => string;
}>;

/** How long a sender that says nothing keeps its lease. */
const LEASE_MS = 60_000;

/** What both stores share: the lease, and writes whose outcome is looked up when the writer did not tell it. */
class Rows {
  readonly #given: SendBooks;
  #epoch: number | undefined;

  constructor(given: SendBooks) {
    this.#given = given;
  }

  find(id: string): Promise<Kept | null> {
    const { reader, network, account } = this.#given;
    return reader.read('send', { network, account, id });
  }

  open(): Promise<Kept[]> {
    const { reader, network, account } = this.#given;
    return reader.read('openSends', { network, account });
  }

  lastNonce(): Promise<string | null> {
    const { reader, network, account } = this.#given;
    return reader.read('lastNonce', { network, account });
  }

  async #leased(actor: string): Promise<number> {
    if (this.#epoch !== undefined) return this.#epoch;
    const { book, network, account, owner } = this.#given;
    const command = { type: 'send.lease', actor, network, account, owner, ttlMs: LEASE_MS } as const;
    const [answer] = (await book.commit([command])) as Answer<{ epoch: number }>[];
    invariant(answer !== undefined, 'every command has an answer');
    if (!answer.ok) throw new RefusalError(answer.refusal);
    this.#epoch = answer.value.epoch;
    return answer.value.epoch;
  }

  /** Keeps a version durably. Rejects with CONFLICT where it does not follow what is kept. */
  async save(version: Version, attempt: SignedBytes | null): Promise<void> {
    const { book, network, account, actorOf } = this.#given;
    const actor = actorOf(version.id);
    const lease = { epoch: await this.#leased(actor), ttlMs: LEASE_MS };
    const command: SaveSend = { type: 'send.save', actor, network, account, ...version, attempt, lease };
    let answer: Answer | undefined;
    try {
      [answer] = await book.commit([command]);
    } catch (error) {
      // The outcome is unknown: it was booked or it was not, and the file tells.
      if (await this.#isKept(version)) return;
      throw error;
    }
    invariant(answer !== undefined, 'every command has an answer');
    if (answer.ok) return;
    // A lease that was lost is asked for again with the next write: whoever has it may have ended by then.
    this.#epoch = undefined;
    throw new RefusalError(answer.refusal);
  }

  async #isKept({ id, version, state, detail }: Version): Promise<boolean> {
    const row = (await this.find(id))?.row;
    return row?.version === version && row.state === state && row.detail === detail;
  }
}

/** Amounts and nonces are bigints, which JSON has none of: they are written as text with an `n` after it. */
const toText = (value: object): string =>
  JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? `${one}n` : one));
const fromText = <T>(text: string): T =>
  JSON.parse(text, (_, one: unknown) =>
    typeof one === 'string' && /^\d+n$/.test(one) ? BigInt(one.slice(0, -1)) : one,
  ) as T;

type EvmWanted = Pick<Intent, 'to' | 'data' | 'valueWei'>;
type EvmDetail = Readonly<{ gas: bigint; mined: Mined | null; builtAtBlock: bigint }>;
type EvmOffer = Pick<Attempt, 'maxFeePerGasWei' | 'maxPriorityFeePerGasWei' | 'signedMs'>;

function evmSend({ row, attempts }: Kept): Send {
  const of = (isOwn: (generation: number) => boolean) => attempts.filter(({ generation }) => isOwn(generation));
  return {
    intent: { id: row.id, summary: row.summary, ...fromText<EvmWanted>(row.intent) },
    account: row.account as Hex,
    nonce: BigInt(row.nonce ?? '0'),
    ...fromText<EvmDetail>(row.detail),
    state: row.state as Send['state'],
    attempts: of((generation) => generation === row.generation).map(({ hash, bytes, detail }) => ({
      hash: hash as Hex,
      raw: `0x${bytes}`,
      ...fromText<EvmOffer>(detail),
    })),
    generation: row.generation,
    replaced: of((generation) => generation < row.generation).map(({ hash }) => hash as Hex),
    version: row.version,
  };
}

/** The sends of an EVM account in the books. */
export function evmSends(given: SendBooks): EvmSendStore {
  const rows = new Rows(given);
  return {
    load: async (id) => {
      const kept = await rows.find(id);
      return kept === null ? undefined : evmSend(kept);
    },
    open: async () => (await rows.open()).map(evmSend).toSorted((a, b) => (a.nonce < b.nonce ? -1 : 1)),
    lastNonce: async () => {
      const nonce = await rows.lastNonce();
      return nonce === null ? undefined : BigInt(nonce);
    },
    save: async (send) => {
      const { intent, state, version, generation, gas, mined, builtAtBlock } = send;
      const { id, summary, data, valueWei } = intent;
      const wanted: EvmWanted = { ...(intent.to === undefined ? {} : { to: intent.to }), data, valueWei };
      const known = (await rows.find(id))?.attempts.filter((one) => one.generation === generation) ?? [];
      const fresh = send.attempts[known.length];
      const { hash, raw, ...offered } = fresh ?? { hash: '', raw: '0x' };
      const attempt = fresh === undefined ? null : { hash, bytes: raw.slice(2), detail: toText(offered) };
      const nonce = send.nonce.toString();
      const detail = toText({ gas, mined, builtAtBlock } satisfies EvmDetail);
      await rows.save({ id, version, state, generation, nonce, summary, intent: toText(wanted), detail }, attempt);
    },
  };
}

type SolanaDetail = Pick<SendRecord, 'fault' | 'slot'>;
type SolanaHash = Pick<SendRecord, 'blockhash' | 'lastValidBlockHeight'>;

function solanaRecord({ row, attempts }: Kept): SendRecord {
  const last = attempts.at(-1);
  invariant(last !== undefined, 'a send to Solana begins signed');
  return {
    intent: row.id,
    attempt: row.attempts,
    state: row.state as SolanaState,
    version: row.version,
    signature: last.hash,
    bytes: Buffer.from(last.bytes, 'hex'),
    ...fromText<SolanaHash>(last.detail),
    ...fromText<SolanaDetail>(row.detail),
  };
}

/** The sends of a Solana fee payer in the books. */
export function solanaSends(given: SendBooks): SolanaSendStore {
  const rows = new Rows(given);
  return {
    load: async (intent) => {
      const kept = await rows.find(intent);
      return kept === null ? undefined : solanaRecord(kept);
    },
    put: async (record, expectedVersion) => {
      const { intent: id, version, attempt: no, signature, bytes, blockhash, lastValidBlockHeight } = record;
      const kept = await rows.find(id);
      if ((kept?.row.version ?? 0) !== expectedVersion) return false;
      const hash = { blockhash, lastValidBlockHeight } satisfies SolanaHash;
      const isNew = no > (kept?.row.attempts ?? 0);
      const hex = Buffer.from(bytes).toString('hex');
      const attempt = isNew ? { hash: signature, bytes: hex, detail: toText(hash) } : null;
      const state: SendState = record.state;
      const detail = toText({ fault: record.fault, slot: record.slot } satisfies SolanaDetail);
      const wanted = { nonce: null, generation: 0, summary: id, intent: JSON.stringify({ intent: id }) };
      try {
        await rows.save({ id, version, state, detail, ...wanted }, attempt);
        return true;
      } catch (error) {
        // Somebody else was first, or the books refuse for another reason, which is nobody's turn to hide.
        if (error instanceof RefusalError && ((await rows.find(id))?.row.version ?? 0) !== expectedVersion)
          return false;
        throw error;
      }
    },
    open: async () => (await rows.open()).map(solanaRecord),
  };
}
