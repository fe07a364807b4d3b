/** Rows of money: holds, grants, invoices and their lines, journal entries, accounts. */
import type { FrozenLine } from '#core/domain/invoice.ts';
import { holdView } from '../handlers-gate.ts';
import { grantView, invoiceView } from '../reads/lists.ts';
import { ENTRY_COLUMNS, entryView } from '../reads/journal.ts';
import type { JoinedEntry } from '../reads/journal.ts';
import { labelOf, requireCustomer } from '../reads/session.ts';
import type { AccountRow, GrantRow, HoldRow, InvoiceRow } from '../rows.ts';
import { amount, each } from './rows.ts';
import type { Reading, Rows } from './rows.ts';

const HOLDS = `SELECT * FROM hold WHERE (? IS NULL OR customer = ?) AND (? IS NULL OR state = ?) ORDER BY id`;
const GRANTS = `SELECT * FROM credit_grant WHERE (? IS NULL OR customer = ?) ORDER BY id`;
const INVOICES = `SELECT * FROM invoice WHERE (? IS NULL OR customer = ?) AND (? IS NULL OR state = ?) ORDER BY id`;
const ENTRIES = `SELECT ${ENTRY_COLUMNS} FROM entry JOIN tx ON tx.seq = entry.tx AND tx.book = entry.book
  ORDER BY entry.tx, entry.line`;
const ENTRIES_OF = `SELECT ${ENTRY_COLUMNS} FROM entry JOIN tx ON tx.seq = entry.tx AND tx.book = entry.book
  WHERE entry.account = ? ORDER BY entry.tx, entry.line`;
const ENTRIES_OF_CUSTOMER = `SELECT ${ENTRY_COLUMNS} FROM entry JOIN tx ON tx.seq = entry.tx AND tx.book = entry.book
  WHERE entry.account IN (SELECT id FROM account WHERE customer = ?) ORDER BY entry.tx, entry.line`;
const ACCOUNTS = 'SELECT id, asset, posted FROM account ORDER BY id';

const ownerOf = ({ session, filters }: Reading): string | null =>
  filters.customer === undefined ? null : requireCustomer(session, filters.customer).id;

export function* holds(reading: Reading): Rows {
  const [owner, state] = [ownerOf(reading), reading.filters.state ?? null];
  for (const row of each<HoldRow>(reading, HOLDS, owner, owner, state, state)) {
    const view = holdView(row, reading.session.catalog.meter(row.meter)?.scale ?? 0);
    yield [
      view.id,
      view.state,
      view.customer,
      view.meter,
      view.quantity,
      view.asset,
      amount(view.amountMinor, view.asset),
      view.openedMs,
      view.expiresAtMs,
      view.capturedQuantity,
      amount(view.chargedMinor, view.asset),
      amount(view.overshootMinor, view.asset),
      String(view.late),
    ];
  }
}

export function* grants(reading: Reading): Rows {
  const owner = ownerOf(reading);
  for (const row of each<GrantRow>(reading, GRANTS, owner, owner)) {
    const view = grantView(row);
    const { asset } = view;
    const amounts = [view.grantedMinor, view.consumedMinor, view.expiredMinor, view.remainingMinor];
    yield [
      view.id,
      view.customer,
      view.source,
      view.note,
      view.priority,
      asset,
      ...amounts.map((minor) => amount(minor, asset)),
      view.createdMs,
      view.expiresAtMs,
      view.transaction,
    ];
  }
}

const invoiceRows = (reading: Reading): Iterable<InvoiceRow> => {
  const [owner, state] = [ownerOf(reading), reading.filters.state ?? null];
  return each<InvoiceRow>(reading, INVOICES, owner, owner, state, state);
};

export function* invoices(reading: Reading): Rows {
  for (const row of invoiceRows(reading)) {
    const view = invoiceView(reading.session, row);
    yield [
      view.id,
      view.number,
      view.kind,
      view.state,
      view.customer,
      view.customerName,
      view.asset,
      view.periodStartMs,
      view.periodEndMs,
      view.createdMs,
      view.finalizedMs,
      view.dueMs,
      amount(view.totalMinor, view.asset),
      amount(view.paidFromCreditMinor, view.asset),
      amount(view.dueMinor, view.asset),
      view.sha256,
    ];
  }
}

/** Lines as the document has them: of a frozen invoice they are what was frozen. */
export function* invoiceLines(reading: Reading): Rows {
  for (const row of invoiceRows(reading)) {
    const { lines } = JSON.parse(row.bytes ?? '{"lines":[]}') as { lines: readonly FrozenLine[] };
    for (const line of lines) {
      yield [
        row.id,
        row.number,
        row.state,
        row.customer,
        line.id,
        line.kind,
        line.description,
        line.meter,
        line.month,
        line.price,
        line.quantity,
        line.unit,
        line.rate,
        row.asset,
        amount(line.amountMinor, row.asset),
      ];
    }
  }
}

function entryRows(reading: Reading): Iterable<JoinedEntry> {
  const { account } = reading.filters;
  const owner = ownerOf(reading);
  if (account !== undefined) return each<JoinedEntry>(reading, ENTRIES_OF, account);
  return owner === null ? each<JoinedEntry>(reading, ENTRIES) : each<JoinedEntry>(reading, ENTRIES_OF_CUSTOMER, owner);
}

export function* entries(reading: Reading): Rows {
  for (const row of entryRows(reading)) {
    const view = entryView(reading.session, row);
    yield [
      view.transaction,
      row.line,
      view.kind,
      view.account,
      view.label,
      view.asset,
      amount(view.amountMinor, view.asset),
      amount(view.balanceMinor, view.asset),
      view.grant,
      view.happenedMs,
      view.recordedMs,
      row.block,
      view.by,
      view.memo,
    ];
  }
}

export function* accounts(reading: Reading): Rows {
  for (const row of each<AccountRow>(reading, ACCOUNTS)) {
    yield [row.id, labelOf(reading.session, row.id), row.asset, amount(row.posted, row.asset)];
  }
}
