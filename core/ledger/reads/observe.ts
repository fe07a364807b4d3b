/** What every alert rule sees right now, and which of it crosses a threshold. Books nothing. */
import { decideAlert, decodeRule } from '#core/domain/alert.ts';
import type { AlertKind, AlertRule, AlertRuleRecord } from '#core/domain/alert.ts';
import { formatAmount } from '#core/domain/money.ts';
import type { Asset } from '#core/domain/money.ts';
import { quotaMonth } from '#core/domain/period.ts';
import type { AlertWords } from '../port.ts';
import type { AccountRow, AlertRow, WindowRow } from '../rows.ts';
import { pendingAmounts } from './balances.ts';
import type { ReadSession } from './session.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** A burn rate is of the last 24 clock hours; how long money lasts is reckoned with the burn of the last seven days. */
const BURN_HOURS = 24;
const LASTS_DAYS = 7;

const RULES = `SELECT body FROM record WHERE kind = 'alert-rule' ORDER BY id`;
const OPEN = 'SELECT * FROM alert WHERE rule = ? AND cleared_ms IS NULL';
const ACCOUNTS = `SELECT customer, role, posted, held FROM account
  WHERE asset = ? AND customer IS NOT NULL AND (? IS NULL OR customer = ?)`;
const BURN = `SELECT customer, exact_sum(amount) AS amount FROM revenue_hour
  WHERE hour_ms >= ? AND asset = ? AND (? IS NULL OR customer = ?) GROUP BY customer`;
const WINDOWS = `SELECT customer, meter, price, month, units FROM usage_window
  WHERE month = ? AND (? IS NULL OR customer = ?) AND (? IS NULL OR meter = ?)`;
const REFUSED = `SELECT customer, MAX(count) AS count FROM refused_hour
  WHERE hour_ms >= ? AND (? IS NULL OR customer = ?) GROUP BY customer`;
const HOLDS = `SELECT customer, MIN(opened_ms) AS opened, COUNT(*) AS count FROM hold
  WHERE id >= ? AND state = 'open' AND (? IS NULL OR customer = ?) AND (? IS NULL OR meter = ?) GROUP BY customer`;
const PARKED = `SELECT COUNT(*) FROM parked WHERE state = 'open' AND (? IS NULL OR meter = ?)`;
const LAST_GOOD = 'SELECT MAX(at_ms) FROM run WHERE kind = ? AND ok = 1';
const LAST_VERIFY = `SELECT ok, detail FROM run WHERE kind = 'verify' ORDER BY at_ms DESC LIMIT 1`;
const FIRST_WAITING = `SELECT tx.recorded_ms FROM event JOIN tx ON tx.seq = event.tx AND tx.book = event.book
  WHERE event.seq = ?`;

/** A value with what is said of it if it crosses; the words are made only then. */
type Seen = Readonly<{ subject: string; value: bigint; words: () => AlertWords }>;
export type Crossing = Readonly<{ rule: string; subject: string; value: bigint | null; words: AlertWords | null }>;

/** What several rules ask for at one instant, reckoned once. */
class Watch {
  readonly session: ReadSession;
  readonly nowMs: number;
  #pending: Map<string, bigint> | undefined;

  constructor(session: ReadSession, nowMs: number) {
    this.session = session;
    this.nowMs = nowMs;
  }

  nameOf(customer: string): string {
    return this.session.catalog.customer(customer)?.name ?? customer;
  }

  /** What each customer that ever had credit in an asset may still spend. */
  spendable(asset: string, only: string | null): Map<string, bigint> {
    this.#pending ??= pendingAmounts(this.session, null);
    const totals = new Map<string, bigint>();
    const prepaid = new Set<string>();
    for (const row of this.session.sql(ACCOUNTS).iterate(asset, only, only) as Iterable<AccountRow>) {
      const customer = row.customer ?? '';
      if (row.role === 'wallet') prepaid.add(customer);
      if (!['wallet', 'unbilled', 'advance'].includes(row.role)) continue;
      const held = row.role === 'wallet' ? BigInt(row.held) : 0n;
      totals.set(customer, (totals.get(customer) ?? 0n) + BigInt(row.posted) - held);
    }
    for (const [customer, total] of totals) {
      if (!prepaid.has(customer)) totals.delete(customer);
      const overdraft = BigInt(this.session.catalog.customer(customer)?.overdrafts[asset] ?? '0');
      const waiting = this.#pending.get(`${customer}|${asset}`) ?? 0n;
      if (prepaid.has(customer)) totals.set(customer, total + overdraft - (waiting > 0n ? waiting : 0n));
    }
    return totals;
  }

