/** Empties the outbox of notices: sends what is due, and books how each try went before the next one. */
import type { MailRecord, WebhookRecord } from '#core/domain/notice.ts';
import { MAIL_CHANNEL } from '#core/domain/notice.ts';
import type { Answer, Book } from '#core/ledger/port.ts';
import type { Reader } from '#core/ledger/read-port.ts';
import type { Log } from '#core/services/core.ts';
import type { Resolve } from './checked-lookup.ts';
import { mailNotice } from './mail.ts';
import type { ToSend } from './payload.ts';
import { postNotice } from './post.ts';
import type { Went } from './post.ts';

/** So many are on their way at once, and so many of them to one channel, so that one that hangs delays no other. */
const MOST_AT_ONCE = 8;
const MOST_A_CHANNEL = 2;
const LOOKED_AT = 500;

export type SenderParts = Readonly<{
  book: Pick<Book, 'commit'>;
  reader: Pick<Reader, 'read'>;
  now: () => number;
  log: Log;
  resolve?: Resolve;
}>;

export class NoticeSender {
  readonly #parts: SenderParts;
  readonly #underWay = new Map<string, Promise<void>>();
  readonly #busy = new Map<string, number>();
  readonly #stop = new AbortController();

  constructor(parts: SenderParts) {
    this.#parts = parts;
  }

  /** Sends what is due and not under way; resolves when all it began has been booked. */
  async sendDue(): Promise<void> {
    const { reader, now, log } = this.#parts;
    const ids = await reader.read('dueNotices', { nowMs: now(), limit: LOOKED_AT });
    if (this.#stop.signal.aborted) return;
    const begun: Promise<void>[] = [];
    for (const id of ids) {
      if (this.#underWay.size >= MOST_AT_ONCE) break;
      if (this.#underWay.has(id)) continue;
      const done = this.#sendOne(id)
        .catch((error: unknown) => {
          if (!this.#stop.signal.aborted) log.warn('notice not booked', { notice: id, error });
        })
        .finally(() => this.#underWay.delete(id));
      this.#underWay.set(id, done);
      begun.push(done);
    }
    await Promise.all(begun);
  }

  /** Ends what is under way, unbooked: it is sent again, under the same id, by whoever opens the books next. */
  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#underWay.values());
  }

  async #sendOne(id: string): Promise<void> {
    const { reader, now, log, book } = this.#parts;
    const notice = await reader.read('noticeToSend', { id, nowMs: now() });
    if (notice === null) return;
    const place = notice.channel?.id ?? '';
    const busy = this.#busy.get(place) ?? 0;
    if (busy >= MOST_A_CHANNEL) return;
    this.#busy.set(place, busy + 1);
    try {
      const went = await this.#try(notice);
      const tried = { type: 'notice.tried', actor: 'notices', notice: id, no: notice.attempts + 1, ...went } as const;
      const [answer] = (await book.commit([tried])) as Answer<{ state: string }>[];
      if (!went.ok) log.warn('notice not delivered', { notice: id, channel: place, status: went.status });
      if (answer && !answer.ok) log.warn('try of a notice not booked', { notice: id, code: answer.refusal.code });
    } finally {
      this.#busy.set(place, (this.#busy.get(place) ?? 1) - 1);
    }
  }

  #try(notice: ToSend): Promise<Went> | Went {
    const { channel } = notice;
    if (channel === null || channel.removedMs !== null || !channel.isOn) {
      return { ok: false, status: null, detail: 'The channel was removed or is off.', isGone: true };
    }
    const { now, resolve } = this.#parts;
    const stop = this.#stop.signal;
    const options = { nowMs: now(), stop, ...(resolve === undefined ? {} : { resolve }) };
    if (channel.id === MAIL_CHANNEL) return mailNotice(notice, channel as MailRecord, stop);
    return postNotice(notice, channel as WebhookRecord, options);
  }
}
