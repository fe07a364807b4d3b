/**
 * The second engine: the same rows in maps, with undo for a rolled-back commit. For tests of the port; nothing
 * survives the process.
 */
import type { EventRow, Rows, TableName, WindowRow } from './rows.ts';
import type { Store, WindowKey } from './store.ts';
import { TABLES } from './tables.ts';

type AnyRow = Record<string, unknown>;
const TABLE_NAMES = Object.keys(TABLES) as TableName[];

/** Uniqueness rules beside the key, as the schema states them. */
const UNIQUE: Partial<Record<TableName, (row: AnyRow) => string | null>> = {
  event: (row) => JSON.stringify([row.id, row.source]),
  conflict: (row) => JSON.stringify([row.source, row.id, Buffer.from(row.fingerprint as Uint8Array).toString('hex')]),
  tx: (row) => (row.key === null ? null : String(row.key)),
  invoice: (row) =>
    row.state === 'voided' ? null : JSON.stringify([row.customer, row.asset, row.period_start, row.kind]),
  send: (row) => (row.nonce === null ? null : JSON.stringify([row.network, row.account, row.nonce])),
  alert: (row) => (row.cleared_ms === null ? JSON.stringify([row.rule, row.subject]) : null),
};

const keyOf = (table: TableName, row: AnyRow): string =>
  JSON.stringify((TABLES[table].key as readonly string[]).filter((name) => name !== 'book').map((name) => row[name]));

/** One table: rows by key and by its second uniqueness rule. */
function createTable(table: TableName, undo: (step: () => void) => void) {
  const rows = new Map<string, AnyRow>();
  const unique = new Map<string, string>();
  const rule = UNIQUE[table];
  const set = (key: string, row: AnyRow | undefined): void => {
    const before = rows.get(key);
    const [oldUnique, newUnique] = [before && rule?.(before), row && rule?.(row)];
    if (oldUnique) unique.delete(oldUnique);
    if (row) rows.set(key, row);
    else rows.delete(key);
    if (newUnique) unique.set(newUnique, key);
  };
  return {
    rows,
    free: (row: AnyRow): boolean => {
      const second = rule?.(row);
      return !rows.has(keyOf(table, row)) && !(second && unique.has(second));
    },
    byRule: (second: string): AnyRow | undefined => rows.get(unique.get(second) ?? ''),
    put: (key: string, row: AnyRow | undefined): void => {
      const before = rows.get(key);
      undo(() => set(key, before));
      set(key, row && { ...row });
    },
  };
}

const isOfWindow = (row: Rows['line'], { customer, meter, price, month }: WindowKey): boolean =>
  row.customer === customer && row.meter === meter && row.price === price && row.month === month;

/** A store in memory with the same answers as the SQLite one. */
export function createMemoryStore(): Store {
  let undone: (() => void)[] = [];
  const tables = Object.fromEntries(
    TABLE_NAMES.map((name) => [name, createTable(name, (step) => undone.push(step))]),
  ) as Record<TableName, ReturnType<typeof createTable>>;
  const all = <T extends TableName>(table: T, wanted: (row: Rows[T]) => boolean): Rows[T][] =>
    [...tables[table].rows.values()].filter((row) => wanted(row as Rows[T])).map((row) => ({ ...row })) as Rows[T][];
  const byId = (a: { id: string }, b: { id: string }): number => (a.id < b.id ? -1 : 1);
  const insert = (table: TableName, row: AnyRow): void => {
    if (!tables[table].free(row)) throw Object.assign(new Error('not unique'), { code: 'SQLITE_CONSTRAINT' });
    tables[table].put(keyOf(table, row), row);
  };
  const found = (row: AnyRow | undefined) => (row ? { ...row } : undefined);
  return {
    begin: () => void (undone = []),
    commit: () => void (undone = []),
    rollback: () => {
      for (const step of undone.reverse()) step();
      undone = [];
    },
    close: () => undefined,
    get: <T extends TableName>(table: T, ...key: (string | number)[]) =>
      found(tables[table].rows.get(JSON.stringify(key))) as Rows[T] | undefined,
    insert,
    insertIfFree: (table, row) => {
      const free = tables[table].free(row);
      if (free) tables[table].put(keyOf(table, row), row);
      return free;
    },
    put: (table, row) => tables[table].put(keyOf(table, row), row),
    removeName: (kind, name) => tables.name.put(JSON.stringify([kind, name]), undefined),
    removeSecret: (id) => tables.secret.put(JSON.stringify([id]), undefined),
    txByKey: (key) => found(tables.tx.byRule(key)) as Rows['tx'] | undefined,
    eventById: (source, id) => found(tables.event.byRule(JSON.stringify([id, source]))) as EventRow | undefined,
    eventsAfter: (sequence, limit) =>
      all('event', (row) => row.seq > sequence)
        .sort((a, b) => a.seq - b.seq)
        .slice(0, limit),
    records: (kind) => all('record', (row) => row.kind === kind).sort(byId),
    grantsOf: (customer, asset) => all('credit_grant', (row) => row.customer === customer && row.asset === asset),
    grantsExpiring: (untilMs) =>
      all('credit_grant', (row) => row.expires_ms !== null && row.expires_ms <= untilMs).sort(
        (a, b) => (a.expires_ms ?? 0) - (b.expires_ms ?? 0) || byId(a, b),
      ),
    openHolds: (from) => all('hold', (row) => row.id >= from && row.state === 'open').sort(byId),
    openLines: (customer) => all('line', (row) => row.customer === customer && row.invoice === null).sort(byId),
    linesOf: (invoice) => all('line', (row) => row.invoice === invoice).sort(byId),
    linesOfWindow: (window) => all('line', (row) => row.kind === 'usage' && isOfWindow(row, window)).sort(byId),
    burnsOf: (line) => {
      const slices = new Set(all('slice', (row) => row.line === line).map(({ tx }) => tx));
      const burns = all('entry', (row) => row.grant_id !== null && slices.has(row.tx));
      return burns.sort((a, b) => b.tx - a.tx || b.line - a.line);
    },
    windowsOf: (customer) => {
      const place = (row: WindowRow): string => [row.meter, row.price, row.month].join('\n');
      return all('usage_window', (row) => row.customer === customer).sort((a, b) => (place(a) < place(b) ? -1 : 1));
    },
    invoicesOf: (customer) =>
      all('invoice', (row) => row.customer === customer && row.state !== 'voided').sort(
        (a, b) => a.period_start - b.period_start || byId(a, b),
      ),
    openAlert: (rule, subject) =>
      found(tables.alert.byRule(JSON.stringify([rule, subject]))) as Rows['alert'] | undefined,
    lastAlert: (rule, subject) =>
      all('alert', (row) => row.rule === rule && row.subject === subject)
        .sort(byId)
        .at(-1),
    noticesOf: (alert) => all('notice', (row) => row.alert === alert).sort(byId),
  };
}
