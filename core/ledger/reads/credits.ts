/**
 * Credit over all customers: grants by what ends soonest, what they came to, how they burnt. Whatever goes through many
 * rows does so in slices, so that other reads come in between.
 */
import { customerAccount } from '#core/domain/account.ts';
import { grantState, leftOfGrant } from '#core/domain/credit.ts';
import type { GrantParts, GrantState } from '#core/domain/credit.ts';
import { sequenceId } from '#core/domain/id.ts';
import type { Asset } from '#core/domain/money.ts';
import { CLAWED } from '#core/domain/posting.ts';
import type { EntryRow, GrantRow, TxRow } from '../rows.ts';
import { grantView } from './lists.ts';
import { cursorOf, notFound, paged, readCursor, requireCustomer } from './session.ts';
import type { ReadSession } from './session.ts';

const DAY_MS = 86_400_000;
const SOON_DAYS = 30;
/** A few hundredths of a second of work. */
const ROWS_A_SLICE = 5_000;
const WANTED = '(@source IS NULL OR source = @source) AND (@asset IS NULL OR asset = @asset)';
const OF = '(@customer IS NULL OR customer = @customer)';
const ENDING = `SELECT * FROM credit_grant WHERE expires_ms IS NOT NULL AND (expires_ms, id) > (@fromMs, @after)
  AND ${WANTED} AND ${OF} ORDER BY expires_ms, id LIMIT ${ROWS_A_SLICE}`;
const NEWEST = `SELECT * FROM credit_grant WHERE id < @after AND ${WANTED} AND ${OF}
  ORDER BY id DESC LIMIT ${ROWS_A_SLICE}`;
const GRANT = 'SELECT * FROM credit_grant WHERE id = ?';
const WALLETS = `SELECT id, posted FROM account WHERE role = 'wallet' AND asset = ? AND id > ?
  ORDER BY id LIMIT 500`;
const WALLET = 'SELECT id, posted FROM account WHERE id = ?';
const WALLET_MOVES = `SELECT tx, line, amount, memo FROM entry
  WHERE account = ? AND (tx, line) > (?, ?) ORDER BY tx, line LIMIT ${ROWS_A_SLICE}`;
const BLOCK = 'SELECT last_seq, recorded_ms FROM block WHERE no = ?';
const MOVES = `SELECT entry.tx, entry.line, entry.happened_ms, entry.amount, entry.memo,
    tx.kind, tx.recorded_ms, tx.actor, tx.body
  FROM entry JOIN tx ON tx.seq = entry.tx AND tx.book = entry.book
  WHERE entry.grant_id = ? AND (entry.tx, entry.line) < (?, ?) ORDER BY entry.tx DESC, entry.line DESC LIMIT ?`;

export type GrantFilter = Readonly<{
  source?: string | undefined;
  asset?: string | undefined;
  state?: GrantState | undefined;
  customer?: string | undefined;
  expiringDays?: number | undefined;
  nowMs: number;
}>;

const partsOf = (row: GrantRow): GrantParts => ({
  grantedMinor: BigInt(row.granted),
  consumedMinor: BigInt(row.consumed),
  expiredMinor: BigInt(row.expired),
  clawedBackMinor: BigInt(row.clawed),
});

function rowView(session: ReadSession, row: GrantRow) {
  const customerName = session.catalog.customer(row.customer)?.name ?? row.customer;
  return { ...grantView(row), customerName, state: grantState(partsOf(row)) };
}

type Bound = Readonly<Record<'source' | 'asset' | 'customer', string | null>>;

function boundOf(session: ReadSession, input: GrantFilter): Bound {
  const customer = input.customer === undefined ? null : requireCustomer(session, input.customer).id;
  return { source: input.source ?? null, asset: input.asset ?? null, customer };
}

