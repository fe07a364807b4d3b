/** Balances: what the books hold, now or as of an instant in either of the two times. */
import { CUSTOMER_ROLES } from '#core/domain/account.ts';
import type { CustomerRole } from '#core/domain/account.ts';
import { quotaMonth } from '#core/domain/period.ts';
import { rateDelta } from '#core/domain/price.ts';
import type { CustomerRecord, KnownPrice } from '../catalog.ts';
import { lazyData, pendingOf, readUnits } from '../pending-event.ts';
import type { AccountRow } from '../rows.ts';
import { labelOf, requireCustomer } from './session.ts';
import type { ReadSession } from './session.ts';

const ACCOUNTS_OF = 'SELECT id, customer, role, asset, posted, held FROM account WHERE customer = ? ORDER BY id';
const ALL_ACCOUNTS = 'SELECT id, customer, role, asset, posted FROM account ORDER BY id';
const BALANCE_AT = 'SELECT balance FROM entry WHERE account = ? AND tx <= ? ORDER BY tx DESC, line DESC LIMIT 1';
const FOLD_AT = `SELECT exact_sum(amount) AS total FROM entry WHERE account = ? AND tx <= ? AND happened_ms < ?`;
const WAITING = `SELECT seq, source, id, subject, type, meter, quantity, occurred_ms, data, hold FROM event
  WHERE seq > ? AND book = 'main' AND hold IS NULL ORDER BY seq`;

/** An account's balance as known after a transaction, of what had happened before an instant. */
export function balanceAt(session: ReadSession, account: string, seq: number, beforeMs: number | undefined): bigint {
  if (beforeMs === undefined) {
    const row = session.sql(BALANCE_AT).get(account, seq) as { balance: string } | undefined;
    return BigInt(row?.balance ?? '0');
  }
  const row = session.sql(FOLD_AT).get(account, seq, beforeMs) as { total: string };
  return BigInt(row.total);
}

/** What accepted, unposted events come to, per customer and asset; bounded by the backlog behind the watermark. */
export function pendingAmounts(session: ReadSession, only: string | null): Map<string, bigint> {
  type Waiting = { customer: string; known: KnownPrice; month: string; meter: string; units: bigint };
  const units = new Map<string, Waiting>();
  for (const raw of session.bigSql(WAITING).iterate(session.book().watermark) as Iterable<Record<string, unknown>>) {
    const event = pendingOf({ ...raw, seq: Number(raw.seq), occurred_ms: Number(raw.occurred_ms) } as never);
    const customerId = session.catalog.resolve(event.subject);
    if (customerId === null || (only !== null && customerId !== only)) continue;
    const customer = session.catalog.customer(customerId);
    const known = session.catalog.meter(event.meter ?? '');
    const listening = event.meter === null ? session.catalog.metersOf(event.type) : known ? [known] : [];
    for (const meter of listening) {
      const read = meter.billable ? readUnits(event, meter, lazyData(event)) : '';
      const price = customer && session.catalog.priceAt(customer, meter.key, event.occurredMs);
      if (typeof read === 'string' || !price) continue;
      const month = quotaMonth(event.occurredMs);
      const { known: priced } = price;
      const key = `${customerId}|${meter.key}|${priced.record.id}|${priced.snapshot?.id ?? ''}|${month}`;
      const sum = units.get(key);
      if (sum) sum.units += read;
      else units.set(key, { customer: customerId, known: priced, month, meter: meter.key, units: read });
    }
  }
  const totals = new Map<string, bigint>();
  const reached = new Map<string, bigint>();
  for (const { customer, known, month, meter, units: delta } of units.values()) {
    const window = `${customer}|${meter}|${known.record.id}|${month}`;
    const stored = session.store.get('usage_window', customer, meter, known.record.id, month);
    const before = reached.get(window) ?? BigInt(stored?.units ?? '0');
    reached.set(window, before + delta);
    const amount = rateDelta(known.price, before, delta);
    const key = `${customer}|${known.record.asset}`;
    totals.set(key, (totals.get(key) ?? 0n) + amount);
  }
  return totals;
}

type Roles = Record<CustomerRole, bigint> & { held: bigint };
const noRoles = (): Roles => ({ wallet: 0n, unbilled: 0n, advance: 0n, receivable: 0n, held: 0n });

function rolesOf(session: ReadSession, customer: CustomerRecord): Map<string, Roles> {
  const byAsset = new Map<string, Roles>();
  session.ready('held');
  for (const row of session.sql(ACCOUNTS_OF).all(customer.id) as AccountRow[]) {
    if (!(CUSTOMER_ROLES as readonly string[]).includes(row.role)) continue;
    const roles = byAsset.get(row.asset) ?? noRoles();
    byAsset.set(row.asset, roles);
    roles[row.role as CustomerRole] = BigInt(row.posted);
    if (row.role === 'wallet') roles.held = BigInt(row.held);
  }
  return byAsset;
}

/** The balances of a customer per asset, as the contract shows them. */
export function balancesOf(
  session: ReadSession,
  customer: CustomerRecord,
  waiting: ReadonlyMap<string, bigint> = pendingAmounts(session, customer.id),
) {
  const roles = rolesOf(session, customer);
  for (const asset of Object.keys(customer.overdrafts)) if (!roles.has(asset)) roles.set(asset, noRoles());
  return [...roles].map(([asset, { wallet, unbilled, advance, receivable, held }]) => {
    const posted = wallet + unbilled + advance;
    const open = waiting.get(`${customer.id}|${asset}`) ?? 0n;
    const pendingMinor = open > 0n ? open : 0n;
    const overdraft = BigInt(customer.overdrafts[asset] ?? '0');
    return {
      asset,
      postedMinor: posted.toString(),
      heldMinor: held.toString(),
      pendingMinor: pendingMinor.toString(),
      overdraftMinor: overdraft.toString(),
      spendableMinor: (posted - held - pendingMinor + overdraft).toString(),
      walletMinor: wallet.toString(),
      unbilledMinor: (unbilled + advance).toString(),
      receivableMinor: receivable.toString(),
    };
  });
}

export function balances(session: ReadSession, input: { customer: string }) {
  const customer = requireCustomer(session, input.customer);
  return { items: balancesOf(session, customer), watermark: String(session.book().watermark) };
}

/** Every account and the sum per asset, which is zero. */
export function accounts(session: ReadSession, _input: object) {
  const sums = new Map<string, bigint>();
  session.ready('held');
  const items = (session.sql(ALL_ACCOUNTS).all() as AccountRow[]).map((row) => {
    sums.set(row.asset, (sums.get(row.asset) ?? 0n) + BigInt(row.posted));
    return { account: row.id, label: labelOf(session, row.id), asset: row.asset, balanceMinor: row.posted };
  });
  return { items, sums: [...sums].map(([asset, sum]) => ({ asset, sumMinor: sum.toString() })) };
}
