/** An import that is only tried: which of its events the books have, and what the new ones would come to. */
import type { AcceptUsage } from '#core/ledger/port.ts';
import type { Core } from '#core/services/core.ts';

const DAY_MS = 86_400_000;
/** Sums are kept by customer, meter and day; beyond so many the rest is counted and not priced. */
const MOST_SUMS = 200_000;

type Sum = { subject: string; meter: string; occurredMs: number; units: bigint; events: number };

export class Trial {
  readonly #core: Core;
  readonly #sums = new Map<string, Sum>();
  /** Ids that this file had before: a second row with one is not new. */
  readonly #seen = new Map<string, string>();
  #left = 0;

  constructor(core: Core) {
    this.#core = core;
  }

  /** The letters the books would answer a slice with, by what they hold now and what came before in the file. */
  readonly take = async (slice: AcceptUsage): Promise<string> => {
    const { source, id, subject, meter, units, occurredMs, fingerprints } = slice;
    const prints = id.map((_, at) => Buffer.from(fingerprints.subarray(at * 32, at * 32 + 32)).toString('hex'));
    const known = await this.#core.reader.read('knownEvents', { source, id, subject, prints });
    let letters = '';
    for (const [at, letter] of [...known].entries()) {
      const key = `${source[at]}\n${id[at]}`;
      const before = this.#seen.get(key);
      const print = prints[at] ?? '';
      if (letter !== 'a' || before !== undefined) {
        letters += letter !== 'a' ? letter : before === print ? 'd' : 'c';
        continue;
      }
      this.#seen.set(key, print);
      letters += 'a';
      const when = (occurredMs[at] ?? -1) < 0 ? this.#core.now() : (occurredMs[at] ?? 0);
      this.#add(subject[at] ?? '', meter[at] ?? '', when, units[at] ?? null);
    }
    return letters;
  };

  #add(subject: string, meter: string, occurredMs: number, units: bigint | null): void {
    const key = `${meter}\n${Math.floor(occurredMs / DAY_MS)}\n${subject}`;
    const sum = this.#sums.get(key);
    if (sum && units !== null) {
      sum.units += units;
      sum.events += 1;
    } else if (units !== null && this.#sums.size < MOST_SUMS) {
      this.#sums.set(key, { subject, meter, occurredMs, units, events: 1 });
    } else this.#left += 1;
  }

  /** What the new events come to, per asset, at the prices of their days. */
  async effects(): Promise<{ effects: { asset: string; amountMinor: string }[]; notPriced: number }> {
    const { effects, notPriced } = await this.#core.reader.read('usageEffect', { sums: [...this.#sums.values()] });
    return { effects, notPriced: notPriced + this.#left };
  }
}
