/**
 * Totals that slices add up to: quota windows, invoice lines and revenue by the hour, each as one sorted walk beside
 * its table.
 */
import { rateDelta } from '#core/domain/price.ts';
import type { LineRow, RevenueRow, SliceRow, WindowRow } from './rows.ts';
import { Cursor, bad, match } from './verify-report.ts';
import type { Audit, Step } from './verify-report.ts';
import type { Usage } from './verify-usage.ts';

const EVERY = 2_000;
const COLUMNS = `tx, customer, meter, price, month, line, events, delta, before_units, amount, burned, waived,
  happened_ms, rate`;
const HOUR_MS = 3_600_000;

function countOf({ connection }: Audit, table: 'usage_window' | 'line' | 'revenue_hour'): number {
  return (connection.prepare(`SELECT count(*) AS count FROM ${table}`).get() as { count: number }).count;
}

const windowKey = (row: Pick<SliceRow, 'customer' | 'meter' | 'price' | 'month'>): string =>
  `${row.customer}/${row.meter}/${row.price}/${row.month}`;

/**
 * The slices of one window follow each other, each priced as the move of the running total; its row is where they
 * end.
 */
function foldWindow(audit: Audit, slices: Cursor<SliceRow>): { key: string; units: bigint; amount: bigint } {
  const first = slices.peek as SliceRow;
  const key = windowKey(first);
  let [units, amount] = [0n, 0n];
  for (let slice = slices.peek; slice && windowKey(slice) === key; slice = slices.peek) {
    const known = audit.catalog.price(slice.price, slice.rate);
    if (!known) bad('slice', slice.tx, 'Its price or rate is not known.');
    const delta = BigInt(slice.delta);
    match('slice', slice.tx, slice, {
      before_units: units.toString(),
      amount: rateDelta(known.price, units, delta).toString(),
    });
    units += delta;
    amount += BigInt(slice.amount);
    slices.take();
  }
  return { key, units, amount };
}

/** Windows: chains of slices without a gap, and the row of each. */
export function* checkWindows(audit: Audit, usage: Usage): Generator<Step> {
  const total = countOf(audit, 'usage_window');
  const slices = new Cursor<SliceRow>(
    audit.connection.prepare(`SELECT ${COLUMNS} FROM slice ORDER BY customer, meter, price, month, tx`).iterate(),
  );
  const rows = new Cursor<WindowRow>(
    audit.connection.prepare('SELECT * FROM usage_window ORDER BY customer, meter, price, month').iterate(),
  );
  try {
    for (let checked = 1; slices.peek; checked += 1) {
      const { key, units, amount } = foldWindow(audit, slices);
      const row = rows.take();
      if (!row) bad('usage_window', key, 'The row is missing.');
      if (windowKey(row) !== key) {
        const isThere = audit.connection
          .prepare('SELECT 1 FROM usage_window WHERE customer = ? AND meter = ? AND price = ? AND month = ?')
          .get(...key.split('/'));
        bad('usage_window', isThere ? windowKey(row) : key, isThere ? 'No slice is in it.' : 'The row is missing.');
      }
      const latest = usage.latest.get(key.replaceAll('/', '|'));
      match('usage_window', key, row, {
        units: units.toString(),
        amount: amount.toString(),
        latest_ms: latest?.latestAtMs ?? null,
        latest_id: latest?.latestId ?? null,
      });
      if (checked % EVERY === 0) yield { checked, total };
    }
    const extra = rows.peek;
    if (extra) bad('usage_window', windowKey(extra), 'No slice is in it.');
  } finally {
    slices.close();
    rows.close();
  }
  yield { checked: total, total };
}

/** What slices put on one line. */
function foldLine(slices: Cursor<SliceRow>, row: LineRow) {
  let [units, amount, burned, waived] = [0n, 0n, 0n, 0n];
  let events = 0;
  for (let slice = slices.peek; slice?.line === row.id; slice = slices.peek) {
    if (slice.happened_ms < row.period_start || slice.happened_ms >= row.period_end) {
      bad('line', row.id, 'Its period does not hold all of its usage.');
    }
    match('slice', slice.tx, slice, { customer: row.customer, meter: row.meter, price: row.price, month: row.month });
    units += BigInt(slice.delta);
    amount += BigInt(slice.amount);
    burned += BigInt(slice.burned);
    waived += BigInt(slice.waived);
    events += slice.events;
    slices.take();
  }
  const text = {
    units: units.toString(),
    amount: amount.toString(),
    burned: burned.toString(),
    waived: waived.toString(),
  };
  return { ...text, events };
}

