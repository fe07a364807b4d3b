/** Who a reference leads to, kept for a second: enough for keys bound to a customer and for limits by plan. */
import { RefusalError } from '#core/domain/refusal.ts';
import type { CustomerRecord } from '#core/ledger/catalog.ts';
import type { Reader } from '#core/ledger/read-port.ts';

/** A change of plan, of subjects or a new customer is seen after this at the latest. */
const FRESH_MS = 1_000;
const MOST_KEPT = 50_000;

type Kept = { customer: CustomerRecord | null; atMs: number };

export class Directory {
  readonly #reader: Reader;
  readonly #kept = new Map<string, Kept>();
  readonly #asked = new Map<string, Promise<CustomerRecord | null>>();

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  /** The customer under an id, external id or subject; at once where it was asked for within the last second. */
  find(ref: string): CustomerRecord | null | Promise<CustomerRecord | null> {
    const known = this.#kept.get(ref);
    // The monotonic clock: a wall clock that was set back must not make an entry last.
    if (known && performance.now() - known.atMs < FRESH_MS) return known.customer;
    const asked = this.#asked.get(ref);
    if (asked) return asked;
    const reading = this.#read(ref).finally(() => this.#asked.delete(ref));
    this.#asked.set(ref, reading);
    return reading;
  }

  async #read(ref: string): Promise<CustomerRecord | null> {
    let customer: CustomerRecord | null = null;
    try {
      customer = (await this.#reader.read('customerRecord', { customer: ref })).body;
    } catch (error) {
      if (!(error instanceof RefusalError)) throw error;
    }
    if (this.#kept.size >= MOST_KEPT) this.#kept.clear();
    this.#kept.set(ref, { customer, atMs: performance.now() });
    return customer;
  }

  /** Everything a customer may be called by. */
  async refs(id: string): Promise<ReadonlySet<string>> {
    const customer = await this.find(id);
    return new Set([id, ...(customer ? [...customer.subjects, customer.externalId ?? id] : [])]);
  }

  /** Those of some references that lead to nobody. */
  readonly unknown = async (refs: readonly string[]): Promise<readonly string[]> => {
    const found = await Promise.all(refs.map((ref) => this.find(ref)));
    return refs.filter((_, index) => found[index] === null);
  };

  /** Forgets what is kept, after a customer was made here. */
  forget(): void {
    this.#kept.clear();
  }
}
