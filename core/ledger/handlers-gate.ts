/** The gate inside the books: check, open, capture, release and expire, in the commit that posts what they decide. */
import { customerAccount } from '#core/domain/account.ts';
import { spendable } from '#core/domain/charge.ts';
import { GATE_SOURCE } from '#core/domain/event.ts';
import { decideCapture, decideRelease, isExpired } from '#core/domain/hold.ts';
import type { Hold } from '#core/domain/hold.ts';
import { advance } from '#core/domain/meter.ts';
import { formatMinor, formatAmount } from '#core/domain/money.ts';
import type { Asset } from '#core/domain/money.ts';
import { monthBounds, periodAt, quotaMonth } from '#core/domain/period.ts';
import { isRateable, rateDelta } from '#core/domain/price.ts';
import { invariant } from '#core/domain/refusal.ts';
import type { Refusal } from '#core/domain/refusal.ts';
import { unknownCustomer, unknownMeter } from '#core/domain/unknown.ts';
import type { CustomerRecord, KnownPrice, MeterRecord } from './catalog.ts';
import type { Engine } from './engine.ts';
import { appendEvent } from './handlers-usage.ts';
import { sha256 } from './hash.ts';
import type { Answer, CaptureEvent, Command } from './port.ts';
import type { HoldRow } from './rows.ts';

type Of<T extends Command['type']> = Extract<Command, { type: T }>;
const no = (refusal: Refusal): Answer<never> => ({ ok: false, refusal });
const yes = <T>(value: T): Answer<T> => ({ ok: true, value });

type Asked = Readonly<{
  customer: CustomerRecord;
  meter: MeterRecord;
  known: KnownPrice;
  asset: Asset;
  month: string;
  required: bigint;
  spendable: bigint;
  units: bigint;
}>;

/** What a quantity would cost now, after everything accepted and promised, and what there is to pay it. */
function ask(engine: Engine, command: Of<'gate.check'> | Of<'hold.open'>): Asked | Refusal {
  const { catalog, poster, rater, desk } = engine;
  const id = catalog.resolve(command.customer);
  const customer = id === null ? null : catalog.customer(id);
  if (!customer) return unknownCustomer(command.customer);
  const meter = catalog.meter(command.meter);
  if (!meter) return unknownMeter(command.meter);
  const found = catalog.priceAt(customer, meter.key, desk.nowMs);
  if (!found) {
    const { reason, detail } = catalog.whyNoPrice(customer, meter.key, desk.nowMs);
    const isRate = reason === 'rate-unknown';
    const fix = isRate ? 'Record what one is worth in the other now.' : 'Publish a price for meter, plan or customer.';
    return { code: 'PRICE_UNKNOWN', detail, fix, values: { meter: meter.key, customer: customer.id, reason } };
  }
  const { known } = found;
  const asset = known.record.asset;
  engine.expireGrants(customer.id, asset);
  const month = quotaMonth(desk.nowMs);
  const window = rater.window(customer.id, meter.key, known.record.id, month);
  const promised = poster.pendingUnits(customer, meter.key, known.record.id, month) + window.heldUnits;
  const before = window.state.quantity + promised;
  const delta = meter.aggregation === 'max' ? rise(window.state.quantity, command.units) : command.units;
  const cost = rateDelta(known.price, before, delta);
  const pending = poster.pendingMinor(customer, asset);
  return {
    customer,
    meter,
    known,
    asset,
    month,
    units: command.units,
    required: cost > 0n ? cost : 0n,
    spendable: spendable(rater.standing(customer, asset), pending),
  };
}

const rise = (before: bigint, quantity: bigint): bigint => (quantity > before ? quantity - before : 0n);

export function checkGate(engine: Engine, command: Of<'gate.check'>): Answer {
  const asked = ask(engine, command);
  if ('code' in asked) return no(asked);
  const allowed = asked.required === 0n || asked.spendable >= asked.required;
  return yes({
    allowed,
    asset: asked.asset,
    balance: asked.spendable.toString(),
    required: asked.required.toString(),
  });
}