/** Lines of usage are the fold of their slices; lines of fees were proven with the transaction that charged them. */
export function* checkLines(audit: Audit, fees: ReadonlySet<string>): Generator<Step> {
  const total = countOf(audit, 'line');
  let [checked, feesFound] = [0, 0];
  const slices = new Cursor<SliceRow>(
    audit.connection.prepare(`SELECT ${COLUMNS} FROM slice ORDER BY line, tx`).iterate(),
  );
  const rows = audit.connection.prepare('SELECT * FROM line ORDER BY id').iterate() as IterableIterator<LineRow>;
  try {
    for (const row of rows) {
      if (fees.has(row.id)) feesFound += 1;
      else if (slices.peek?.line === row.id) match('line', row.id, row, foldLine(slices, row));
      else
        bad(
          'line',
          slices.peek && slices.peek.line < row.id ? slices.peek.line : row.id,
          'The row has no slices, or they no row.',
        );
      checked += 1;
      if (checked % EVERY === 0) yield { checked, total };
    }
    if (slices.peek) bad('line', slices.peek.line, 'The row is missing.');
  } finally {
    slices.close();
  }
  if (feesFound !== fees.size)
    bad('line', '-', `There are ${feesFound} lines of fees where ${fees.size} were charged.`);
  yield { checked: total, total };
}

/** Revenue by hour, customer, meter and asset is the fold of slices; what came to nothing has no row of its own. */
export function* checkRevenue(audit: Audit): Generator<Step> {
  const total = countOf(audit, 'revenue_hour');
  const slices = new Cursor<SliceRow & { hour_ms: number }>(
    audit.connection
      .prepare(`SELECT ${COLUMNS}, happened_ms / ${HOUR_MS} * ${HOUR_MS} AS hour_ms FROM slice WHERE amount <> '0'
        ORDER BY hour_ms, customer, meter`)
      .iterate(),
  );
  const rows = new Cursor<RevenueRow>(
    audit.connection.prepare('SELECT * FROM revenue_hour ORDER BY hour_ms, customer, meter, asset').iterate(),
  );
  try {
    for (let checked = 1; slices.peek; checked += 1) {
      matchHour(audit, slices, rows);
      if (checked % EVERY === 0) yield { checked, total };
    }
    const extra = rows.peek;
    if (extra) bad('revenue_hour', hourKey(extra, extra.asset), 'No slice is in it.');
  } finally {
    slices.close();
    rows.close();
  }
  yield { checked: total, total };
}

type Hour = Readonly<{ hour_ms: number; customer: string; meter: string }>;
const hourKey = (row: Hour, asset: string): string => `${row.hour_ms}/${row.customer}/${row.meter}/${asset}`;

/** The assets of one hour, customer and meter. */
function matchHour(audit: Audit, slices: Cursor<SliceRow & { hour_ms: number }>, rows: Cursor<RevenueRow>): void {
  const first = slices.peek as SliceRow & { hour_ms: number };
  const group = hourKey(first, '');
  const sums = new Map<string, bigint>();
  for (let slice = slices.peek; slice && hourKey(slice, '') === group; slice = slices.peek) {
    const asset = audit.catalog.price(slice.price, slice.rate)?.record.asset ?? '';
    sums.set(asset, (sums.get(asset) ?? 0n) + BigInt(slice.amount));
    slices.take();
  }
  for (const asset of [...sums.keys()].sort()) {
    const key = hourKey(first, asset);
    const row = rows.take();
    if (row && hourKey(row, row.asset) !== key) {
      const isThere = audit.connection
        .prepare('SELECT 1 FROM revenue_hour WHERE hour_ms = ? AND customer = ? AND meter = ? AND asset = ?')
        .get(first.hour_ms, first.customer, first.meter, asset);
      bad(
        'revenue_hour',
        isThere ? hourKey(row, row.asset) : key,
        isThere ? 'No slice is in it.' : 'The row is missing.',
      );
    }
    match('revenue_hour', key, row, { amount: sums.get(asset)?.toString() });
  }
}
