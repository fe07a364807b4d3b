/** Alerts, notices and tries as the journal tells them, and secrets as the records of their channels name them. */
import type { SecretRef } from '#core/domain/notice.ts';
import { sha256Hex } from './hash.ts';
import type { AlertRow, NoticeAttemptRow, NoticeRow, SecretRow } from './rows.ts';
import type { Auditor, JournalItem } from './verify-journal.ts';
import { bad, match, parsed } from './verify-report.ts';
import type { Audit, Step } from './verify-report.ts';

type Queued = Readonly<{ id: string; channel: string; due_ms: number }>;
type Fired = Readonly<{ id: string; rule: string; subject: string; severity: string; facts: object }>;
type Tried = Omit<NoticeAttemptRow, 'notice' | 'book' | 'at_ms' | 'tx'> &
  Readonly<{ id: string; state: string; due_ms: number }>;
type KnownAlert = Omit<AlertRow, 'book' | 'facts'>;
type KnownNotice = Omit<NoticeRow, 'book'>;

const KINDS = ['alert.fired', 'alert.cleared', 'alert.acknowledged', 'notice.queued', 'notice.tried', 'notice.resent'];
const NEVER = {
  cleared_ms: null,
  cleared_tx: null,
  acknowledged_ms: null,
  acknowledged_by: null,
  acknowledged_tx: null,
};

/** What the journal leads to. What alerts say stays there and is read again from it. */
export class Notices {
  readonly #alerts = new Map<string, KnownAlert>();
  readonly #open = new Set<string>();
  readonly #notices = new Map<string, KnownNotice>();
  readonly #attempts = new Map<string, number>();
  readonly auditor: Auditor = { kinds: KINDS, take: (item) => this.#take(item) };

  #take({ tx, body }: JournalItem): void {
    // The body's hash is proved before: it is what the engine wrote, as unknown as it is to the journal.
    const wrote = body as unknown as Fired & Queued & Tried & { notices: readonly Queued[] };
    switch (tx.kind) {
      case 'alert.fired':
        return this.#fire(tx, wrote);
      case 'alert.cleared':
        return this.#clear(tx, wrote);
      case 'alert.acknowledged': {
        const seen = { acknowledged_ms: tx.recorded_ms, acknowledged_by: tx.actor, acknowledged_tx: tx.seq };
        return void this.#alerts.set(wrote.id, { ...this.#alert(tx, wrote.id), ...seen });
      }
      case 'notice.queued':
        return this.#queue(tx, [wrote], { event: 'notice.test', alert: null });
      case 'notice.tried':
        return this.#try(tx, wrote);
      default: {
        const asked = { state: 'waiting', tries: 0, due_ms: wrote.due_ms, last_tx: tx.seq };
        return void this.#notices.set(wrote.id, { ...this.#notice(tx, wrote.id), ...asked });
      }
    }
  }

