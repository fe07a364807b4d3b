/** The overview: is the money safe and what needs a person. Sums come from rollups, never from raw events. */
import type { AlertFacts } from '#core/domain/notice.ts';
import { formatMinor } from '#core/domain/money.ts';
import { trimmed } from '#core/domain/words.ts';
import { toHex } from '../hash.ts';
import type { AccountRow, AlertRow, RollupRow } from '../rows.ts';
import { balancesOf, pendingAmounts } from './balances.ts';
import type { ReadSession } from './session.ts';
import { planAt } from '../catalog.ts';
import { events, unratedSummary } from './usage.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const ACCOUNTS = `SELECT customer, role, asset, posted, held FROM account WHERE customer IS NOT NULL`;
const ROLLUPS = `SELECT meter, hour_ms, events, units FROM rollup WHERE hour_ms >= ?`;
const REVENUE = `SELECT hour_ms, customer, asset, amount FROM revenue_hour WHERE hour_ms >= ?`;
const REFUSED = `SELECT COUNT(DISTINCT customer) AS customers, COALESCE(SUM(count), 0) AS count
  FROM refused_hour WHERE hour_ms >= ?`;
const DRAFTS = `SELECT COUNT(*) AS count FROM invoice WHERE state = 'draft'`;
const CONFLICTS = `SELECT COUNT(*) AS count FROM conflict WHERE recorded_ms >= ?`;
const LAST_RUN = `SELECT at_ms, ok, block, detail FROM run WHERE kind = ? ORDER BY at_ms DESC LIMIT 1`;
const FIRST_BLOCK = 'SELECT hash FROM block WHERE no = 1';
const LAST_EVENT = `SELECT tx.recorded_ms AS at FROM event JOIN tx ON tx.seq = event.tx AND tx.book = event.book
  ORDER BY event.seq DESC LIMIT 1`;
const ALERTS = `SELECT * FROM alert WHERE cleared_ms IS NULL AND acknowledged_ms IS NULL ORDER BY id DESC LIMIT 5`;
const RUNS_OUT_DAYS = 7;
const MOST_RUNS_OUT = 6;

type Run = { at_ms: number; ok: number; block: number; detail: string } | undefined;

/** Where the books and the file stand. */
export function stats(session: ReadSession, _input: object) {
  const book = session.book();
  const pages = Number(session.connection.pragma('page_count', { simple: true }));
  const size = Number(session.connection.pragma('page_size', { simple: true }));
  const verify = session.sql(LAST_RUN).get('verify') as Run;
  const backup = session.sql(LAST_RUN).get('backup') as Run;
  const last = session.sql(LAST_EVENT).get() as { at: number } | undefined;
  const first = session.sql(FIRST_BLOCK).get() as { hash: Uint8Array } | undefined;
  return {
    bookId: first ? toHex(first.hash) : null,
    block: String(book.block),
    headHash: toHex(book.head),
    events: String(book.event_seq),
    watermark: String(book.watermark),
    sequence: String(book.seq),
    recordedMs: book.recorded_ms,
    lastEventMs: last?.at ?? null,
    fileBytes: String(pages * size),
    lastBackupMs: backup?.at_ms ?? null,
    lastVerifyMs: verify?.at_ms ?? null,
    lastVerifyOk: verify ? verify.ok === 1 : null,
    lastVerifyBlock: verify ? String(verify.block) : null,
    settings: session.catalog.settings(),
    schemaVersion: Number(session.connection.pragma('user_version', { simple: true })),
  };
}

function heldByAsset(session: ReadSession) {
  const byAsset = new Map<
    string,
    { wallet: bigint; held: bigint; unbilled: bigint; receivable: bigint; customers: Set<string> }
  >();
  for (const row of session.sql(ACCOUNTS).iterate() as Iterable<AccountRow>) {
    const sums = byAsset.get(row.asset) ?? { wallet: 0n, held: 0n, unbilled: 0n, receivable: 0n, customers: new Set() };
    byAsset.set(row.asset, sums);
    if (row.role === 'wallet') sums.wallet += BigInt(row.posted);
    if (row.role === 'wallet') sums.held += BigInt(row.held);
    if (row.role === 'unbilled' || row.role === 'advance') sums.unbilled += BigInt(row.posted);
    if (row.role === 'receivable') sums.receivable += BigInt(row.posted);
    if (row.customer) sums.customers.add(row.customer);
  }
  return [...byAsset]
    .map(([asset, sums]) => ({
      asset,
      walletMinor: sums.wallet.toString(),
      heldMinor: sums.held.toString(),
      unbilledMinor: sums.unbilled.toString(),
      receivableMinor: sums.receivable.toString(),
      customers: sums.customers.size,
    }))
    .sort((a, b) => (a.asset < b.asset ? -1 : 1));
}

