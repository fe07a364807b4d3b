/** Rows of a list from one snapshot of the books: what the thread that exports goes through. */
import type { ExportFilters, ExportListName } from '#core/domain/exports.ts';
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
 * The books as they are now, for as long as it is open: whatever is written meanwhile, every list belongs to this
 * instant. The log of the books cannot shrink until it is closed.
 */
export function openSnapshot(file: string): Readonly<{ rows: (order: ListOrder) => Rows; close: () => void }> {
  const connection = openForReading(file);
  const session = createReadSession(connection);
  connection.exec('BEGIN');
  // SQLite takes the snapshot at the first read.
  session.book();
  return {
    rows: ({ list, filters, nowMs }) => {
      const then = session.at(filters);
      if (then !== session) then.connection.exec('BEGIN');
      // What a list may need is worked out before its rows are walked: meanwhile nothing can be.
      session.at(filters).ready('held');
      return LISTS[list]({ session: then, filters, nowMs: filters.asOfMs ?? filters.knownAtMs ?? nowMs });
    },
    close: () => session.close(),
  };
}
