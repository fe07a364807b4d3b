/** The SQLite engine's load and store: statements derived from the table list, and the few queries the engine needs. */
import type { Statement } from 'better-sqlite3';
import type { Connection } from './open.ts';
import type {
  AlertRow,
  EntryRow,
  EventRow,
  GrantRow,
  HoldRow,
  InvoiceRow,
  LineRow,
  NoticeRow,
  Rows,
  TableName,
  TxRow,
  WindowRow,
} from './rows.ts';
import type { Store } from './store.ts';
import { TABLES } from './tables.ts';

const TABLE_NAMES = Object.keys(TABLES) as TableName[];
const listOf = (table: TableName): string => TABLES[table].columns.join(', ');

const insertText = (table: TableName, orIgnore: boolean): string =>
  `INSERT ${orIgnore ? 'OR IGNORE ' : ''}INTO ${table} (${listOf(table)})
   VALUES (${TABLES[table].columns.map(() => '?').join(', ')})`;

function putText(table: TableName): string {
  const { key, columns } = TABLES[table] as { key: readonly string[]; columns: readonly string[] };
  const changes = columns.filter((column) => !key.includes(column)).map((column) => `${column} = excluded.${column}`);
  return `${insertText(table, false)} ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${changes.join(', ')}`;
}

function getText(table: TableName): string {
  const key = (TABLES[table].key as readonly string[]).filter((column) => column !== 'book');
  const where = [...key, 'book'].map((column) => `${column} = ?`).join(' AND ');
  return `SELECT ${listOf(table)} FROM ${table} WHERE ${where}`;
}

const QUERIES = {
  txByKey: `SELECT ${listOf('tx')} FROM tx WHERE key = ? AND book = ?`,
  eventById: `SELECT ${listOf('event')} FROM event WHERE id = ? AND source = ? AND book = ?`,
  eventsAfter: `SELECT ${listOf('event')} FROM event WHERE seq > ? AND book = ? ORDER BY seq LIMIT ?`,
  records: 'SELECT id, body FROM record WHERE kind = ? AND book = ? ORDER BY id',
  removeName: 'DELETE FROM name WHERE kind = ? AND name = ? AND book = ?',
  grantsOf: `SELECT ${listOf('credit_grant')} FROM credit_grant WHERE customer = ? AND asset = ? AND book = ?`,
  grantsExpiring: `SELECT ${listOf('credit_grant')} FROM credit_grant
    WHERE expires_ms IS NOT NULL AND expires_ms <= ? AND book = ? ORDER BY expires_ms, id`,
  openHolds: `SELECT ${listOf('hold')} FROM hold WHERE id >= ? AND state = 'open' AND book = ? ORDER BY id`,
  openLines: `SELECT ${listOf('line')} FROM line WHERE customer = ? AND invoice IS NULL AND book = ? ORDER BY id`,
  linesOf: `SELECT ${listOf('line')} FROM line WHERE invoice = ? AND book = ? ORDER BY id`,
  linesOfWindow: `SELECT ${listOf('line')} FROM line
    WHERE customer = ? AND meter = ? AND price = ? AND month = ? AND kind = 'usage' AND book = ? ORDER BY id`,
  burnsOf: `SELECT ${TABLES.entry.columns.map((column) => `entry.${column}`).join(', ')} FROM slice
    JOIN entry ON entry.tx = slice.tx AND entry.book = slice.book
    WHERE slice.line = ? AND slice.book = ? AND entry.grant_id IS NOT NULL ORDER BY slice.tx DESC, entry.line DESC`,
  windowsOf: `SELECT ${listOf('usage_window')} FROM usage_window
    WHERE customer = ? AND book = ? ORDER BY meter, price, month`,
  invoicesOf: `SELECT ${listOf('invoice')} FROM invoice
    WHERE customer = ? AND book = ? AND state <> 'voided' ORDER BY period_start, id`,
  removeSecret: 'DELETE FROM secret WHERE id = ? AND book = ?',
  openAlert: `SELECT ${listOf('alert')} FROM alert WHERE rule = ? AND subject = ? AND cleared_ms IS NULL AND book = ?`,
  lastAlert: `SELECT ${listOf('alert')} FROM alert
    WHERE rule = ? AND subject = ? AND book = ? ORDER BY id DESC LIMIT 1`,
  noticesOf: `SELECT ${listOf('notice')} FROM notice WHERE alert = ? AND book = ? ORDER BY id`,
} as const;