function usageDays(session: ReadSession, todayMs: number) {
  const days = new Map<number, Map<string, { events: number; units: bigint }>>();
  for (let back = 29; back >= 0; back -= 1) days.set(todayMs - back * DAY_MS, new Map());
  for (const row of session.sql(ROLLUPS).iterate(todayMs - 29 * DAY_MS) as Iterable<RollupRow>) {
    const day = days.get(Math.floor(row.hour_ms / DAY_MS) * DAY_MS);
    if (!day) continue;
    const sum = day.get(row.meter) ?? { events: 0, units: 0n };
    day.set(row.meter, { events: sum.events + row.events, units: sum.units + BigInt(row.units) });
  }
  return [...days].map(([dayMs, meters]) => ({
    dayMs,
    meters: [...meters]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([meter, sum]) => ({
        meter,
        events: String(sum.events),
        quantity: trimmed(formatMinor(sum.units, session.catalog.meter(meter)?.scale ?? 0)),
      })),
  }));
}

function today(session: ReadSession, nowMs: number, todayMs: number) {
  const sinceYesterday = nowMs - DAY_MS;
  let [count, before] = [0, 0];
  for (const row of session.sql(ROLLUPS).iterate(todayMs - DAY_MS) as Iterable<RollupRow>) {
    if (row.hour_ms >= todayMs) count += row.events;
    else if (row.hour_ms + HOUR_MS <= sinceYesterday) before += row.events;
  }
  const revenue = new Map<string, { now: bigint; before: bigint }>();
  for (const row of session.sql(REVENUE).iterate(todayMs - DAY_MS) as Iterable<{
    hour_ms: number;
    asset: string;
    amount: string;
  }>) {
    const sum = revenue.get(row.asset) ?? { now: 0n, before: 0n };
    revenue.set(row.asset, sum);
    if (row.hour_ms >= todayMs) sum.now += BigInt(row.amount);
    else if (row.hour_ms + HOUR_MS <= sinceYesterday) sum.before += BigInt(row.amount);
  }
  const refused = session.sql(REFUSED).get(todayMs) as { customers: number; count: number };
  return {
    events: String(count),
    eventsYesterdayByNow: String(before),
    refused402: refused.count,
    refusedCustomers: refused.customers,
    revenue: [...revenue]
      .map(([asset, sum]) => ({
        asset,
        amountMinor: sum.now.toString(),
        yesterdayByNowMinor: sum.before.toString(),
      }))
      .sort((a, b) => (a.asset < b.asset ? -1 : 1)),
  };
}

/** Prepaid customers by how long their money lasts at the burn of the last week. */
function runsOut(session: ReadSession, nowMs: number) {
  const sinceMs = Math.floor((nowMs - RUNS_OUT_DAYS * DAY_MS) / HOUR_MS) * HOUR_MS;
  const burn = new Map<string, bigint>();
  for (const row of session.sql(REVENUE).iterate(sinceMs) as Iterable<{
    customer: string;
    asset: string;
    amount: string;
  }>) {
    const key = `${row.customer}|${row.asset}`;
    burn.set(key, (burn.get(key) ?? 0n) + BigInt(row.amount));
  }
  const pending = pendingAmounts(session, null);
  const rows = [];
  for (const [key, total] of burn) {
    const [customerId = '', asset = ''] = key.split('|');
    const customer = session.catalog.customer(customerId);
    const perDay = total / BigInt(RUNS_OUT_DAYS);
    if (!customer || perDay <= 0n) continue;
    const balance = balancesOf(session, customer, pending).find((one) => one.asset === asset);
    const spendable = BigInt(balance?.spendableMinor ?? '0');
    const tenths = spendable <= 0n ? 0n : (spendable * 10n) / perDay;
    rows.push({
      customer: customer.id,
      name: customer.name,
      plan: planAt(customer, nowMs),
      asset,
      spendableMinor: spendable.toString(),
      burnPerDayMinor: perDay.toString(),
      daysLeftTenths: tenths > 36_500n ? 36_500 : Number(tenths),
    });
  }
  return rows.sort((a, b) => a.daysLeftTenths - b.daysLeftTenths || (a.name < b.name ? -1 : 1)).slice(0, MOST_RUNS_OUT);
}

/** A number and its noun. */
const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

type Need = {
  kind: string;
  severity: string;
  title: string;
  detail: string;
  asset: string | null;
  amountMinor: string | null;
  href: string;
  action: string;
};
type Out = ReturnType<typeof runsOut>[number];
const noAmount = { asset: null, amountMinor: null };

