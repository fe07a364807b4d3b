/**
 * What came between two instants of one balance or one invoice: old, new, difference, and each thing that arrived.
 * Whatever the instants are, the amounts of what arrived sum to the difference, part by part.
 */
import { CUSTOMER_ROLES, customerAccount } from '#core/domain/account.ts';
import { CORRECTION_SOURCE } from '#core/domain/event.ts';
import { sequenceId } from '#core/domain/id.ts';
import type { Instant } from '#core/domain/instant.ts';
import type { FrozenLine, InvoiceDocument } from '#core/domain/invoice.ts';
import type { Asset } from '#core/domain/money.ts';
import { NEVER_MS } from '../past/views.ts';
import type { HoldRow, SliceRow } from '../rows.ts';
import { balancesOf } from './balances.ts';
import { eventsOfSlices } from './explain-events.ts';
import { findInvoice } from './lists.ts';
import { cursorOf, notFound, paged, readCursor, requireCustomer } from './session.ts';
import type { ReadSession } from './session.ts';

const ENTRIES = `SELECT e.tx AS tx, e.account AS account, e.amount AS amount, e.memo AS memo, e.grant_id AS grant_id,
    e.happened_ms AS happened_ms, t.kind AS kind, t.recorded_ms AS recorded_ms, t.body AS body,
    e.tx <= @newSeq AND e.happened_ms < @newMs AS isNew
  FROM entry AS e JOIN tx AS t ON t.seq = e.tx AND t.book = e.book
  WHERE e.account IN (@wallet, @unbilled, @advance, @receivable) AND e.tx > @afterSeq AND e.tx <= @lastSeq
    AND (e.tx <= @newSeq AND e.happened_ms < @newMs) <> (e.tx <= @oldSeq AND e.happened_ms < @oldMs)
  ORDER BY e.tx, e.line`;
const OPEN_HOLDS = `SELECT id, amount, meter, tx, opened_ms FROM hold
  WHERE customer = ? AND asset = ? AND state = 'open' ORDER BY id`;
const SLICE = `SELECT * FROM slice WHERE tx = ?`;
const SLICES = 'SELECT * FROM slice WHERE line = ? ORDER BY tx';
const DRAWN = 'SELECT tx FROM draft_then WHERE id = ?';
/** Events that an item names; `explain` of its transaction lists them all. */
const MOST_NAMED = 20;

const KINDS: Readonly<Record<string, string>> = {
  'usage.rated': 'usage',
  'usage.assigned': 'usage',
  'hold.captured': 'usage',
  'credit.granted': 'grant',
  'credit.clawed-back': 'grant',
  'credit.expired': 'grant',
  'invoice.finalized': 'invoice',
};

type Part = 'posted' | 'held' | 'receivable' | 'total';
export type DiffItem = {
  part: Part;
  kind: string;
  /** What it is: a grant, hold, discount rule, invoice or line; null for usage. */
  id: string | null;
  meter: string | null;
  memo: string;
  transaction: string | null;
  events: number;
  eventIds: { source: string; id: string }[];
  happenedMs: number | null;
  recordedMs: number | null;
  amountMinor: string;
};
type Input = Readonly<{
  customer?: string | undefined;
  asset?: string | undefined;
  invoice?: string | undefined;
  old: Instant;
  new: Instant;
  limit: number;
  cursor?: string | undefined;
}>;
type Pair<T> = Readonly<{ old: T; new: T }>;

/** Asked of the past even where it is now, so that both sides are asked alike. */
const firm = (instant: Instant): Instant =>
  instant.asOfMs === undefined && instant.knownAtMs === undefined ? { knownAtMs: NEVER_MS } : instant;

function bothOf<T>(session: ReadSession, input: Input, side: (at: ReadSession) => T): Pair<T> {
  return { old: session.within(firm(input.old), side), new: session.within(firm(input.new), side) };
}

export function diff(session: ReadSession, input: Input) {
  const found = input.invoice === undefined ? balanceDiff(session, input) : invoiceDiff(session, input, input.invoice);
  const [skip] = (readCursor(input.cursor) ?? [0]) as [number];
  const rows: DiffItem[] = [];
  let at = 0;
  for (const item of found.items) {
    at += 1;
    if (at > skip) rows.push(item);
    if (rows.length > input.limit) break;
  }
  return {
    customer: found.customer,
    asset: found.asset,
    invoice: found.invoice,
    parts: found.parts.map(({ part, sides }) => ({
      part,
      oldMinor: sides.old.toString(),
      newMinor: sides.new.toString(),
      differenceMinor: (sides.new - sides.old).toString(),
    })),
    ...paged(
      rows,
      input.limit,
      (row) => row,
      () => cursorOf(skip + input.limit),
    ),
  };
}