type Raw = Record<string, unknown>;

/** Quantities may pass 2^53, so events are read with big integers; everything else in them is small. */
function eventOf(raw: Raw): EventRow {
  return {
    ...raw,
    seq: Number(raw.seq),
    occurred_ms: Number(raw.occurred_ms),
    tx: Number(raw.tx),
    // Columns that are not named here are read as they are stored.
  } as unknown as EventRow;
}

const NO_STATEMENTS = {} as Record<TableName, Statement>;

function prepareAll(connection: Connection, text: (table: TableName) => string): Record<TableName, Statement> {
  return Object.fromEntries(TABLE_NAMES.map((table) => [table, connection.prepare(text(table))])) as never;
}

/** The row's values in column order. */
function valuesOf(table: TableName, row: Raw): unknown[] {
  const columns = TABLES[table].columns as readonly string[];
  const values: unknown[] = [];
  for (const column of columns) values.push(row[column]);
  return values;
}

/** A store over one open connection and one book. One of the past only reads: nothing can be written to its views. */
export function createSqliteStore(connection: Connection, book: string, isPast = false): Store {
  const writing = (text: (table: TableName) => string): Record<TableName, Statement> =>
    isPast ? NO_STATEMENTS : prepareAll(connection, text);
  const inserts = writing((table) => insertText(table, false));
  const inserted = writing((table) => insertText(table, true));
  const puts = writing(putText);
  const gets = prepareAll(connection, getText);
  gets.event.safeIntegers();
  const query = Object.fromEntries(
    Object.entries(QUERIES)
      .filter(([name]) => !isPast || name !== 'removeName')
      .map(([name, text]) => [name, connection.prepare(text)]),
  ) as Record<keyof typeof QUERIES, Statement>;
  query.eventById.safeIntegers();
  query.eventsAfter.safeIntegers();
  const [begin, commit, rollback] = ['BEGIN IMMEDIATE', 'COMMIT', 'ROLLBACK'].map((text) => connection.prepare(text));
  return {
    begin: () => void begin?.run(),
    commit: () => void commit?.run(),
    rollback: () => void (connection.inTransaction && rollback?.run()),
    close: () => connection.close(),
    get: <T extends TableName>(table: T, ...key: (string | number)[]) => {
      const row = gets[table].get(...key, book);
      return (table === 'event' && row ? eventOf(row as Raw) : row) as Rows[T] | undefined;
    },
    insert: (table, row) => void inserts[table].run(...valuesOf(table, row)),
    insertIfFree: (table, row) => inserted[table].run(...valuesOf(table, row)).changes === 1,
    put: (table, row) => void puts[table].run(...valuesOf(table, row)),
    removeName: (kind, name) => void query.removeName.run(kind, name, book),
    removeSecret: (id) => void query.removeSecret.run(id, book),
    txByKey: (key) => query.txByKey.get(key, book) as TxRow | undefined,
    eventById: (source, id) => {
      const row = query.eventById.get(id, source, book);
      return row ? eventOf(row as Raw) : undefined;
    },
    eventsAfter: (sequence, limit) => (query.eventsAfter.all(sequence, book, limit) as Raw[]).map(eventOf),
    records: (kind) => query.records.all(kind, book) as { id: string; body: string }[],
    grantsOf: (customer, asset) => query.grantsOf.all(customer, asset, book) as GrantRow[],
    grantsExpiring: (untilMs) => query.grantsExpiring.all(untilMs, book) as GrantRow[],
    openHolds: (from) => query.openHolds.all(from, book) as HoldRow[],
    openLines: (customer) => query.openLines.all(customer, book) as LineRow[],
    linesOf: (invoice) => query.linesOf.all(invoice, book) as LineRow[],
    linesOfWindow: ({ customer, meter, price, month }) =>
      query.linesOfWindow.all(customer, meter, price, month, book) as LineRow[],
    burnsOf: (line) => query.burnsOf.iterate(line, book) as IterableIterator<EntryRow>,
    windowsOf: (customer) => query.windowsOf.all(customer, book) as WindowRow[],
    invoicesOf: (customer) => query.invoicesOf.all(customer, book) as InvoiceRow[],
    openAlert: (rule, subject) => query.openAlert.get(rule, subject, book) as AlertRow | undefined,
    lastAlert: (rule, subject) => query.lastAlert.get(rule, subject, book) as AlertRow | undefined,
    noticesOf: (alert) => query.noticesOf.all(alert, book) as NoticeRow[],
  };
}
