/** What usage that is not booked would come to: which events the books have already, and the price of the new ones. */
import { advance } from '#core/domain/meter.ts';
import { quotaMonth } from '#core/domain/period.ts';
import { isRateable, rateDelta } from '#core/domain/price.ts';
import type { ReadSession } from './session.ts';

type Known = Readonly<{
  source: readonly string[];
  id: readonly string[];
  subject: readonly string[];
  /** Fingerprints in hex. */
  prints: readonly string[];
}>;

/** A letter for each event, as accepting them would answer: accepted, duplicate, conflict, or refused as unknown. */
export function knownEvents(session: ReadSession, { source, id, subject, prints }: Known): string {
  const refusesUnknown = session.catalog.settings().unknownUsage === 'refuse';
  let letters = '';
  for (let at = 0; at < id.length; at += 1) {
    const kept = session.store.eventById(source[at] ?? '', id[at] ?? '');
    if (kept) letters += Buffer.from(kept.fingerprint).toString('hex') === prints[at] ? 'd' : 'c';
    else letters += refusesUnknown && session.catalog.resolve(subject[at] ?? '') === null ? 'r' : 'a';
  }
  return letters;
}

export type UsageSum = Readonly<{
  subject: string;
  meter: string;
  /** An instant of the day that the sum is of. */
  occurredMs: number;
  units: bigint;
  events: number;
}>;

/**
 * The price of sums, each after those before it in its quota window. Meters that keep a value (`max`, `latest`,
 * `unique`) are not priced: what they come to depends on each event.
 */
export function usageEffect(session: ReadSession, { sums }: { sums: readonly UsageSum[] }) {
  const reached = new Map<string, bigint>();
  const totals = new Map<string, bigint>();
  let notPriced = 0;
  for (const { subject, meter: key, occurredMs, units, events } of sums) {
    const { catalog, store } = session;
    const id = catalog.resolve(subject);
    const customer = id === null ? null : catalog.customer(id);
    const meter = catalog.meter(key);
    const isSum = meter?.aggregation === 'sum' || meter?.aggregation === 'count';
    const found = customer && meter?.billable && isSum ? catalog.priceAt(customer, key, occurredMs) : null;
    if (!customer || !meter || !found) {
      notPriced += events;
      continue;
    }
    const { price, record } = found.known;
    const month = quotaMonth(occurredMs);
    const window = `${customer.id}|${key}|${record.id}|${month}`;
    const before =
      reached.get(window) ?? BigInt(store.get('usage_window', customer.id, key, record.id, month)?.units ?? '0');
    const quantity = meter.aggregation === 'count' ? BigInt(events) : units;
    if (!isRateable(price, before + quantity)) {
      notPriced += events;
      continue;
    }
    const empty = { quantity: before, latestAtMs: null, latestId: null };
    const { window: after, delta } = advance('sum', empty, { quantity, occurredAtMs: 0, id: '', firstSeen: false });
    reached.set(window, after.quantity);
    totals.set(record.asset, (totals.get(record.asset) ?? 0n) + rateDelta(price, before, delta));
  }
  return {
    effects: [...totals].map(([asset, amountMinor]) => ({ asset, amountMinor: amountMinor.toString() })),
    notPriced,
  };
}