/** Whether something is left of it and it ends by itself, later than now. */
const isEnding = (row: GrantRow, nowMs: number): boolean =>
  row.expires_ms !== null && row.expires_ms > nowMs && leftOfGrant(partsOf(row)) > 0n;

const endsBy = ({ expiringDays, nowMs }: GrantFilter): number =>
  expiringDays === undefined ? Number.MAX_SAFE_INTEGER : nowMs + expiringDays * DAY_MS;

/** What ends soonest first, by an index; then everything else, newest first. The cursor says in which of the two. */
export function* allGrants(
  session: ReadSession,
  input: GrantFilter & { limit: number; cursor?: string | undefined },
): Generator<undefined, { items: ReturnType<typeof rowView>[]; nextCursor: string | null }> {
  const bound = boundOf(session, input);
  const [part, at, id] = (readCursor(input.cursor) ?? ['ending', input.nowMs, '~']) as [string, number, string];
  const isWanted = (row: GrantRow): boolean => input.state === undefined || grantState(partsOf(row)) === input.state;
  const found: GrantRow[] = [];
  const isFull = (): boolean => found.length > input.limit;
  const untilMs = endsBy(input);
  let [fromMs, after] = [at, id];
  for (let isMore = part === 'ending' && (input.state ?? 'open') === 'open'; isMore && !isFull();) {
    const rows = session.sql(ENDING).all({ ...bound, fromMs, after }) as GrantRow[];
    const last = rows.at(-1);
    for (const row of rows) {
      if ((row.expires_ms ?? 0) <= untilMs && isEnding(row, input.nowMs) && !isFull()) found.push(row);
    }
    isMore = rows.length === ROWS_A_SLICE && (last?.expires_ms ?? 0) <= untilMs;
    [fromMs, after] = [last?.expires_ms ?? 0, last?.id ?? ''];
    if (isMore) yield undefined;
  }
  const isOfOthers = input.expiringDays === undefined;
  after = part === 'ending' ? '~' : id;
  for (let isMore = isOfOthers; isMore && !isFull();) {
    const rows = session.sql(NEWEST).all({ ...bound, after }) as GrantRow[];
    for (const row of rows) if (!isEnding(row, input.nowMs) && isWanted(row) && !isFull()) found.push(row);
    isMore = rows.length === ROWS_A_SLICE;
    after = rows.at(-1)?.id ?? '';
    if (isMore) yield undefined;
  }
  const cursor = (row: GrantRow): string =>
    isEnding(row, input.nowMs) ? cursorOf('ending', row.expires_ms ?? 0, row.id) : cursorOf('others', 0, row.id);
  return paged(found, input.limit, (row) => rowView(session, row), cursor);
}

type Total = { -readonly [Part in keyof GrantParts]: bigint } & {
  grants: number;
  open: number;
  expiringMinor: bigint;
  expiringGrants: number;
};

const nothing = (): Total => ({
  grants: 0,
  open: 0,
  grantedMinor: 0n,
  consumedMinor: 0n,
  expiredMinor: 0n,
  clawedBackMinor: 0n,
  expiringMinor: 0n,
  expiringGrants: 0,
});

function addTo(total: Total, row: GrantRow, nowMs: number): void {
  const parts = partsOf(row);
  const left = leftOfGrant(parts);
  total.grants += 1;
  if (left > 0n) total.open += 1;
  total.grantedMinor += parts.grantedMinor;
  total.consumedMinor += parts.consumedMinor;
  total.expiredMinor += parts.expiredMinor;
  total.clawedBackMinor += parts.clawedBackMinor;
  if (!isEnding(row, nowMs) || (row.expires_ms ?? 0) > nowMs + SOON_DAYS * DAY_MS) return;
  total.expiringMinor += left;
  total.expiringGrants += 1;
}

