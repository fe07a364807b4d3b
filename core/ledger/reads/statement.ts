/** What a customer's money did: opening and closing balances, moves day by day, and each grant, as of an instant. */
import { CUSTOMER_ROLES, customerAccount } from '#core/domain/account.ts';
import type { CustomerRole } from '#core/domain/account.ts';
import { sequenceId } from '#core/domain/id.ts';
import type { Asset } from '#core/domain/money.ts';
import type { GrantRow } from '../rows.ts';
import type { Instant } from '#core/domain/instant.ts';
import { balanceAt } from './balances.ts';
import { requireCustomer } from './session.ts';
import type { ReadSession } from './session.ts';

const DAY_MS = 86_400_000;

const MOVES = `SELECT entry.happened_ms / ${DAY_MS} AS day, tx.kind AS kind, entry.memo AS memo,
    exact_sum(entry.amount) AS amount, count(DISTINCT entry.tx) AS transactions
  FROM entry JOIN tx ON tx.seq = entry.tx AND tx.book = entry.book
  WHERE entry.account = ? AND entry.tx <= ? AND entry.happened_ms >= ? AND entry.happened_ms < ?
  GROUP BY day, tx.kind, entry.memo ORDER BY day, min(entry.tx)`;
const GRANTS = 'SELECT * FROM credit_grant WHERE customer = ? AND asset = ? AND tx <= ? ORDER BY id';
/** By grant, because usage of a day may be paid by what was granted later. */
const BY_GRANT = `SELECT grant_id AS id, exact_sum(amount) AS amount FROM entry
  WHERE account = ? AND tx <= ? AND happened_ms < ? AND grant_id IS NOT NULL GROUP BY grant_id`;
const GRANT_MOVES = `SELECT memo, amount, tx FROM entry
  WHERE grant_id = ? AND tx <= ? AND happened_ms < ? ORDER BY tx, line`;

type Move = Readonly<{ day: number; kind: string; memo: string; amount: string; transactions: number }>;
type Input = Readonly<{ customer: string; asset: string; fromMs: number }> & Instant;

/** A grant as far as the entries up to an instant tell. */
function grantAt(session: ReadSession, row: GrantRow, seq: number, beforeMs: number) {
  const sums = { granted: 0n, consumed: 0n, expired: 0n, clawed: 0n };
  for (const move of session.sql(GRANT_MOVES).iterate(row.id, seq, beforeMs) as Iterable<{
    memo: string;
    amount: string;
    tx: number;
  }>) {
    const amount = BigInt(move.amount);
    if (move.memo === 'granted') sums.granted += amount;
    else if (move.memo === 'expired') sums.expired -= amount;
    else if (move.memo === 'clawed back') sums.clawed -= amount;
    else sums.consumed -= amount;
  }
  return {
    id: row.id,
    source: row.source,
    note: row.note,
    priority: row.priority,
    expiresAtMs: row.expires_ms,
    createdMs: row.created_ms,
    transaction: sequenceId('txn', row.tx),
    grantedMinor: sums.granted.toString(),
    consumedMinor: sums.consumed.toString(),
    expiredMinor: sums.expired.toString(),
    clawedBackMinor: sums.clawed.toString(),
    remainingMinor: (sums.granted - sums.consumed - sums.expired - sums.clawed).toString(),
  };
}

/** The statement of one customer and asset from an instant up to another, as known at a third. */
export function statement(session: ReadSession, input: Input) {
  const customer = requireCustomer(session, input.customer);
  const asset = input.asset as Asset;
  const { seq } = session.book();
  const untilMs = input.asOfMs ?? Number.MAX_SAFE_INTEGER;
  const accounts = CUSTOMER_ROLES.map((role: CustomerRole) => {
    const { id } = customerAccount(customer.id, role, asset);
    const moves = session.sql(MOVES).all(id, seq, input.fromMs, untilMs) as Move[];
    return {
      role,
      account: id,
      openingMinor: balanceAt(session, id, seq, input.fromMs).toString(),
      closingMinor: balanceAt(session, id, seq, input.asOfMs).toString(),
      moves: moves.map(({ day, kind, memo, amount, transactions }) => ({
        dayMs: day * DAY_MS,
        kind,
        memo,
        amountMinor: amount,
        transactions,
      })),
    };
  });
  const grants = (session.sql(GRANTS).all(customer.id, asset, seq) as GrantRow[])
    .map((row) => grantAt(session, row, seq, untilMs))
    .filter(({ grantedMinor }) => grantedMinor !== '0');
  const wallet = accounts.find(({ role }) => role === 'wallet');
  const listed = new Set(grants.map(({ id }) => id));
  const byGrant = session.sql(BY_GRANT).all(wallet?.account, seq, untilMs) as { id: string; amount: string }[];
  // Burnt by then from what was granted only after it: known today, and in no grant that stood then.
  const ahead = byGrant.filter(({ id }) => !listed.has(id)).reduce((sum, { amount }) => sum + BigInt(amount), 0n);
  const left = grants.reduce((sum, { remainingMinor }) => sum + BigInt(remainingMinor), ahead);
  return {
    customer: customer.id,
    asset,
    fromMs: input.fromMs,
    asOfMs: input.asOfMs ?? null,
    knownAtMs: input.knownAtMs ?? null,
    accounts,
    grants,
    // What moved explains the difference, and what grants have left is what the wallet holds.
    agrees:
      left === BigInt(wallet?.closingMinor ?? '0') &&
      accounts.every(
        ({ openingMinor, closingMinor, moves }) =>
          moves.reduce((sum, { amountMinor }) => sum + BigInt(amountMinor), BigInt(openingMinor)) ===
          BigInt(closingMinor),
      ),
  };
}