  #alert(tx: JournalItem['tx'], id: string): KnownAlert {
    return this.#alerts.get(id) ?? bad('tx', tx.seq, `It names the alert ${id}, which never fired.`);
  }
  #notice(tx: JournalItem['tx'], id: string): KnownNotice {
    return this.#notices.get(id) ?? bad('tx', tx.seq, `It names the notice ${id}, which nothing asked for.`);
  }

  #queue(tx: JournalItem['tx'], queued: readonly Queued[], of: Pick<KnownNotice, 'event' | 'alert'>): void {
    for (const { id, channel, due_ms } of queued) {
      const fresh = { state: 'waiting', attempts: 0, tries: 0, due_ms, tx: tx.seq, last_tx: tx.seq };
      this.#notices.set(id, { id, channel, ...of, ...fresh });
    }
  }

  #fire(tx: JournalItem['tx'], { id, rule, subject, severity, notices }: Fired & { notices: readonly Queued[] }) {
    const place = JSON.stringify([rule, subject]);
    if (this.#open.has(place)) bad('tx', tx.seq, 'It fired an alert that was open already.');
    this.#open.add(place);
    this.#alerts.set(id, { id, rule, subject, severity, fired_ms: tx.recorded_ms, tx: tx.seq, ...NEVER });
    this.#queue(tx, notices, { event: 'alert.fired', alert: id });
  }

  #clear(tx: JournalItem['tx'], { id, notices }: { id: string; notices: readonly Queued[] }): void {
    const known = this.#alert(tx, id);
    if (known.cleared_ms !== null) bad('tx', tx.seq, 'It ended an alert that was over already.');
    this.#open.delete(JSON.stringify([known.rule, known.subject]));
    this.#alerts.set(id, { ...known, cleared_ms: tx.recorded_ms, cleared_tx: tx.seq });
    this.#queue(tx, notices, { event: 'alert.cleared', alert: id });
  }

  #try(tx: JournalItem['tx'], { id, no, state, due_ms }: Tried): void {
    const known = this.#notice(tx, id);
    if (known.state !== 'waiting' || known.attempts + 1 !== no) bad('tx', tx.seq, 'It is not the next try.');
    this.#attempts.set(`${id}/${no}`, tx.seq);
    this.#notices.set(id, { ...known, state, due_ms, attempts: no, tries: known.tries + 1, last_tx: tx.seq });
  }

  /** Every row is what its transactions made of it, and none is missing. */
  *check({ connection }: Audit): Generator<Step> {
    const total = this.#alerts.size + this.#notices.size + this.#attempts.size;
    const bodyAt = connection.prepare('SELECT body, recorded_ms FROM tx WHERE seq = ?');
    const read = (seq: number) => {
      const { body, recorded_ms } = bodyAt.get(seq) as { body: string; recorded_ms: number };
      return { ...(JSON.parse(body) as Fired & Tried), at_ms: recorded_ms };
    };
    let checked = 0;
    const alerts = connection.prepare('SELECT * FROM alert ORDER BY id');
    for (const row of alerts.iterate() as IterableIterator<AlertRow>) {
      const known = this.#alerts.get(row.id) ?? bad('alert', row.id, 'No transaction fired it.');
      match('alert', row.id, row, { ...known, facts: JSON.stringify(read(known.tx).facts) });
      checked += 1;
      if (checked % 500 === 0) yield { checked, total };
    }
    if (checked !== this.#alerts.size) bad('alert', missing(connection, 'alert', this.#alerts), 'It is missing.');
    const notices = connection.prepare('SELECT * FROM notice ORDER BY id');
    for (const row of notices.iterate() as IterableIterator<NoticeRow>) {
      match('notice', row.id, row, this.#notices.get(row.id) ?? bad('notice', row.id, 'Nothing asked for it.'));
      checked += 1;
      if (checked % 500 === 0) yield { checked, total };
    }
    const both = this.#alerts.size + this.#notices.size;
    if (checked !== both) bad('notice', missing(connection, 'notice', this.#notices), 'It is missing.');
    const attempts = connection.prepare('SELECT * FROM notice_attempt ORDER BY notice, no');
    for (const row of attempts.iterate() as IterableIterator<NoticeAttemptRow>) {
      const key = [row.notice, row.no];
      const tx = this.#attempts.get(key.join('/')) ?? bad('notice_attempt', key, 'No transaction tried it.');
      const { at_ms, ok, status, detail } = read(tx);
      match('notice_attempt', key, row, { at_ms, ok, status, detail, tx });
      checked += 1;
      if (checked % 500 === 0) yield { checked, total };
    }
    if (checked !== total) bad('notice_attempt', '-', 'One is missing.');
    checkSecrets(connection);
    yield { checked: total, total };
  }
}

/** Every secret is one that the record of its channel names, by its hash; none is missing. */
function checkSecrets(connection: Audit['connection']): void {
  const named = new Map<string, string>();
  const channels = connection.prepare(`SELECT id, body FROM record WHERE kind IN ('webhook', 'mail')`);
  for (const { id, body } of channels.iterate() as IterableIterator<{ id: string; body: string }>) {
    const { secrets } = parsed<{ secrets: readonly SecretRef[] }>('record', id, body);
    for (const secret of secrets) named.set(secret.id, secret.sha256);
  }
  const rows = connection.prepare('SELECT * FROM secret ORDER BY id').all() as SecretRow[];
  for (const { id, value } of rows) {
    const hash = named.get(id) ?? bad('secret', id, 'No channel names it.');
    if (sha256Hex(value) !== hash) bad('secret', id, 'value is not the one that its channel names.');
    named.delete(id);
  }
  for (const id of named.keys()) bad('secret', id, 'It is missing.');
}

function missing(connection: Audit['connection'], table: 'alert' | 'notice', known: ReadonlyMap<string, unknown>) {
  const row = connection.prepare(`SELECT 1 FROM ${table} WHERE id = ?`);
  return [...known.keys()].find((id) => !row.get(id)) ?? '-';
}
