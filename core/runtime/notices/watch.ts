/** Regular work of alerts: what crosses a threshold is booked, and what is due is sent. */
import { openReader } from '#core/ledger/read-port.ts';
import type { Reader } from '#core/ledger/read-port.ts';
import { NoticeSender } from './sender.ts';
import type { SenderParts } from './sender.ts';

/** How often the outbox is looked at, and the rules at most. */
const SEND_MS = 1_000;
const WATCH_MS = 2_000;
/** Watching takes at most this part of the time, however many customers there are. */
const WATCH_SHARE = 1 / 20;

type Parts = Omit<SenderParts, 'reader'> & Readonly<{ file: string; reader: Reader }>;

/** Books every crossing there is now. */
export async function bookCrossings({ book, now }: Pick<Parts, 'book' | 'now'>, reader: Reader): Promise<void> {
  const crossings = await reader.read('crossings', { nowMs: now() });
  if (crossings.length === 0) return;
  await book.commit(crossings.map((crossing) => ({ type: 'alert.observe', actor: 'watch', ...crossing })));
}

/** Starts both; resolves the returned function when nothing is under way any more. */
export function startNotices(parts: Parts): () => Promise<void> {
  const sender = new NoticeSender(parts);
  const watcher = new Watcher(parts);
  const failed = (what: string) => (error: unknown) => parts.log.warn(what, { error });
  const sending = setInterval(() => void sender.sendDue().catch(failed('outbox not read')), SEND_MS);
  const watching = setInterval(() => void watcher.look().catch(failed('rules not watched')), SEND_MS);
  sending.unref();
  watching.unref();
  return async () => {
    clearInterval(sending);
    clearInterval(watching);
    await Promise.all([sender.close(), watcher.close()]);
  };
}

/** Looks at the rules over a reader of its own, so that nobody's screen waits for it; without rules there is none. */
class Watcher {
  readonly #parts: Parts;
  #reader: Reader | undefined;
  #nextAt = 0;
  #underWay: Promise<void> | null = null;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async look(): Promise<void> {
    if (this.#underWay !== null || performance.now() < this.#nextAt) return;
    this.#underWay = this.#look();
    try {
      await this.#underWay;
    } finally {
      this.#underWay = null;
    }
  }

  async #look(): Promise<void> {
    const startedAt = performance.now();
    if (this.#reader === undefined) {
      const rules = await this.#parts.reader.read('records', { kind: 'alert-rule' });
      if (rules.length > 0) this.#reader = await openReader(this.#parts.file);
    }
    if (this.#reader !== undefined) await bookCrossings(this.#parts, this.#reader);
    const tookMs = performance.now() - startedAt;
    this.#nextAt = performance.now() + Math.max(WATCH_MS, tookMs / WATCH_SHARE);
  }

  async close(): Promise<void> {
    // What failed was logged by whoever looked.
    await this.#underWay?.catch(() => undefined);
    await this.#reader?.close();
  }
}