function paymentRequired(asked: Asked): Refusal {
  const { asset } = asked;
  return {
    code: 'PAYMENT_REQUIRED',
    detail: `This needs ${formatAmount(asked.required, asset)}; ${formatAmount(asked.spendable, asset)} can be spent.`,
    fix: 'Add credit and try again with the same key; nothing was held or charged.',
    values: { balance: asked.spendable.toString(), required: asked.required.toString(), asset },
  };
}

/** A hold as callers see it. */
export function holdView(row: HoldRow, scale: number) {
  return {
    id: row.id,
    state: row.state,
    customer: row.customer,
    meter: row.meter,
    quantity: formatMinor(BigInt(row.units), scale),
    asset: row.asset,
    amountMinor: row.amount,
    expiresAtMs: row.expires_ms,
    openedMs: row.opened_ms,
    capturedQuantity: row.captured_units === null ? null : formatMinor(BigInt(row.captured_units), scale),
    chargedMinor: row.charged,
    overshootMinor: row.overshoot,
    late: row.late === 1,
  };
}

/** The hold as it was when it was opened: what its key is answered for ever, rebuilt from what never changes. */
function openedView(engine: Engine, id: string) {
  const row = engine.desk.store.get('hold', id);
  invariant(row, 'a hold that was opened stays in the books');
  const opened = { state: 'open', captured_units: null, charged: null, overshoot: null, late: 0, closed_tx: null };
  return holdView({ ...row, ...opened }, engine.catalog.meter(row.meter)?.scale ?? 0);
}

/** Opens a hold: the money is set aside in the same commit in which the balance was read. */
export function openHold(engine: Engine, command: Of<'hold.open'>): Answer {
  const { desk } = engine;
  const key = `hold.open:${command.key}`;
  const request = sha256(command.request);
  const stored = engine.repeated(key, request, (body) => openedView(engine, String(body['hold'])));
  if (stored) return stored;
  const asked = ask(engine, command);
  if ('code' in asked) return no(asked);
  if (asked.required > 0n && asked.spendable < asked.required) {
    engine.countRefused(asked.customer.id);
    return no(paymentRequired(asked));
  }
  const { customer, meter, known, asset } = asked;
  const row: HoldRow = {
    id: command.id,
    book: desk.book.book,
    customer: customer.id,
    meter: meter.key,
    price: known.record.id,
    asset,
    units: command.units.toString(),
    amount: asked.required.toString(),
    state: 'open',
    opened_ms: desk.nowMs,
    expires_ms: desk.nowMs + command.ttlMs,
    captured_units: null,
    charged: null,
    overshoot: null,
    late: 0,
    tx: desk.nextSequence,
    closed_tx: null,
    rate: known.snapshot?.id ?? null,
  };
  desk.write({
    kind: 'hold.opened',
    subject: customer.id,
    key,
    request,
    happenedMs: desk.nowMs,
    actor: command.actor,
    body: JSON.stringify({
      hold: row.id,
      meter: row.meter,
      price: row.price,
      asset,
      units: row.units,
      amount: row.amount,
      expires: row.expires_ms,
      ...(row.rate === null ? {} : { rate: row.rate }),
    }),
  });
  desk.store.insert('hold', row);
  desk.changeHeld(customerAccount(customer.id, 'wallet', asset), asked.required);
  engine.rater.promise(engine.rater.window(customer.id, meter.key, known.record.id, asked.month), asked.units);
  engine.watchHold(row);
  return yes(holdView(row, meter.scale));
}

export function holdOf(row: HoldRow): Hold {
  const big = (text: string | null): bigint | null => (text === null ? null : BigInt(text));
  return {
    id: row.id,
    customer: row.customer,
    meter: row.meter,
    price: row.price,
    asset: row.asset as Asset,
    units: BigInt(row.units),
    amountMinor: BigInt(row.amount),
    state: row.state as Hold['state'],
    openedMs: row.opened_ms,
    expiresMs: row.expires_ms,
    capturedUnits: big(row.captured_units),
    chargedMinor: big(row.charged),
    overshootMinor: big(row.overshoot),
    late: row.late === 1,
  };
}