function balanceDiff(session: ReadSession, input: Input) {
  const { id } = requireCustomer(session, input.customer ?? '');
  const asset = input.asset as Asset;
  const sides = bothOf(session, input, (at) => {
    const customer = at.catalog.customer(id);
    const balance = customer && balancesOf(at, customer, new Map()).find((one) => one.asset === asset);
    return {
      seq: at.book().seq,
      posted: BigInt(balance?.postedMinor ?? '0'),
      held: BigInt(balance?.heldMinor ?? '0'),
      receivable: BigInt(balance?.receivableMinor ?? '0'),
      holds: at.sql(OPEN_HOLDS).all(id, asset) as HoldRow[],
    };
  });
  const parts = (['posted', 'held', 'receivable'] as const).map((part) => ({
    part,
    sides: { old: sides.old[part], new: sides.new[part] },
  }));
  const seqs = { old: sides.old.seq, new: sides.new.seq };
  const holds = { old: sides.old.holds, new: sides.new.holds };
  const items = itemsOf(entryItems(session, { customer: id, asset, seqs }, input), holdItems(holds));
  return { customer: id, asset, invoice: null, parts, items };
}

function* itemsOf(...all: Iterable<DiffItem>[]): Generator<DiffItem> {
  for (const items of all) yield* items;
}

type EntryRow = Readonly<{
  tx: number;
  account: string;
  amount: string;
  memo: string;
  grant_id: string | null;
  happened_ms: number;
  kind: string;
  recorded_ms: number;
  body: string;
  isNew: number;
}>;

/** Entries that one instant shows and the other does not, by transaction and part of the balance. */
function* entryItems(
  session: ReadSession,
  of: Readonly<{ customer: string; asset: Asset; seqs: Pair<number> }>,
  input: Input,
): Generator<DiffItem> {
  const { seqs } = of;
  const accounts = Object.fromEntries(
    CUSTOMER_ROLES.map((role) => [role, customerAccount(of.customer, role, of.asset).id]),
  );
  // Where both are true of the same time, all that can differ was recorded between the two.
  const isSameTime = input.old.asOfMs === input.new.asOfMs;
  const rows = session.sql(ENTRIES).iterate({
    ...accounts,
    oldSeq: seqs.old,
    newSeq: seqs.new,
    oldMs: input.old.asOfMs ?? NEVER_MS,
    newMs: input.new.asOfMs ?? NEVER_MS,
    afterSeq: isSameTime ? Math.min(seqs.old, seqs.new) : 0,
    lastSeq: Math.max(seqs.old, seqs.new),
  }) as Iterable<EntryRow>;
  let group: EntryRow[] = [];
  for (const row of rows) {
    if (group[0] && group[0].tx !== row.tx) {
      yield* ofTransaction(session, group, accounts['receivable'] ?? '');
      group = [];
    }
    group.push(row);
  }
  if (group.length > 0) yield* ofTransaction(session, group, accounts['receivable'] ?? '');
}

function* ofTransaction(session: ReadSession, rows: readonly EntryRow[], receivable: string): Generator<DiffItem> {
  const [first] = rows;
  if (!first) return;
  const about = aboutTransaction(session, first);
  for (const part of ['posted', 'receivable'] as const) {
    const own = rows.filter(({ account }) => (account === receivable) === (part === 'receivable'));
    const sum = own.reduce((total, { amount, isNew }) => total + (isNew ? BigInt(amount) : -BigInt(amount)), 0n);
    if (sum !== 0n) yield { ...about, part, amountMinor: sum.toString() };
  }
}

function aboutTransaction(session: ReadSession, row: EntryRow): Omit<DiffItem, 'part' | 'amountMinor'> {
  const body = JSON.parse(row.body) as Readonly<Record<string, string | undefined>>;
  const slice = session.sql(SLICE).get(row.tx) as SliceRow | undefined;
  const feeKind = body['kind'] === 'discount' || body['kind'] === 'commitment' ? 'discount' : 'fee';
  return {
    kind: row.kind === 'fee.charged' ? feeKind : (KINDS[row.kind] ?? 'other'),
    id: body['rule'] ?? body['hold'] ?? body['invoice'] ?? row.grant_id,
    meter: null,
    memo: body['label'] ?? row.memo,
    events: 0,
    eventIds: [],
    happenedMs: row.happened_ms,
    recordedMs: row.recorded_ms,
    transaction: sequenceId('txn', row.tx),
    ...(slice ? usageOf(session, slice) : {}),
  };
}

/** The events of a slice, the first of them by name. */
function usageOf(session: ReadSession, slice: SliceRow) {
  const named = eventsOfSlices(session, [slice], { after: 0, limit: MOST_NAMED });
  const isCorrection = named.length > 0 && named.every(({ source }) => source === CORRECTION_SOURCE);
  return {
    kind: isCorrection ? 'correction' : 'usage',
    meter: slice.meter,
    events: slice.events,
    eventIds: named.map(({ source, id }) => ({ source, id })),
  };
}

