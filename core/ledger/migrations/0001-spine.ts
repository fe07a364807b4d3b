/** Schema version 1: the chained journal, accounts, usage, gate, credit and invoices of one or more books. */

/**
 * Amounts are canonical decimal TEXT (0G does not fit 64 bits); quantities of single events are INTEGER at the meter's
 * scale. Every table carries `book`, last in its key: uniqueness is per book, and locality is by what is looked up.
 * A file holds one book (verify refuses another), so the two tables that only grow at their end are keyed by their
 * sequence alone: SQLite then appends to a page, where the end of an index is balanced over three. `book.open_hold` is
 * the first open hold by id, so that a start reads no closed ones and no index has to be kept.
 */
export const spine = {
  version: 1,
  name: 'spine',
  statements: [
    `CREATE TABLE book (
      book TEXT NOT NULL PRIMARY KEY, epoch INTEGER NOT NULL, seq INTEGER NOT NULL, event_seq INTEGER NOT NULL,
      block INTEGER NOT NULL, head BLOB NOT NULL, recorded_ms INTEGER NOT NULL, watermark INTEGER NOT NULL,
      invoice_no INTEGER NOT NULL, created_ms INTEGER NOT NULL, open_hold TEXT
    ) STRICT, WITHOUT ROWID`,
    `CREATE TABLE block (
      no INTEGER NOT NULL, book TEXT NOT NULL, prev BLOB NOT NULL, root BLOB NOT NULL, hash BLOB NOT NULL,
      first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL, recorded_ms INTEGER NOT NULL,
      PRIMARY KEY (no, book)
    ) STRICT, WITHOUT ROWID`,
    `CREATE TABLE tx (
      seq INTEGER NOT NULL PRIMARY KEY, book TEXT NOT NULL, kind TEXT NOT NULL, subject TEXT, key TEXT, request BLOB,
      happened_ms INTEGER NOT NULL, recorded_ms INTEGER NOT NULL, actor TEXT NOT NULL, body TEXT NOT NULL,
      hash BLOB NOT NULL, block INTEGER NOT NULL
    ) STRICT`,
    `CREATE UNIQUE INDEX tx_by_key ON tx (key, book) WHERE key IS NOT NULL`,
    `CREATE TABLE account (
      id TEXT NOT NULL, book TEXT NOT NULL, customer TEXT, role TEXT NOT NULL, asset TEXT NOT NULL,
      posted TEXT NOT NULL, held TEXT NOT NULL, last_tx INTEGER NOT NULL,
      PRIMARY KEY (id, book)
    ) STRICT, WITHOUT ROWID`,
    `CREATE INDEX account_by_customer ON account (customer, asset) WHERE customer IS NOT NULL`,
    `CREATE TABLE entry (
      tx INTEGER NOT NULL, line INTEGER NOT NULL, book TEXT NOT NULL, account TEXT NOT NULL, asset TEXT NOT NULL,
      amount TEXT NOT NULL, balance TEXT NOT NULL, grant_id TEXT, happened_ms INTEGER NOT NULL, memo TEXT NOT NULL,
      PRIMARY KEY (tx, line, book)
    ) STRICT, WITHOUT ROWID`,
    `CREATE INDEX entry_by_account ON entry (account, tx, line)`,
    `CREATE INDEX entry_by_grant ON entry (grant_id, tx) WHERE grant_id IS NOT NULL`,
    `CREATE TABLE record (
      kind TEXT NOT NULL, id TEXT NOT NULL, book TEXT NOT NULL, body TEXT NOT NULL, tx INTEGER NOT NULL,
      PRIMARY KEY (kind, id, book)
    ) STRICT, WITHOUT ROWID`,
    `CREATE TABLE name (
      kind TEXT NOT NULL, name TEXT NOT NULL, book TEXT NOT NULL, target TEXT NOT NULL, tx INTEGER NOT NULL,
      PRIMARY KEY (kind, name, book)
    ) STRICT, WITHOUT ROWID`,
    `CREATE TABLE event (
      seq INTEGER NOT NULL PRIMARY KEY, book TEXT NOT NULL, source TEXT NOT NULL, id TEXT NOT NULL,
      subject TEXT NOT NULL, type TEXT NOT NULL, meter TEXT, quantity INTEGER, occurred_ms INTEGER NOT NULL,
      data TEXT NOT NULL, fingerprint BLOB NOT NULL, hold TEXT, tx INTEGER NOT NULL
    ) STRICT`,
    `CREATE UNIQUE INDEX event_by_id ON event (id, source, book)`,
    `CREATE TABLE conflict (
      tx INTEGER NOT NULL, line INTEGER NOT NULL, book TEXT NOT NULL, source TEXT NOT NULL, id TEXT NOT NULL,
      subject TEXT NOT NULL, body TEXT NOT NULL, fingerprint BLOB NOT NULL, recorded_ms INTEGER NOT NULL,
      PRIMARY KEY (tx, line, book)
    ) STRICT, WITHOUT ROWID`,
    `CREATE UNIQUE INDEX conflict_once ON conflict (source, id, fingerprint, book)`,
    `CREATE TABLE parked (
      id TEXT NOT NULL, book TEXT NOT NULL, event_seq INTEGER NOT NULL, meter TEXT, reason TEXT NOT NULL,
      detail TEXT NOT NULL, state TEXT NOT NULL, tx INTEGER NOT NULL, closed_tx INTEGER,
      PRIMARY KEY (id, book)
    ) STRICT, WITHOUT ROWID`,
    `CREATE INDEX parked_open ON parked (reason, id) WHERE state = 'open'`,
    `CREATE INDEX parked_by_event ON parked (event_seq)`,
    `CREATE TABLE slice (
      tx INTEGER NOT NULL, book TEXT NOT NULL, customer TEXT NOT NULL, meter TEXT NOT NULL, price TEXT NOT NULL,
      month TEXT NOT NULL, line TEXT NOT NULL, first_event INTEGER NOT NULL, last_event INTEGER NOT NULL,
      events INTEGER NOT NULL, delta TEXT NOT NULL, before_units TEXT NOT NULL, amount TEXT NOT NULL,
      burned TEXT NOT NULL, waived TEXT NOT NULL, hold TEXT, happened_ms INTEGER NOT NULL,
      from_ms INTEGER NOT NULL, to_ms INTEGER NOT NULL,
      PRIMARY KEY (tx, book)
    ) STRICT, WITHOUT ROWID`,
    `CREATE INDEX slice_by_line ON slice (line, tx)`,
    `CREATE INDEX slice_by_customer ON slice (customer, last_event)`,
    `CREATE TABLE line (
      id TEXT NOT NULL, book TEXT NOT NULL, customer TEXT NOT NULL, asset TEXT NOT NULL, kind TEXT NOT NULL,
      meter TEXT, price TEXT, month TEXT, period_start INTEGER NOT NULL, period_end INTEGER NOT NULL,
      before_units TEXT NOT NULL, units TEXT NOT NULL, amount TEXT NOT NULL, burned TEXT NOT NULL,
      waived TEXT NOT NULL, events INTEGER NOT NULL, invoice TEXT,
      PRIMARY KEY (id, book)
    ) STRICT, WITHOUT ROWID`,
    `CREATE INDEX line_open ON line (customer, period_start) WHERE invoice IS NULL`,
    `CREATE INDEX line_by_invoice ON line (invoice) WHERE invoice IS NOT NULL`,
    `CREATE TABLE usage_window (
      customer TEXT NOT NULL, meter TEXT NOT NULL, price TEXT NOT NULL, month TEXT NOT NULL, book TEXT NOT NULL,
      units TEXT NOT NULL, amount TEXT NOT NULL, latest_ms INTEGER, latest_id TEXT,
      PRIMARY KEY (customer, meter, price, month, book)
    ) STRICT, WITHOUT ROWID`,
    `CREATE TABLE seen (
      customer TEXT NOT NULL, meter TEXT NOT NULL, month TEXT NOT NULL, value TEXT NOT NULL, book TEXT NOT NULL,
      event_seq INTEGER NOT NULL,
      PRIMARY KEY (customer, meter, month, value, book)
    ) STRICT, WITHOUT ROWID`,
    `CREATE TABLE rollup (
      meter TEXT NOT NULL, subject TEXT NOT NULL, hour_ms INTEGER NOT NULL, book TEXT NOT NULL,
      events INTEGER NOT NULL, units TEXT NOT NULL, most TEXT, latest TEXT, latest_ms INTEGER, latest_seq INTEGER,
      first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL,
      PRIMARY KEY (meter, subject, hour_ms, book)
    ) STRICT, WITHOUT ROWID`,
    `CREATE INDEX rollup_by_hour ON rollup (hour_ms, meter)`,
    `CREATE TABLE revenue_hour (
      hour_ms INTEGER NOT NULL, customer TEXT NOT NULL, meter TEXT NOT NULL, asset TEXT NOT NULL, book TEXT NOT NULL,
      amount TEXT NOT NULL,
      PRIMARY KEY (hour_ms, customer, meter, asset, book)
    ) STRICT, WITHOUT ROWID`,
    `CREATE TABLE refused_hour (
      hour_ms INTEGER NOT NULL, customer TEXT NOT NULL, book TEXT NOT NULL, count INTEGER NOT NULL,
      PRIMARY KEY (hour_ms, customer, book)
    ) STRICT, WITHOUT ROWID`,
    `CREATE TABLE hold (
      id TEXT NOT NULL, book TEXT NOT NULL, customer TEXT NOT NULL, meter TEXT NOT NULL, price TEXT NOT NULL,
      asset TEXT NOT NULL, units TEXT NOT NULL, amount TEXT NOT NULL, state TEXT NOT NULL,
      opened_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL, captured_units TEXT, charged TEXT, overshoot TEXT,
      late INTEGER NOT NULL, tx INTEGER NOT NULL, closed_tx INTEGER,
      PRIMARY KEY (id, book)
    ) STRICT, WITHOUT ROWID`,
    `CREATE TABLE credit_grant (
      id TEXT NOT NULL, book TEXT NOT NULL, customer TEXT NOT NULL, asset TEXT NOT NULL, source TEXT NOT NULL,
      note TEXT NOT NULL, priority INTEGER NOT NULL, granted TEXT NOT NULL, consumed TEXT NOT NULL,
      expired TEXT NOT NULL, created_ms INTEGER NOT NULL, expires_ms INTEGER, tx INTEGER NOT NULL,
      PRIMARY KEY (id, book)
    ) STRICT, WITHOUT ROWID`,
    `CREATE INDEX grant_by_customer ON credit_grant (customer, asset, id)`,
    `CREATE INDEX grant_by_expiry ON credit_grant (expires_ms) WHERE expires_ms IS NOT NULL`,
    `CREATE TABLE invoice (
      id TEXT NOT NULL, book TEXT NOT NULL, number TEXT, kind TEXT NOT NULL, state TEXT NOT NULL,
      customer TEXT NOT NULL, asset TEXT NOT NULL, period_start INTEGER NOT NULL, period_end INTEGER NOT NULL,
      created_ms INTEGER NOT NULL, finalized_ms INTEGER, due_ms INTEGER, total TEXT NOT NULL, from_credit TEXT NOT NULL,
      due TEXT NOT NULL, bytes TEXT, sha256 BLOB, tx INTEGER NOT NULL, final_tx INTEGER,
      PRIMARY KEY (id, book)
    ) STRICT, WITHOUT ROWID`,
    `CREATE UNIQUE INDEX invoice_once ON invoice (customer, asset, period_start, kind, book) WHERE state <> 'voided'`,
    `CREATE UNIQUE INDEX invoice_number ON invoice (number, book) WHERE number IS NOT NULL`,
    `CREATE INDEX invoice_by_state ON invoice (state, id)`,
    `CREATE TABLE key_use (
      key TEXT NOT NULL, book TEXT NOT NULL, last_ms INTEGER NOT NULL,
      PRIMARY KEY (key, book)
    ) STRICT, WITHOUT ROWID`,
    `CREATE TABLE run (
      kind TEXT NOT NULL, at_ms INTEGER NOT NULL, book TEXT NOT NULL, ok INTEGER NOT NULL, block INTEGER NOT NULL,
      detail TEXT NOT NULL,
      PRIMARY KEY (kind, at_ms, book)
    ) STRICT, WITHOUT ROWID`,
  ],
} as const;