function unknownHold(id: string): Refusal {
  return { code: 'HOLD_UNKNOWN', detail: `There is no hold ${id}.`, fix: 'Check the id, or open a hold first.' };
}

/** Gives back what a hold set aside: the money and the promised quantity. */
function giveBack(engine: Engine, row: HoldRow): void {
  engine.desk.changeHeld(customerAccount(row.customer, 'wallet', row.asset as Asset), -BigInt(row.amount));
  const window = engine.rater.window(row.customer, row.meter, row.price, quotaMonth(row.opened_ms));
  engine.rater.promise(window, -BigInt(row.units));
  engine.unwatchHold(row.id);
}

/** Ends an open hold without usage, in a transaction of its own. */
function endHold(engine: Engine, row: HoldRow, state: 'released' | 'expired', actor: string): HoldRow {
  const { desk } = engine;
  const ended: HoldRow = { ...row, state, closed_tx: desk.nextSequence };
  giveBack(engine, row);
  desk.write({
    kind: `hold.${state}`,
    subject: row.customer,
    happenedMs: desk.nowMs,
    actor,
    body: JSON.stringify({ hold: ended.id }),
  });
  desk.store.put('hold', ended);
  return ended;
}

/** The hold under an id, expired first when its time is over. */
function current(engine: Engine, id: string): HoldRow | undefined {
  const row = engine.desk.store.get('hold', id);
  if (!row || !isExpired(holdOf(row), engine.desk.nowMs)) return row;
  return endHold(engine, row, 'expired', 'clock');
}

export function releaseHold(engine: Engine, command: Of<'hold.release'>): Answer {
  const row = current(engine, command.id);
  if (!row) return no(unknownHold(command.id));
  const decision = decideRelease(holdOf(row));
  if (typeof decision === 'object') return no(decision);
  const scale = engine.catalog.meter(row.meter)?.scale ?? 0;
  return yes(
    holdView(decision === 'change' ? endHold(engine, row, 'released', command.actor) : asReleased(row), scale),
  );
}

/** What a release of a hold that expired was answered, whether or not its work was charged late since. */
function asReleased(row: HoldRow): HoldRow {
  if (row.late === 0) return row;
  return { ...row, state: 'expired', captured_units: null, charged: null, overshoot: null, late: 0 };
}

/** Turns a hold into its usage event: rated, posted and counted against quota in this commit. */
export function captureHold(engine: Engine, command: Of<'hold.capture'>): Answer {
  const row = current(engine, command.id);
  if (!row) return no(unknownHold(command.id));
  const hold = holdOf(row);
  const named = namedCapture(engine, row, command.event);
  if (named) return named;
  const units = command.event.units ?? hold.units;
  const decision = decideCapture(hold, units);
  if (typeof decision === 'object') return no(decision);
  const scale = engine.catalog.meter(row.meter)?.scale ?? 0;
  if (decision === 'repeat') return yes(holdView(row, scale));
  const refusal = refuseCapture(engine, row, units, command);
  if (refusal) return no(refusal);
  return yes(holdView(capture(engine, row, hold, units, command), scale));
}

/**
 * What becomes of a capture by an event with a name of its own, where that does not book: it is a repeat, its name is
 * taken, its hold was captured by another, or it is not the hold's customer and meter. Null: it may go on.
 */
function namedCapture(engine: Engine, row: HoldRow, event: CaptureEvent): Answer | null {
  const { catalog, desk } = engine;
  const isOther =
    (event.customer !== undefined && catalog.resolve(event.customer) !== row.customer) ||
    (event.meter !== undefined && event.meter !== row.meter);
  if (isOther) return no(unknownHold(row.id));
  if (event.id === '') return null;
  const kept = desk.store.eventById(event.source, event.id);
  if (kept) {
    const isSame = event.fingerprint !== null && Buffer.compare(kept.fingerprint, event.fingerprint) === 0;
    if (isSame) return yes({ ...holdView(row, catalog.meter(row.meter)?.scale ?? 0), repeated: true });
    return no({
      code: 'EVENT_CONFLICT',
      detail: 'This source and id were used with another body; the first was kept.',
      fix: 'Send a new event under a new id.',
    });
  }
  if (row.state !== 'captured') return null;
  return no({
    code: 'HOLD_CLOSED',
    detail: 'The hold was captured by another event.',
    fix: 'One hold is one event: send this one without holdId, or open a hold for it.',
    values: { state: row.state },
  });
}

