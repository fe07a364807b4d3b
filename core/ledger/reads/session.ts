/** What every read shares: a read-only connection, the catalog over it, cursors, and views of rows. */
import { accountLabel } from '#core/domain/account.ts';
import { refuse } from '#core/domain/refusal.ts';
import { Catalog, planAt } from '../catalog.ts';
import type { CustomerRecord } from '../catalog.ts';
import { openForReading } from '../open.ts';
import type { Connection } from '../open.ts';
import { isPast } from '#core/domain/instant.ts';
import type { Instant } from '#core/domain/instant.ts';
import { Past } from '../past/past.ts';
import type { Costly } from '../past/past.ts';
import type { BookRow } from '../rows.ts';
import { createSqliteStore } from '../sqlite-store.ts';
import type { Store } from '../store.ts';
import type { Statement } from 'better-sqlite3';

export type ReadSession = Readonly<{
  connection: Connection;
  store: Store;
  catalog: Catalog;
  /** A prepared statement, kept for the next call. */
  sql: (text: string) => Statement;
  /** Reads quantities beyond 2^53 exactly. */
  bigSql: (text: string) => Statement;
  book: () => BookRow;
  /** Told before a read asks for it: in the past some tables are worked out only when they are needed. */
  ready: (what: Costly) => void;
  /** The same books at a moment, until the next commit: what had happened by one instant and was known by the other. */
  at: (instant: Instant) => ReadSession;
  /** Does something in one snapshot of the books at a moment. */
  within: <T>(instant: Instant, work: (session: ReadSession) => T) => T;
  close: () => void;
}>;

/** Reads of the present; what stands in the past has a connection of its own, made when first asked for. */
export function createReadSession(connection: Connection, file = connection.name): ReadSession {
  let past: { past: Past; session: ReadSession } | undefined;
  const close = (): void => {
    past?.session.connection.close();
    connection.close();
  };
  const session: ReadSession = sessionOver(connection, {
    close,
    at: (instant) => {
      if (!isPast(instant)) return session;
      past ??= pastOf(session, file);
      if (past.past.moveTo(instant)) past.session.catalog.forget();
      return past.session;
    },
    within: (instant, work) => {
      if (!isPast(instant)) return connection.transaction(() => work(session))();
      past ??= pastOf(session, file);
      try {
        return past.session.connection.transaction(() => work(session.at(instant)))();
      } catch (error) {
        // With the transaction what was filled in for the moment is undone.
        past.past.forget();
        throw error;
      }
    },
  });
  return session;
}

function pastOf(present: ReadSession, file: string): { past: Past; session: ReadSession } {
  const connection = openForReading(file);
  const past = new Past(connection);
  const session = sessionOver(connection, { at: present.at, within: present.within, close: present.close, past });
  return { past, session };
}

function sessionOver(
  connection: Connection,
  { past, ...moving }: Readonly<Pick<ReadSession, 'at' | 'within' | 'close'> & { past?: Past }>,
): ReadSession {
  const store = createSqliteStore(connection, 'main', past !== undefined);
  const prepared = new Map<string, Statement>();
  const kept = (text: string, big: boolean): Statement => {
    const key = big ? `big ${text}` : text;
    const known = prepared.get(key);
    if (known) return known;
    const statement = connection.prepare(text);
    if (big) statement.safeIntegers();
    prepared.set(key, statement);
    return statement;
  };
  return {
    connection,
    store,
    catalog: new Catalog(store),
    sql: (text) => kept(text, false),
    bigSql: (text) => kept(text, true),
    book: () => {
      const row = store.get('book');
      return (
        row ??
        refuse({ code: 'NOT_FOUND', detail: 'The workspace has no book.', fix: 'Make it with `tollkeeper init`.' })
      );
    },
    ready: (what) => past?.ready(what),
    ...moving,
  };
}

/** The customer that a reference leads to, or a refusal. */
export function requireCustomer(session: ReadSession, ref: string): CustomerRecord {
  const id = session.catalog.resolve(ref);
  const customer = id === null ? null : session.catalog.customer(id);
  return (
    customer ??
    refuse({
      code: 'CUSTOMER_UNKNOWN',
      detail: `No customer is known as "${ref.slice(0, 80)}".`,
      fix: 'Check the id or external id, or create the customer.',
      values: { customer: ref.slice(0, 200) },
    })
  );
}

export function notFound(what: string, id: string): never {
  return refuse({ code: 'NOT_FOUND', detail: `There is no ${what} "${id.slice(0, 80)}".`, fix: 'Check the id.' });
}

/** A customer as the contract shows it. */
export function customerView(customer: CustomerRecord, nowMs: number) {
  return {
    id: customer.id,
    externalId: customer.externalId,
    name: customer.name,
    plan: planAt(customer, nowMs),
    anchorDay: customer.anchorDay,
    timeZone: customer.timeZone,
    overdrafts: Object.entries(customer.overdrafts).map(([asset, amountMinor]) => ({ asset, amountMinor })),
    subjects: [...customer.subjects],
    addresses: customer.addresses.map((address) => ({ ...address })),
    createdMs: customer.createdMs,
  };
}

/** The account in words, with the customer's name. */
export function labelOf(session: ReadSession, account: string): string {
  const owner = account.startsWith('cus_') ? session.catalog.customer(account.slice(0, account.indexOf(':'))) : null;
  return accountLabel(account, owner?.name ?? null);
}

/** The sequence of a `txn_` id, or null. */
export function sequenceOf(id: string): number | null {
  const match = /^[a-z]{3}_([0-9a-z]{11})/.exec(id);
  return match?.[1] ? Number.parseInt(match[1], 36) : null;
}

/** Reads a cursor that `cursorOf` wrote; anything else is a refusal. */
export function readCursor(cursor: string | undefined): (string | number)[] | null {
  if (cursor === undefined) return null;
  try {
    const values: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    const isValid = (value: unknown) => typeof value === 'string' || typeof value === 'number';
    if (Array.isArray(values) && values.every(isValid)) return values as (string | number)[];
  } catch {
    // Falls through to the refusal: a cursor is either ours or invalid.
  }
  return refuse({
    code: 'INPUT_INVALID',
    detail: 'The cursor is not one of ours.',
    fix: 'Begin again without a cursor.',
  });
}

export function cursorOf(...values: (string | number)[]): string {
  return Buffer.from(JSON.stringify(values)).toString('base64url');
}

/** Cuts a list that was read one longer than asked into a page. */
export function paged<Row, Item>(
  rows: readonly Row[],
  limit: number,
  view: (row: Row) => Item,
  cursor: (row: Row) => string,
): { items: Item[]; nextCursor: string | null } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { items: shown.map(view), nextCursor: rows.length > limit && last ? cursor(last) : null };
}
