/** Sends as the journal tells them: every version, replayed by the rule that allowed it, with the bytes it signed. */
import { decideSend, mayLease } from '#core/domain/send.ts';
import type { SendStand } from '#core/domain/send.ts';
import type { SendAttemptRow, SendLeaseRow, SendRow } from './rows.ts';
import type { Auditor, JournalItem } from './verify-journal.ts';
import { bad, match } from './verify-report.ts';
import type { Audit, Step } from './verify-report.ts';

type Attempt = Readonly<{ hash: string; bytes: string; detail: string }>;
type Saved = Omit<SendRow, 'book' | 'attempts' | 'opened_tx' | 'tx'> &
  Readonly<{ attempt: Attempt | null; until_ms: number }>;
type Leased = Omit<SendLeaseRow, 'book' | 'tx'>;
type Known = SendStand & Readonly<{ openedTx: number; tx: number }>;

const keyOf = (...parts: readonly (string | number)[]): string => parts.join('/');

/** The sends, attempts and leases that the journal leads to. Texts stay in the journal and are read again from it. */
export class Sends {
  readonly #sends = new Map<string, Known>();
  readonly #attempts = new Map<string, number>();
  readonly #leases = new Map<string, Leased & { tx: number }>();
  readonly auditor: Auditor = { kinds: ['send.leased', 'send.saved'], take: (item) => this.#take(item) };

  #take({ tx, body }: JournalItem): void {
    // The body's hash is proved before: it is what the engine wrote, as unknown as it is to the journal.
    if (tx.kind === 'send.leased') this.#lease(tx, body as unknown as Leased);
    // As above.
    else this.#save(tx, body as unknown as Saved);
  }

  #lease(tx: JournalItem['tx'], lease: Leased): void {
    const key = keyOf(lease.network, lease.account);
    const known = this.#leases.get(key);
    const before = known === undefined ? null : { ...known, untilMs: known.until_ms };
    if (!mayLease(before, { ...lease, nowMs: tx.recorded_ms })) bad('tx', tx.seq, 'It took a lease that was not free.');
    this.#leases.set(key, { ...lease, tx: tx.seq });
  }

  #save(tx: JournalItem['tx'], saved: Saved): void {
    const { network, account, id, attempt, state, version, generation, nonce } = saved;
    const key = keyOf(network, account, id);
    const before = this.#sends.get(key) ?? null;
    const intent = before?.intent ?? saved.intent;
    const lease = this.#leases.get(keyOf(network, account));
    if (lease?.epoch !== saved.epoch) bad('tx', tx.seq, 'It moved a send without the lease of its account.');
    this.#leases.set(keyOf(network, account), { ...lease, until_ms: saved.until_ms, tx: tx.seq });
    const refusal = decideSend(before, { state, version, generation, nonce, intent, signs: attempt !== null } as never);
    if (refusal !== null) bad('tx', tx.seq, refusal.detail);
    const attempts = (before?.attempts ?? 0) + (attempt === null ? 0 : 1);
    if (attempt !== null) this.#attempts.set(keyOf(key, attempts), tx.seq);
    const openedTx = before?.openedTx ?? tx.seq;
    this.#sends.set(key, { state, version, generation, nonce, intent, attempts, openedTx, tx: tx.seq } as Known);
  }

  /** Every row is what its last transaction made of it, and none is missing. */
  *check({ connection }: Audit): Generator<Step> {
    const bodyAt = connection.prepare('SELECT body FROM tx WHERE seq = ?').pluck();
    const read = (seq: number): Saved => JSON.parse(bodyAt.get(seq) as string) as Saved;
    const total = this.#sends.size + this.#attempts.size + this.#leases.size;
    const sends = connection.prepare('SELECT * FROM send ORDER BY network, account, id').all() as SendRow[];
    for (const row of sends) {
      const key = [row.network, row.account, row.id];
      const known = this.#sends.get(keyOf(...key)) ?? bad('send', key, 'No transaction wrote it.');
      const { state, version, generation, nonce, attempts, openedTx, tx } = known;
      const [first, last] = [read(openedTx), read(tx)];
      const texts = { summary: first.summary, intent: first.intent, detail: last.detail, epoch: last.epoch };
      match('send', key, row, { state, version, generation, nonce, attempts, ...texts, opened_tx: openedTx, tx });
    }
    if (sends.length !== this.#sends.size) bad('send', missing(this.#sends, sends.map(sendKey)), 'It is missing.');
    yield { checked: sends.length, total };
    yield* this.#checkAttempts(connection, read);
    yield { checked: sends.length + this.#attempts.size, total };
    const leases = connection.prepare('SELECT * FROM send_lease ORDER BY network, account').all() as SendLeaseRow[];
    for (const row of leases) {
      const key = [row.network, row.account];
      match('send_lease', key, row, this.#leases.get(keyOf(...key)) ?? bad('send_lease', key, 'Nobody took it.'));
    }
    if (leases.length !== this.#leases.size) {
      bad(
        'send_lease',
        missing(
          this.#leases,
          leases.map(({ network, account }) => keyOf(network, account)),
        ),
        'It is missing.',
      );
    }
    yield { checked: total, total };
  }

  *#checkAttempts(connection: Audit['connection'], read: (seq: number) => Saved): Generator<Step> {
    const rows = connection
      .prepare('SELECT * FROM send_attempt ORDER BY network, account, send, no')
      .iterate() as IterableIterator<SendAttemptRow>;
    const seen: string[] = [];
    for (const row of rows) {
      const key = [row.network, row.account, row.send, row.no];
      const tx = this.#attempts.get(keyOf(...key)) ?? bad('send_attempt', key, 'No transaction signed it.');
      const { attempt, generation } = read(tx);
      match('send_attempt', key, row, { generation, ...attempt, tx });
      seen.push(keyOf(...key));
      if (seen.length % 500 === 0) yield { checked: seen.length, total: this.#attempts.size };
    }
    if (seen.length !== this.#attempts.size) bad('send_attempt', missing(this.#attempts, seen), 'It is missing.');
  }
}

const sendKey = ({ network, account, id }: SendRow): string => keyOf(network, account, id);

/** The first key that the journal leads to and the table does not have. */
function missing(known: ReadonlyMap<string, unknown>, found: readonly string[]): string {
  const there = new Set(found);
  return [...known.keys()].find((key) => !there.has(key)) ?? '-';
}