  /** What usage came to in the last clock hours, by customer. */
  burn(asset: string, only: string | null, hours: number): Map<string, bigint> {
    const fromMs = Math.floor(this.nowMs / HOUR_MS) * HOUR_MS - (hours - 1) * HOUR_MS;
    const rows = this.session.sql(BURN).all(fromMs, asset, only, only) as { customer: string; amount: string }[];
    return new Map(rows.map(({ customer, amount }) => [customer, BigInt(amount)]));
  }
}

const noWords = { customer: null, asset: null, meter: null };
const money = (amountMinor: bigint, asset: string): string => formatAmount(amountMinor, asset as Asset);

function balances(watch: Watch, { asset, customer: only }: AlertRule): Seen[] {
  if (asset === null) return [];
  return [...watch.spendable(asset, only)].map(([customer, value]) => ({
    subject: customer,
    value,
    words: () => ({
      ...noWords,
      title: `${watch.nameOf(customer)} has ${money(value, asset)} left to spend`,
      detail: 'What is held and what waits to be posted is taken off.',
      customer,
      asset,
    }),
  }));
}

function burnRates(watch: Watch, { asset, customer: only }: AlertRule): Seen[] {
  if (asset === null) return [];
  return [...watch.burn(asset, only, BURN_HOURS)].map(([customer, value]) => ({
    subject: customer,
    value,
    words: () => ({
      ...noWords,
      title: `${watch.nameOf(customer)} used ${money(value, asset)} in a day`,
      detail: 'The last 24 clock hours, at the prices that were charged.',
      customer,
      asset,
    }),
  }));
}

function daysLeft(watch: Watch, { asset, customer: only }: AlertRule): Seen[] {
  if (asset === null) return [];
  const left = watch.spendable(asset, only);
  const burn = watch.burn(asset, only, LASTS_DAYS * 24);
  return [...left].flatMap(([customer, spendable]) => {
    const weekly = burn.get(customer) ?? 0n;
    if (weekly <= 0n) return [];
    const value = spendable <= 0n ? 0n : (spendable * 10n * BigInt(LASTS_DAYS)) / weekly;
    const words = () => ({
      ...noWords,
      title: `${watch.nameOf(customer)} runs out in ${value / 10n}.${value % 10n} days`,
      detail: `${money(spendable, asset)} left at the burn of the last ${LASTS_DAYS} days.`,
      customer,
      asset,
    });
    return [{ subject: customer, value, words }];
  });
}

function quotas(watch: Watch, { customer: only, meter: metered }: AlertRule): Seen[] {
  const { session, nowMs } = watch;
  const month = quotaMonth(nowMs);
  const rows = session.sql(WINDOWS).iterate(month, only, only, metered, metered) as Iterable<WindowRow>;
  const seen: Seen[] = [];
  for (const { customer, meter, price, units } of rows) {
    const model = session.catalog.price(price)?.price.model;
    if (model?.kind !== 'quota' || model.quotaUnits === null || model.quotaUnits <= 0n) continue;
    const value = (BigInt(units) * 100n) / model.quotaUnits;
    const words = () => ({
      ...noWords,
      title: `${watch.nameOf(customer)} used ${value} % of its quota of ${meter}`,
      detail: `In ${month}; usage beyond the quota is charged as overage.`,
      customer,
      meter,
    });
    seen.push({ subject: `${customer}/${meter}/${price}/${month}`, value, words });
  }
  return seen;
}