/** What stands in the books and waits for a person. */
function waitingNeeds(session: ReadSession, nowMs: number): (Need | null)[] {
  const count = (text: string, ...bound: number[]): number =>
    (session.sql(text).get(...bound) as { count: number }).count;
  const verify = session.sql(LAST_RUN).get('verify') as Run;
  const waiting = unratedSummary(session);
  const named = [...new Set(waiting.groups.map((group) => group.type))].slice(0, 3).join(', ');
  const fired = session.sql(ALERTS).all() as AlertRow[];
  const drafts = count(DRAFTS);
  const conflicts = count(CONFLICTS, nowMs - 7 * DAY_MS);
  return [
    ...fired.map(firedAlert),
    verify?.ok === 0
      ? need('verify', 'danger', ['The books did not verify', verify.detail], ['/ledger', 'Look'])
      : null,
    waiting.total > 0
      ? need(
          'unrated',
          'attention',
          [`${counted(waiting.total, 'event')} ${waiting.total === 1 ? 'waits' : 'wait'} unrated`, named],
          ['/usage?show=unrated', 'Assign'],
        )
      : null,
    conflicts > 0
      ? need(
          'conflict',
          'attention',
          [`${counted(conflicts, 'event')} came twice with different bodies`, 'the first was kept'],
          ['/usage', 'Compare'],
        )
      : null,
    drafts > 0
      ? need(
          'draft',
          'info',
          [`${counted(drafts, 'invoice')} to finalize`, 'periods that ended'],
          ['/invoices?state=draft', 'Review'],
        )
      : null,
  ];
}

function need(
  kind: string,
  severity: string,
  [title, detail]: [string, string],
  [href, action]: [string, string],
): Need {
  return { ...noAmount, kind, severity, title, detail, href, action };
}

/** An alert that is open and that nobody has seen; its own place says what led to it and where to act. */
function firedAlert({ id, facts, severity }: AlertRow): Need {
  const { title, detail } = JSON.parse(facts) as AlertFacts;
  return need('alert', severity, [title, detail], [`/alerts/${id}`, 'Look']);
}

function lowBalance(one: Out): Need {
  const days = `in ${(one.daysLeftTenths / 10).toFixed(1)} days at this rate`;
  const detail = one.daysLeftTenths === 0 ? 'nothing left to spend' : days;
  const severity = one.daysLeftTenths < 10 ? 'danger' : 'attention';
  const low = need(
    'low-balance',
    severity,
    [`${one.name} runs out`, detail],
    [`/customers/${one.customer}`, 'Grant credit'],
  );
  return { ...low, asset: one.asset, amountMinor: one.spendableMinor };
}

/** What a person must look at, most pressing first. */
function needsYou(
  waiting: readonly (Need | null)[],
  out: readonly Out[],
  refused: { refused402: number; refusedCustomers: number },
): Need[] {
  const low = out.filter(({ daysLeftTenths }) => daysLeftTenths < 70).slice(0, 3);
  const calls = `${counted(refused.refused402, 'call')} refused today (402)`;
  const who = `${counted(refused.refusedCustomers, 'customer')}; nothing was charged`;
  const all = [
    ...waiting,
    ...low.map(lowBalance),
    refused.refused402 > 0 ? need('refused', 'info', [calls, who], ['/customers', 'See who']) : null,
  ].filter((one) => one !== null);
  const rank = ['danger', 'attention', 'info'];
  return all.toSorted((a, b) => rank.indexOf(a.severity) - rank.indexOf(b.severity));
}

export function overview(session: ReadSession, input: { nowMs: number }) {
  const { nowMs } = input;
  session.ready('held');
  session.ready('rollups');
  const todayMs = Math.floor(nowMs / DAY_MS) * DAY_MS;
  const day = today(session, nowMs, todayMs);
  const out = runsOut(session, nowMs);
  const recent = events(session, { limit: 12 }).items.map((one) => ({
    source: one.source,
    id: one.id,
    subject: one.subject,
    customer: one.customer,
    type: one.meter ?? one.type,
    customerName: one.customer === null ? null : (session.catalog.customer(one.customer)?.name ?? null),
    quantity: one.quantity,
    unit: one.unit,
    recordedMs: one.recordedMs,
    state: one.state,
  }));
  return {
    nowMs,
    needsYou: needsYou(waitingNeeds(session, nowMs), out, day),
    held: heldByAsset(session),
    today: day,
    days: usageDays(session, todayMs),
    runsOut: out,
    recent,
  };
}
