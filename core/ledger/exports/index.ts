/** Rows of a list from one snapshot of the books: what the thread that exports goes through. */
import type { Cell, ExportFilters, ExportListName } from '#core/domain/exports.ts';
import { openForReading } from '../open.ts';
import { createReadSession } from '../reads/session.ts';
import * as configured from './configured.ts';
import * as money from './money.ts';
import type { Reading, Rows } from './rows.ts';
import * as usage from './usage.ts';

const LISTS: Readonly<Record<ExportListName, (reading: Reading) => Rows>> = {
  customers: configured.customers,
  balances: configured.balances,
  keys: configured.keys,
  operators: configured.operators,
  meters: configured.meters,
  plans: configured.plans,
  prices: configured.prices,
  usage: usage.usage,
  unrated: usage.unrated,
  conflicts: usage.conflicts,
  holds: money.holds,
  grants: money.grants,
  invoices: money.invoices,
  'invoice-lines': money.invoiceLines,
  entries: money.entries,
  accounts: money.accounts,
};

export type ListOrder = Readonly<{ list: ExportListName; filters: ExportFilters; nowMs: number }>;

/**
 * Every row of a list. All of them belong to the instant at which the first was asked for, however long the rest takes
 * and whatever is written meanwhile; the log of the books cannot shrink until the end.
 */
export function* rowsOf(file: string, { list, filters, nowMs }: ListOrder): Generator<readonly Cell[]> {
  const connection = openForReading(file);
  try {
    connection.exec('BEGIN');
    yield* LISTS[list]({ session: createReadSession(connection), filters, nowMs });
  } finally {
    connection.close();
  }
}
