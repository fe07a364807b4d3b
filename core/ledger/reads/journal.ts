/** Entries and transactions as a person reads them, and the changes that leave the books by sequence. */
import { sequenceId } from '#core/domain/id.ts';
import { toHex } from '../hash.ts';
import type { Instant } from '#core/domain/instant.ts';
import type { EntryRow, TxRow } from '../rows.ts';
import { cursorOf, labelOf, notFound, paged, readCursor, requireCustomer, sequenceOf } from './session.ts';
import type { ReadSession } from './session.ts';

export type JoinedEntry = EntryRow & Pick<TxRow, 'kind' | 'recorded_ms' | 'block' | 'actor'>;
export const ENTRY_COLUMNS = `entry.tx, entry.line, entry.account, entry.asset, entry.amount, entry.balance,
  entry.grant_id, entry.happened_ms, entry.memo, tx.kind, tx.recorded_ms, tx.block, tx.actor`;
const OF_ACCOUNT = `SELECT ${ENTRY_COLUMNS} FROM entry JOIN tx ON tx.seq = entry.tx AND tx.book = entry.book
  WHERE entry.account = ? AND (entry.tx, entry.line) < (?, ?) ORDER BY entry.tx DESC, entry.line DESC LIMIT ?`;
const NEWEST = `SELECT ${ENTRY_COLUMNS} FROM entry JOIN tx ON tx.seq = entry.tx AND tx.book = entry.book
  WHERE (entry.tx, entry.line) < (?, ?) ORDER BY entry.tx DESC, entry.line DESC LIMIT ?`;
const OF_TX = `SELECT ${ENTRY_COLUMNS} FROM entry JOIN tx ON tx.seq = entry.tx AND tx.book = entry.book
  WHERE entry.tx = ? ORDER BY entry.line`;
const ACCOUNT_IDS = 'SELECT id FROM account WHERE customer = ?';
const CHANGES = `SELECT seq, kind, subject, recorded_ms, body FROM tx WHERE seq > ? ORDER BY seq LIMIT ?`;

export function entryView(session: ReadSession, row: JoinedEntry) {
  return {
    transaction: sequenceId('txn', row.tx),
    kind: row.kind,
    account: row.account,
    label: labelOf(session, row.account),
    asset: row.asset,
    amountMinor: row.amount,
    balanceMinor: row.balance,
    grant: row.grant_id,
    happenedMs: row.happened_ms,
    recordedMs: row.recorded_ms,
    block: String(row.block),
    by: row.actor,
    memo: row.memo,
  };
}

/** Entries newest first; those of a customer are merged from its few accounts, each read by index. */
export function entries(
  session: ReadSession,
  input: { customer?: string | undefined; account?: string | undefined; limit: number; cursor?: string | undefined },
) {
  const [tx, line] = (readCursor(input.cursor) ?? [Number.MAX_SAFE_INTEGER, 0]) as [number, number];
  const count = input.limit + 1;
  const newestFirst = (a: JoinedEntry, b: JoinedEntry): number => b.tx - a.tx || b.line - a.line;
  const customer = input.customer === undefined ? null : requireCustomer(session, input.customer);
  const ids = customer
    ? (session.sql(ACCOUNT_IDS).all(customer.id) as { id: string }[]).map(({ id }) => id)
    : input.account === undefined
      ? null
      : [input.account];
  const rows = ids
    ? ids
        .flatMap((id) => session.sql(OF_ACCOUNT).all(id, tx, line, count) as JoinedEntry[])
        .sort(newestFirst)
        .slice(0, count)
    : (session.sql(NEWEST).all(tx, line, count) as JoinedEntry[]);
  return paged(
    rows,
    input.limit,
    (row) => entryView(session, row),
    (row) => cursorOf(row.tx, row.line),
  );
}

export function entriesOf(session: ReadSession, sequence: number) {
  return (session.sql(OF_TX).all(sequence) as JoinedEntry[]).map((row) => entryView(session, row));
}

export function transaction(session: ReadSession, input: { id: string } & Pick<Instant, 'asOfMs'>) {
  const sequence = sequenceOf(input.id);
  const row = sequence === null ? undefined : session.store.get('tx', sequence);
  // What events and invoices name stays to be found; asked for by itself, it had to have happened.
  if (!row || row.happened_ms >= (input.asOfMs ?? Infinity)) return notFound('transaction', input.id);
  return {
    id: sequenceId('txn', row.seq),
    kind: row.kind,
    sequence: String(row.seq),
    block: String(row.block),
    hash: toHex(row.hash),
    happenedMs: row.happened_ms,
    recordedMs: row.recorded_ms,
    by: row.actor,
    entries: entriesOf(session, row.seq),
    body: row.body,
  };
}

/** Changes after a sequence, oldest first: the outbox is the journal itself. */
export function changes(session: ReadSession, input: { after: number; limit: number }) {
  const rows = session.sql(CHANGES).all(input.after, input.limit) as (TxRow & { subject: string | null })[];
  return rows.map((row) => {
    const body = JSON.parse(row.body) as Record<string, unknown>;
    const count = typeof body.first === 'number' && typeof body.last === 'number' ? body.last - body.first + 1 : 1;
    const id = [body.invoice, body.hold, body.line, body.id].find((one) => typeof one === 'string');
    return {
      sequence: String(row.seq),
      type: row.kind,
      customer: row.subject,
      id: (id as string | undefined) ?? null,
      recordedMs: row.recorded_ms,
      count,
    };
  });
}