/** What the grants that a filter finds came to, by asset. */
export function* creditTotals(session: ReadSession, input: GrantFilter) {
  const bound = boundOf(session, input);
  const untilMs = endsBy(input);
  const totals = new Map<string, Total>();
  for (let [after, isMore] = ['~', true]; isMore;) {
    const rows = session.sql(NEWEST).all({ ...bound, after }) as GrantRow[];
    for (const row of rows) {
      if (input.state !== undefined && grantState(partsOf(row)) !== input.state) continue;
      if (input.expiringDays !== undefined && !(isEnding(row, input.nowMs) && (row.expires_ms ?? 0) <= untilMs))
        continue;
      const total = totals.get(row.asset) ?? nothing();
      totals.set(row.asset, total);
      addTo(total, row, input.nowMs);
    }
    isMore = rows.length === ROWS_A_SLICE;
    after = rows.at(-1)?.id ?? '';
    if (isMore) yield undefined;
  }
  const items = [...totals].map(([asset, { grants, open, expiringGrants, expiringMinor, ...parts }]) => ({
    asset,
    grants,
    open,
    ...partsText(parts),
    remainingMinor: leftOfGrant(parts).toString(),
    expiringMinor: expiringMinor.toString(),
    expiringGrants,
  }));
  return { items: items.sort((a, b) => (a.asset < b.asset ? -1 : 1)) };
}

const partsText = (parts: GrantParts) => ({
  grantedMinor: parts.grantedMinor.toString(),
  consumedMinor: parts.consumedMinor.toString(),
  expiredMinor: parts.expiredMinor.toString(),
  clawedBackMinor: parts.clawedBackMinor.toString(),
});

/** The last transaction that was recorded before an instant: recorded time never runs back along the chain. */
function lastBefore(session: ReadSession, atMs: number): number {
  let [low, high, last] = [1, session.book().block, 0];
  while (low <= high) {
    const middle = Math.floor((low + high) / 2);
    const block = session.sql(BLOCK).get(middle) as { last_seq: number; recorded_ms: number } | undefined;
    if (block && block.recorded_ms < atMs) {
      last = block.last_seq;
      low = middle + 1;
    } else high = middle - 1;
  }
  return last;
}

type Moved = { -readonly [Part in keyof GrantParts]: bigint } & { sum: bigint };
type Wallet = Readonly<{ id: string; posted: string }>;
type Move = Pick<EntryRow, 'tx' | 'line' | 'amount' | 'memo'>;

function note(moved: Moved, { amount: text, memo }: Move): void {
  const amount = BigInt(text);
  moved.sum += amount;
  if (memo === 'granted') moved.grantedMinor += amount;
  else if (memo === 'expired') moved.expiredMinor -= amount;
  else if (memo === CLAWED) moved.clawedBackMinor -= amount;
  else moved.consumedMinor -= amount;
}

/** Wallets with their balance: of one customer, or of all in the order of their ids. */
function* walletsOf(session: ReadSession, asset: string, customer: string | null): Generator<Wallet[]> {
  if (customer !== null) {
    const { id } = customerAccount(customer, 'wallet', asset as Asset);
    yield session.sql(WALLET).all(id) as Wallet[];
    return;
  }
  for (let after = ''; ;) {
    const wallets = session.sql(WALLETS).all(asset, after) as Wallet[];
    yield wallets;
    if (wallets.length < 500) return;
    after = wallets.at(-1)?.id ?? '';
  }
}

/**
 * Credit left day by day, as the books had it then: from what wallets hold back along their entries. Work grows with
 * wallets and with what moved them since, however many grants there are.
 */
export function* burnDown(
  session: ReadSession,
  input: { asset: string; customer?: string | undefined; days: number; nowMs: number },
) {
  const customer = input.customer === undefined ? null : requireCustomer(session, input.customer).id;
  const todayMs = Math.floor(input.nowMs / DAY_MS) * DAY_MS;
  const days = Array.from({ length: input.days }, (_, at): MovedDay => {
    const dayMs = todayMs - (input.days - 1 - at) * DAY_MS;
    return { dayMs, after: lastBefore(session, dayMs), moved: { ...nothing(), sum: 0n } };
  });
  let balance = 0n;
  for (const wallets of walletsOf(session, input.asset, customer)) {
    for (const { id, posted } of wallets) {
      balance += BigInt(posted);
      yield* addMoves(session, id, days);
    }
    yield undefined;
  }
  return seriesOf(input.asset, days, balance);
}

