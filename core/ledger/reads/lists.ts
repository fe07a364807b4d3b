/**
 * Lists of what is configured and what is open: customers, keys, meters, prices, plans, operators, grants, holds,
 * invoices.
 */
import { sequenceId } from '#core/domain/id.ts';
import type { CustomerRecord } from '../catalog.ts';
import { holdView } from '../handlers-gate.ts';
import { toHex } from '../hash.ts';
import type { Instant } from '#core/domain/instant.ts';
import type { RunKind } from '#core/domain/run.ts';
import type { GrantRow, HoldRow, InvoiceRow, RunRow } from '../rows.ts';
import { balancesOf, pendingAmounts } from './balances.ts';
import { cursorOf, customerView, notFound, paged, readCursor, requireCustomer } from './session.ts';
import type { ReadSession } from './session.ts';

const RECORDS = 'SELECT id, body, tx FROM record WHERE kind = ? ORDER BY id';
const LAST_USED = 'SELECT MAX(last_event) AS last FROM slice WHERE customer = ?';
const GRANTS = 'SELECT * FROM credit_grant WHERE customer = ? ORDER BY id';
const HOLDS = `SELECT * FROM hold WHERE (? IS NULL OR customer = ?) AND (? IS NULL OR state = ?) AND id < ?
  ORDER BY id DESC LIMIT ?`;
const HOLDS_OF = `SELECT * FROM hold WHERE customer = ? AND (? IS NULL OR state = ?) AND id < ?
  ORDER BY id DESC LIMIT ?`;
const INVOICES = `SELECT * FROM invoice WHERE (? IS NULL OR customer = ?) AND (? IS NULL OR state = ?) AND id < ?
  ORDER BY id DESC LIMIT ?`;
const INVOICE_BY_NUMBER = 'SELECT id FROM invoice WHERE number = ?';
const KEY_USES = 'SELECT key, last_ms FROM key_use';
const RUNS = 'SELECT kind, at_ms, ok, block, detail FROM run WHERE kind = ? ORDER BY at_ms DESC LIMIT ?';

/** Every document of a kind, parsed, with the transaction that wrote it. */
export function records(session: ReadSession, input: { kind: string }): { id: string; body: unknown; tx: number }[] {
  return (session.sql(RECORDS).all(input.kind) as { id: string; body: string; tx: number }[]).map((row) => ({
    ...row,
    body: JSON.parse(row.body) as unknown,
  }));
}

export function record(session: ReadSession, input: { kind: string; id: string }) {
  const row = session.store.get('record', input.kind, input.id);
  return row ? { id: row.id, body: JSON.parse(row.body) as unknown, tx: row.tx } : null;
}

/** What a name leads to, such as the hash of an API key or a linked address. */
export function nameTarget(session: ReadSession, input: { kind: string; name: string }): string | null {
  return session.store.get('name', input.kind, input.name)?.target ?? null;
}

/** Whether a command with this idempotency key was carried out. */
export function isKeyKnown(session: ReadSession, input: { key: string }): boolean {
  return session.store.txByKey(input.key) !== undefined;
}

export function keyUses(session: ReadSession): Record<string, number> {
  const rows = session.sql(KEY_USES).all() as { key: string; last_ms: number }[];
  return Object.fromEntries(rows.map(({ key, last_ms }) => [key, last_ms]));
}

/** Runs of some kinds, newest first. */
export function runs(session: ReadSession, input: { kinds: readonly RunKind[]; limit: number }) {
  const rows = input.kinds.flatMap((kind) => session.sql(RUNS).all(kind, input.limit) as Omit<RunRow, 'book'>[]);
  return rows
    .sort((a, b) => b.at_ms - a.at_ms)
    .slice(0, input.limit)
    .map(({ kind, at_ms, ok, block, detail }) => ({ kind, atMs: at_ms, ok: ok === 1, block, detail }));
}

export function customer(session: ReadSession, input: { customer: string; nowMs: number }) {
  return customerView(requireCustomer(session, input.customer), input.nowMs);
}

export function customerRecord(session: ReadSession, input: { customer: string }) {
  const found = requireCustomer(session, input.customer);
  return { body: found, tx: session.store.get('record', 'customer', found.id)?.tx ?? 0 };
}

/** The sequence of ids of all customers, for jobs that go through them. */
export function customerIds(session: ReadSession): string[] {
  return (session.sql(RECORDS).all('customer') as { id: string }[]).map(({ id }) => id);
}

const lower = (text: string): string => text.toLowerCase();

export function customers(
  session: ReadSession,
  input: { limit: number; cursor?: string | undefined; search?: string | undefined; nowMs: number } & Instant,
) {
  const needle = lower(input.search ?? '');
  const [after, afterId] = (readCursor(input.cursor) ?? ['', '']) as [string, string];
  const all = (session.sql(RECORDS).all('customer') as { body: string }[])
    .map(({ body }) => JSON.parse(body) as CustomerRecord)
    .filter(({ createdMs }) => input.asOfMs === undefined || createdMs < input.asOfMs)
    .filter(
      (one) =>
        needle === '' ||
        [one.name, one.externalId ?? '', one.id, ...one.subjects].some((text) => lower(text).includes(needle)),
    )
    .sort((a, b) => (lower(a.name) < lower(b.name) ? -1 : lower(a.name) > lower(b.name) ? 1 : a.id < b.id ? -1 : 1))
    .filter((one) => lower(one.name) > after || (lower(one.name) === after && one.id > afterId))
    .slice(0, input.limit + 1);
  const pending = pendingAmounts(session, null);
  return paged(
    all,
    input.limit,
    (one) => ({
      customer: customerView(one, input.nowMs),
      balances: balancesOf(session, one, pending),
      lastUsedMs: lastUsed(session, one.id),
    }),
    (one) => cursorOf(lower(one.name), one.id),
  );
}