/** What a capture comes to must be an amount; otherwise the hold stays as it is. */
function refuseCapture(engine: Engine, row: HoldRow, units: bigint, { event }: Of<'hold.capture'>): Refusal | null {
  const known = engine.catalog.price(row.price, row.rate);
  const month = quotaMonth(event.occurredMs ?? engine.desk.nowMs);
  const before = engine.rater.window(row.customer, row.meter, row.price, month).state.quantity;
  if (!known || isRateable(known.price, before + (units < 0n ? -units : units))) return null;
  return {
    code: 'QUANTITY_INVALID',
    detail: 'This quantity comes to more than an amount can be.',
    fix: 'Check the quantity; the hold is unchanged.',
  };
}

function capture(engine: Engine, row: HoldRow, hold: Hold, units: bigint, command: Of<'hold.capture'>): HoldRow {
  const { desk, catalog, rater } = engine;
  const customer = catalog.customer(row.customer);
  const meter = catalog.meter(row.meter);
  const known = catalog.price(row.price, row.rate);
  invariant(customer && meter && known, 'what a hold names exists for ever');
  if (hold.state === 'open') giveBack(engine, row);
  const { source, id, data, fingerprint } = command.event;
  const occurredMs = command.event.occurredMs ?? desk.nowMs;
  const event = appendEvent(
    engine,
    {
      source: source || GATE_SOURCE,
      id: id || row.id,
      subject: row.customer,
      type: meter.eventType,
      meter: meter.key,
      quantity: units,
      occurred_ms: occurredMs,
      data,
      hold: row.id,
      fingerprint,
      text: JSON.stringify([GATE_SOURCE, row.id, units.toString(), occurredMs, data]),
    },
    command.actor,
  );
  const month = quotaMonth(occurredMs);
  const window = rater.window(customer.id, meter.key, known.record.id, month);
  const step = advance(meter.aggregation === 'count' ? 'sum' : meter.aggregation, window.state, {
    quantity: units,
    occurredAtMs: occurredMs,
    id: event.id,
    firstSeen: true,
  });
  const period = periodAt({ anchorDay: customer.anchorDay, timeZone: customer.timeZone, unit: 'month' }, occurredMs);
  const bounds = monthBounds(month);
  const rated = rater.rate({
    customer,
    meter: meter.key,
    known,
    month,
    happenedMs: occurredMs,
    delta: step.delta,
    after: step.window,
    fromMs: Math.max(bounds.startMs, period.startMs),
    toMs: Math.min(bounds.endMs, period.endMs),
    firstEvent: event.seq,
    lastEvent: event.seq,
    events: 1,
    actor: command.actor,
    kind: 'hold.captured',
    hold: { id: row.id, openedMs: row.opened_ms },
    note: { late: hold.state === 'expired', units: units.toString() },
  });
  const beyond = rated.amountMinor > hold.amountMinor ? rated.amountMinor - hold.amountMinor : 0n;
  const captured: HoldRow = {
    ...row,
    state: 'captured',
    captured_units: units.toString(),
    charged: rated.amountMinor.toString(),
    overshoot: (beyond > rated.overshootMinor ? beyond : rated.overshootMinor).toString(),
    late: hold.state === 'expired' ? 1 : 0,
    closed_tx: rated.tx.seq,
  };
  desk.store.put('hold', captured);
  return captured;
}

/** Expires every hold whose time is over. */
export function expireHolds(engine: Engine): number {
  let expired = 0;
  for (const id of engine.dueHolds()) if (current(engine, id)?.state === 'expired') expired += 1;
  return expired;
}
