/** Whatever has a name, a number or an id, by how it begins: what the console goes to from one field. */
import { sequenceId } from '#core/domain/id.ts';
import type { CustomerRecord } from '../catalog.ts';
import type { GrantRow, HoldRow, InvoiceRow, LineRow } from '../rows.ts';
import { sequenceOf } from './session.ts';
import type { ReadSession } from './session.ts';

/** `of` is what it belongs to: an event's source, or the customer of a hold, a grant or a customer's address. */
export type Found = Readonly<{
  kind: 'customer' | 'invoice' | 'line' | 'event' | 'transaction' | 'hold' | 'grant';
  id: string;
  title: string;
  detail: string;
  of: string | null;
}>;

/** After every text that begins with another: no id has this character. */
const END = '\u{10ffff}';
const EVENTS = 'SELECT source, id, subject, meter, type FROM event WHERE id >= ? AND id < ? ORDER BY id LIMIT ?';
const INVOICES = `SELECT * FROM invoice WHERE (number >= ? AND number < ?) OR (id >= ? AND id < ?)
  ORDER BY id DESC LIMIT ?`;
const LINE = 'SELECT * FROM line WHERE id = ?';
const HOLDS = 'SELECT * FROM hold WHERE id >= ? AND id < ? ORDER BY id LIMIT ?';
const GRANTS = 'SELECT * FROM credit_grant WHERE id >= ? AND id < ? ORDER BY id LIMIT ?';
const CUSTOMERS = `SELECT id, body FROM record WHERE kind = 'customer' AND instr(lower(body), ?) > 0 ORDER BY id`;

type Asked = Readonly<{ text: string; limit: number }>;

function customers(session: ReadSession, { text, limit }: Asked): Found[] {
  const wanted = text.toLowerCase();
  const found: Found[] = [];
  for (const { id, body } of session.sql(CUSTOMERS).iterate(wanted) as Iterable<{ id: string; body: string }>) {
    const { name, externalId, subjects, addresses } = JSON.parse(body) as CustomerRecord;
    const names = [id, externalId ?? '', name, ...subjects, ...addresses.map(({ address }) => address)];
    const by = names.find((one) => one.toLowerCase().includes(wanted));
    if (by === undefined) continue;
    found.push({ kind: 'customer', id, title: name, detail: by === name ? (externalId ?? id) : by, of: null });
    if (found.length === limit) break;
  }
  return found;
}

const nameOf = (session: ReadSession, customer: string): string => session.catalog.customer(customer)?.name ?? customer;

function invoices(session: ReadSession, { text, limit }: Asked): Found[] {
  const rows = session.sql(INVOICES).all(text, text + END, text, text + END, limit) as InvoiceRow[];
  return rows.map(({ id, number, customer, state }) => ({
    kind: 'invoice',
    id,
    title: number ?? 'Draft',
    detail: `${nameOf(session, customer)}, ${state}`,
    of: customer,
  }));
}

function lines(session: ReadSession, { text }: Asked): Found[] {
  const row = session.sql(LINE).get(text) as LineRow | undefined;
  if (!row?.invoice) return [];
  return [{ kind: 'line', id: row.id, title: row.meter ?? row.kind, detail: row.invoice, of: row.invoice }];
}

function events(session: ReadSession, { text, limit }: Asked): Found[] {
  const rows = session.sql(EVENTS).all(text, text + END, limit) as {
    source: string;
    id: string;
    subject: string;
    meter: string | null;
    type: string;
  }[];
  return rows.map(({ source, id, subject, meter, type }) => ({
    kind: 'event',
    id,
    title: id,
    detail: `${meter ?? type} of ${subject}, from ${source}`,
    of: source,
  }));
}

function transactions(session: ReadSession, { text }: Asked): Found[] {
  const sequence = sequenceOf(text);
  const row = sequence === null ? undefined : session.store.get('tx', sequence);
  if (!row) return [];
  const id = sequenceId('txn', row.seq);
  return [{ kind: 'transaction', id, title: id, detail: row.kind, of: null }];
}

function held(session: ReadSession, { text, limit }: Asked): Found[] {
  const holds = session.sql(HOLDS).all(text, text + END, limit) as HoldRow[];
  const grants = session.sql(GRANTS).all(text, text + END, limit) as GrantRow[];
  return [
    ...holds.map(({ id, customer, state }): Found => {
      return { kind: 'hold', id, title: id, detail: `${nameOf(session, customer)}, ${state}`, of: customer };
    }),
    ...grants.map(({ id, customer, source }): Found => {
      return { kind: 'grant', id, title: id, detail: `${nameOf(session, customer)}, ${source}`, of: customer };
    }),
  ];
}

/** At most `limit` of each kind: customers by anything they are called, the rest by how number or id begins. */
export function find(session: ReadSession, input: Asked): Found[] {
  return [customers, invoices, lines, events, transactions, held].flatMap((of) => of(session, input));
}