function lastUsed(session: ReadSession, customerId: string): number | null {
  const { last } = session.sql(LAST_USED).get(customerId) as { last: number | null };
  return last === null ? null : (session.store.get('event', last)?.occurred_ms ?? null);
}

/** What a grant has not paid, lost or been asked back for. */
const remainingOf = (row: GrantRow): bigint =>
  BigInt(row.granted) - BigInt(row.consumed) - BigInt(row.expired) - BigInt(row.clawed);

export function grantView(row: GrantRow) {
  const remaining = remainingOf(row);
  return {
    id: row.id,
    customer: row.customer,
    asset: row.asset,
    source: row.source,
    note: row.note,
    priority: row.priority,
    grantedMinor: row.granted,
    consumedMinor: row.consumed,
    expiredMinor: row.expired,
    clawedBackMinor: row.clawed,
    remainingMinor: remaining.toString(),
    createdMs: row.created_ms,
    expiresAtMs: row.expires_ms,
    transaction: sequenceId('txn', row.tx),
  };
}

/** Grants in burn order: what is left first, by priority, expiry, age and id. */
export function grants(session: ReadSession, input: { customer: string; limit: number; cursor?: string | undefined }) {
  const owner = requireCustomer(session, input.customer);
  const [skip] = (readCursor(input.cursor) ?? [0]) as [number];
  const rank = (row: GrantRow): (number | string)[] => [
    remainingOf(row) === 0n ? 1 : 0,
    row.priority,
    row.expires_ms ?? Number.MAX_SAFE_INTEGER,
    row.created_ms,
    row.id,
  ];
  const sorted = (session.sql(GRANTS).all(owner.id) as GrantRow[]).sort((a, b) => {
    const [left, right] = [rank(a), rank(b)];
    const at = left.findIndex((value, index) => value !== right[index]);
    return at < 0 ? 0 : (left[at] ?? 0) < (right[at] ?? 0) ? -1 : 1;
  });
  const rows = sorted.slice(skip, skip + input.limit + 1);
  return paged(rows, input.limit, grantView, () => cursorOf(skip + input.limit));
}

export function holds(
  session: ReadSession,
  input: { limit: number; cursor?: string | undefined; customer?: string | undefined; state?: string | undefined },
) {
  const owner = input.customer === undefined ? null : requireCustomer(session, input.customer).id;
  const state = input.state ?? null;
  const [before] = (readCursor(input.cursor) ?? ['~']) as [string];
  const rows = (
    owner === null
      ? session.sql(HOLDS).all(null, null, state, state, before, input.limit + 1)
      : session.sql(HOLDS_OF).all(owner, state, state, before, input.limit + 1)
  ) as HoldRow[];
  const view = (row: HoldRow) => holdView(row, session.catalog.meter(row.meter)?.scale ?? 0);
  return paged(rows, input.limit, view, (row) => cursorOf(row.id));
}

export function hold(session: ReadSession, input: { holdId: string }) {
  const row = session.store.get('hold', input.holdId);
  return row ? holdView(row, session.catalog.meter(row.meter)?.scale ?? 0) : null;
}

export function invoiceView(session: ReadSession, row: InvoiceRow) {
  return {
    id: row.id,
    number: row.number,
    kind: row.kind,
    state: row.state,
    customer: row.customer,
    customerName: session.catalog.customer(row.customer)?.name ?? row.customer,
    asset: row.asset,
    periodStartMs: row.period_start,
    periodEndMs: row.period_end,
    createdMs: row.created_ms,
    finalizedMs: row.finalized_ms,
    dueMs: row.due_ms,
    totalMinor: row.total,
    paidFromCreditMinor: row.from_credit,
    dueMinor: row.due,
    sha256: row.sha256 === null ? null : toHex(row.sha256),
  };
}

export function invoices(
  session: ReadSession,
  input: { limit: number; cursor?: string | undefined; customer?: string | undefined; state?: string | undefined },
) {
  const owner = input.customer === undefined ? null : requireCustomer(session, input.customer).id;
  const state = input.state ?? null;
  const [before] = (readCursor(input.cursor) ?? ['~']) as [string];
  const rows = session.sql(INVOICES).all(owner, owner, state, state, before, input.limit + 1) as InvoiceRow[];
  return paged(
    rows,
    input.limit,
    (row) => invoiceView(session, row),
    (row) => cursorOf(row.id),
  );
}

/** An invoice by id or number. */
export function findInvoice(session: ReadSession, ref: string): InvoiceRow | null {
  const named = session.sql(INVOICE_BY_NUMBER).get(ref) as { id: string } | undefined;
  return session.store.get('invoice', named?.id ?? ref) ?? null;
}

export function invoice(session: ReadSession, input: { invoice: string }) {
  const row = findInvoice(session, input.invoice);
  if (!row) return notFound('invoice', input.invoice);
  const document = JSON.parse(row.bytes ?? '{"lines":[]}') as { lines: unknown[] };
  return { invoice: invoiceView(session, row), lines: document.lines };
}

export function invoiceDocument(session: ReadSession, input: { invoice: string }) {
  const row = findInvoice(session, input.invoice);
  if (!row) return notFound('invoice', input.invoice);
  return row.sha256 === null || row.bytes === null ? null : { bytes: row.bytes, sha256: toHex(row.sha256) };
}

export function drafts(session: ReadSession, input: { customer?: string | undefined }): string[] {
  const rows = session
    .sql(`SELECT id FROM invoice WHERE state = 'draft' AND (? IS NULL OR customer = ?)
    ORDER BY customer, period_start, id`)
    .all(input.customer ?? null, input.customer ?? null);
  return (rows as { id: string }[]).map(({ id }) => id);
}