/** A day with the last transaction before it, and what moved in it. */
type MovedDay = Readonly<{ dayMs: number; after: number; moved: Moved }>;

/** Adds each entry of a wallet to the day it was recorded in; entries and days are both in the order of the journal. */
function* addMoves(session: ReadSession, wallet: string, days: readonly MovedDay[]): Generator<undefined> {
  let at = 0;
  for (let [tx, line, isMore] = [days[0]?.after ?? 0, Number.MAX_SAFE_INTEGER, true]; isMore;) {
    const moves = session.sql(WALLET_MOVES).all(wallet, tx, line) as Move[];
    for (const move of moves) {
      while ((days[at + 1]?.after ?? Infinity) < move.tx) at += 1;
      const day = days[at];
      if (day) note(day.moved, move);
    }
    const last = moves.at(-1);
    isMore = moves.length === ROWS_A_SLICE;
    [tx, line] = [last?.tx ?? 0, last?.line ?? 0];
    if (isMore) yield undefined;
  }
}

/** Backwards: the end of a day is the end of the next without what moved in it. */
function seriesOf(asset: string, days: readonly MovedDay[], balance: bigint) {
  let left = balance;
  const shown = [];
  for (const { dayMs, moved } of days.toReversed()) {
    shown.unshift({ dayMs, ...partsText(moved), remainingMinor: left.toString() });
    left -= moved.sum;
  }
  return { asset, openingMinor: left.toString(), days: shown };
}

function requireGrant(session: ReadSession, id: string): GrantRow {
  return (session.sql(GRANT).get(id) as GrantRow | undefined) ?? notFound('grant', id);
}

export function grant(session: ReadSession, input: { grant: string }) {
  return rowView(session, requireGrant(session, input.grant));
}

type GrantMove = Move & Pick<EntryRow, 'happened_ms'> & Pick<TxRow, 'kind' | 'recorded_ms' | 'actor' | 'body'>;

/** What an entry paid for: usage by its slice and the line that bills it, what an invoice asks for by the invoice. */
function paidFor(session: ReadSession, move: GrantMove) {
  const slice = session.store.get('slice', move.tx);
  const line = slice && session.store.get('line', slice.line);
  const isOfInvoice = move.kind === 'invoice.finalized' || move.kind === 'fee.charged';
  const body = isOfInvoice ? (JSON.parse(move.body) as { invoice: string }) : null;
  const id = body?.invoice ?? line?.invoice ?? null;
  const number = id === null ? null : (session.store.get('invoice', id)?.number ?? null);
  return { meter: slice?.meter ?? null, invoice: id === null ? null : { id, number } };
}

/** Every entry of a grant, newest first. */
export function grantMoves(session: ReadSession, input: { grant: string; limit: number; cursor?: string | undefined }) {
  const { id } = requireGrant(session, input.grant);
  const [tx, line] = (readCursor(input.cursor) ?? [Number.MAX_SAFE_INTEGER, 0]) as [number, number];
  const rows = session.sql(MOVES).all(id, tx, line, input.limit + 1) as GrantMove[];
  return paged(
    rows,
    input.limit,
    (move) => ({
      transaction: sequenceId('txn', move.tx),
      kind: move.kind,
      memo: move.memo,
      amountMinor: move.amount,
      happenedMs: move.happened_ms,
      recordedMs: move.recorded_ms,
      by: move.actor,
      ...paidFor(session, move),
    }),
    (move) => cursorOf(move.tx, move.line),
  );
}