/** Holds that are open at one instant only. */
function* holdItems({ old, new: now }: Pair<readonly HoldRow[]>): Generator<DiffItem> {
  const [before, after] = [old, now].map((holds) => new Set(holds.map(({ id }) => id)));
  const ended = old.filter(({ id }) => !after?.has(id)).map((row) => ({ row, amount: -BigInt(row.amount) }));
  const opened = now.filter(({ id }) => !before?.has(id)).map((row) => ({ row, amount: BigInt(row.amount) }));
  for (const { row, amount } of [...ended, ...opened]) {
    yield {
      part: 'held',
      kind: 'hold',
      id: row.id,
      meter: row.meter,
      memo: amount < 0n ? 'ended' : 'opened',
      transaction: sequenceId('txn', row.tx),
      events: 0,
      eventIds: [],
      happenedMs: row.opened_ms,
      recordedMs: null,
      amountMinor: amount.toString(),
    };
  }
}

type Drawn = Readonly<{ document: InvoiceDocument; seq: number; customer: string; asset: string }> | null;
const isUsage = ({ kind }: FrozenLine): boolean => kind === 'usage' || kind === 'late-usage';

function invoiceDiff(session: ReadSession, input: Input, ref: string) {
  const sides = bothOf(session, input, (at): Drawn => {
    const row = findInvoice(at, ref);
    if (!row?.bytes) return null;
    const drawn = at.sql(DRAWN).get(row.id) as { tx: number } | undefined;
    const document = JSON.parse(row.bytes) as InvoiceDocument;
    return { document, seq: row.final_tx ?? drawn?.tx ?? 0, customer: row.customer, asset: row.asset };
  });
  const known = sides.new ?? sides.old ?? notFound('invoice at either instant', ref);
  const total = (side: Drawn): bigint => BigInt(side?.document.totalMinor ?? '0');
  const items = itemsOf(lineItems(session, sides), feeItems(sides));
  return {
    customer: known.customer,
    asset: known.asset,
    invoice: known.document.id,
    parts: [{ part: 'total' as const, sides: { old: total(sides.old), new: total(sides.new) } }],
    items,
  };
}

/** Slices that are on a line of one document and not of the other: a document has those from before it was drawn. */
function* lineItems(session: ReadSession, sides: Pair<Drawn>): Generator<DiffItem> {
  const linesOf = (side: Drawn): Set<string> => new Set(side?.document.lines.filter(isUsage).map(({ id }) => id));
  const lines = { old: linesOf(sides.old), new: linesOf(sides.new) };
  for (const line of new Set([...lines.old, ...lines.new])) {
    for (const slice of session.sql(SLICES).all(line) as SliceRow[]) {
      const was = lines.old.has(line) && slice.tx < (sides.old?.seq ?? 0);
      const is = lines.new.has(line) && slice.tx < (sides.new?.seq ?? 0);
      const amount = BigInt(slice.amount) - BigInt(slice.waived);
      if (was === is || amount === 0n) continue;
      yield {
        ...usageOf(session, slice),
        part: 'total',
        id: line,
        memo: '',
        transaction: sequenceId('txn', slice.tx),
        happenedMs: slice.happened_ms,
        recordedMs: session.store.get('tx', slice.tx)?.recorded_ms ?? null,
        amountMinor: (is ? amount : -amount).toString(),
      };
    }
  }
}

/** Fees and discounts by what they are for: a draft that is drawn again numbers them anew. */
function* feeItems(sides: Pair<Drawn>): Generator<DiffItem> {
  const sums = new Map<string, { line: FrozenLine; amount: bigint }>();
  const add = (side: Drawn, sign: bigint): void => {
    for (const line of side?.document.lines.filter((one) => !isUsage(one)) ?? []) {
      const key = JSON.stringify([line.kind, line.rule, line.meter, line.month, line.description]);
      const amount = (sums.get(key)?.amount ?? 0n) + sign * BigInt(line.amountMinor);
      sums.set(key, { line, amount });
    }
  };
  add(sides.old, -1n);
  add(sides.new, 1n);
  for (const { line, amount } of sums.values()) {
    if (amount === 0n) continue;
    yield {
      part: 'total',
      kind: line.kind === 'discount' || line.kind === 'commitment' ? 'discount' : 'fee',
      id: line.rule ?? line.id,
      meter: line.meter,
      memo: line.description,
      transaction: null,
      events: 0,
      eventIds: [],
      happenedMs: null,
      recordedMs: null,
      amountMinor: amount.toString(),
    };
  }
}