function refusals(watch: Watch, { customer: only }: AlertRule): Seen[] {
  const fromMs = Math.floor(watch.nowMs / HOUR_MS) * HOUR_MS - HOUR_MS;
  const rows = watch.session.sql(REFUSED).all(fromMs, only, only) as { customer: string; count: number }[];
  return rows.map(({ customer, count }) => ({
    subject: customer,
    value: BigInt(count),
    words: () => ({
      ...noWords,
      title: `${watch.nameOf(customer)} was refused ${count} calls in an hour (402)`,
      detail: 'Nothing was charged for them. Its balance does not cover what it asks for.',
      customer,
    }),
  }));
}

function stuckHolds(watch: Watch, { customer: only, meter }: AlertRule): Seen[] {
  const { session, nowMs } = watch;
  const first = session.book().open_hold;
  if (first === null) return [];
  const rows = session.sql(HOLDS).all(first, only, only, meter, meter);
  return (rows as { customer: string; opened: number; count: number }[]).map(({ customer, opened, count }) => ({
    subject: customer,
    value: BigInt(Math.max(0, Math.floor((nowMs - opened) / MINUTE_MS))),
    words: () => ({
      ...noWords,
      title: `${watch.nameOf(customer)} has a hold open since ${new Date(opened).toISOString().slice(0, 16)}Z`,
      detail: `${count} open in all. Work that ended without capture or release keeps its money held.`,
      customer,
    }),
  }));
}

function unrated({ session }: Watch, { meter }: AlertRule): Seen[] {
  const count = session.sql(PARKED).pluck().get(meter, meter) as number;
  const words = () => ({
    ...noWords,
    title: `${count} events wait unrated`,
    detail: 'Nobody is charged for them until they have a customer, a meter and a price.',
    meter,
  });
  return [{ subject: '-', value: BigInt(count), words }];
}

function overdueJob({ session, nowMs }: Watch, { job }: AlertRule): Seen[] {
  if (job === null) return [];
  const book = session.book();
  const waiting = book.watermark + 1;
  const since =
    job === 'posting'
      ? (session.sql(FIRST_WAITING).pluck().get(waiting) as number | undefined)
      : ((session.sql(LAST_GOOD).pluck().get(job) as number | null) ?? book.created_ms);
  const value = BigInt(Math.max(0, Math.floor((nowMs - (since ?? nowMs)) / MINUTE_MS)));
  const title =
    job === 'posting' ? `Usage waits ${value} minutes to be posted` : `No ${job} ended well for ${value} minutes`;
  return [{ subject: job, value, words: () => ({ ...noWords, title, detail: 'Run it, or see the log for why not.' }) }];
}

function failedVerify({ session }: Watch): Seen[] {
  const last = session.sql(LAST_VERIFY).get() as { ok: number; detail: string } | undefined;
  const title = 'The books did not verify';
  const words = () => ({ ...noWords, title, detail: last?.detail ?? '' });
  return [{ subject: '-', value: last?.ok === 0 ? 1n : 0n, words }];
}

const OBSERVERS: Readonly<Record<AlertKind, (watch: Watch, rule: AlertRule) => Seen[]>> = {
  'balance-below': balances,
  'burn-rate': burnRates,
  'days-left': daysLeft,
  'quota-used': quotas,
  'refused-calls': refusals,
  'stuck-hold': stuckHolds,
  'unrated-usage': unrated,
  'overdue-job': overdueJob,
  'failed-verify': failedVerify,
};

/** What crosses its threshold now, either way. The writer decides it again on what the books have by then. */
export function crossings(session: ReadSession, { nowMs }: { nowMs: number }): Crossing[] {
  const watch = new Watch(session, nowMs);
  const found: Crossing[] = [];
  for (const { body } of session.sql(RULES).all() as { body: string }[]) {
    const rule = decodeRule(JSON.parse(body) as AlertRuleRecord);
    const isWatched = rule.isOn && rule.removedMs === null;
    const open = new Set((session.sql(OPEN).all(rule.id) as AlertRow[]).map(({ subject }) => subject));
    for (const { subject, value, words } of isWatched ? OBSERVERS[rule.kind](watch, rule) : []) {
      const does = decideAlert(rule, open.delete(subject), value);
      if (does !== 'stay') found.push({ rule: rule.id, subject, value, words: words() });
    }
    for (const subject of open) found.push({ rule: rule.id, subject, value: null, words: null });
  }
  return found;
}
