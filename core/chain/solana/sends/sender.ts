/** Brings intents to the chain, each once, whatever is lost, late, doubled, out of order or unknown on the way. */
import { firstAttempt, handedOver, nextAttempt, sighted } from './record.ts';
import type { SendRecord, Sighting, Signed } from './record.ts';
import type { SendStore } from './store.ts';

/** The chain as the sender needs it. Several endpoints may stand behind it. */
export interface SendChain {
  /** Hands bytes over. A rejection says nothing about whether they will run. */
  submit(bytes: Uint8Array): Promise<void>;
  /** Height (finalized, read first) and status from one and the same endpoint. */
  look(signature: string): Promise<Sighting>;
}

/** Builds and signs for an intent, on a blockhash it takes itself. Called only when nothing signed before can run. */
export type Sign = (attempt: number) => Promise<Signed>;

export class Sender {
  readonly #store: SendStore;
  readonly #chain: SendChain;

  constructor(store: SendStore, chain: SendChain) {
    this.#store = store;
    this.#chain = chain;
  }

  /**
   * One step for an intent: sign when there is nothing that could still run, else look, and send the same bytes again
   * when they are not on the chain. Safe to call at any time, by anyone, any number of times, and to be cut off.
   */
  async step(intent: string, sign: Sign): Promise<SendRecord | undefined> {
    const record = await this.#store.load(intent);
    if (record === undefined) return this.#signed(firstAttempt(intent, await sign(1)), 0);
    if (record.state === 'expired') {
      const next = nextAttempt(record, await sign(record.attempt + 1));
      return this.#signed(next, record.version);
    }
    if (record.state === 'finalized' || record.state === 'reverted') return record;
    return this.#reconcile(record);
  }

  /** Keeps the signature before its first byte leaves: after a crash the row tells what may be on its way. */
  async #signed(record: SendRecord, expectedVersion: number): Promise<SendRecord | undefined> {
    if (!(await this.#store.put(record, expectedVersion))) return this.#store.load(record.intent);
    return this.#hand(record);
  }

  async #hand(record: SendRecord): Promise<SendRecord | undefined> {
    // An answer of the endpoint is no evidence: it may refuse what another has taken, and take what never runs.
    await this.#chain.submit(record.bytes).catch(() => undefined);
    return this.#kept(record, handedOver(record));
  }

  async #reconcile(record: SendRecord): Promise<SendRecord | undefined> {
    const sighting = await this.#chain.look(record.signature).catch(() => undefined);
    if (sighting === undefined) return record; // Nobody answers: still unknown.
    const after = sighted(record, sighting);
    if (after !== record) return this.#kept(record, after);
    return sighting.status.level === 'absent' ? this.#hand(record) : record;
  }

  async #kept(before: SendRecord, after: SendRecord): Promise<SendRecord | undefined> {
    if (after === before) return before;
    return (await this.#store.put(after, before.version)) ? after : this.#store.load(before.intent);
  }
}
