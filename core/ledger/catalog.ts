/** What the engine knows of customers, meters, prices and settings: read from records, kept until one changes. */
import type { OvershootPolicy } from '#core/domain/charge.ts';
import { decodeDiscount, isInForce, stackingOrder } from '#core/domain/discount.ts';
import type { DiscountRule } from '#core/domain/discount.ts';
import { decodeSnapshot, snapshotAt } from '#core/domain/exchange.ts';
import type { Snapshot } from '#core/domain/exchange.ts';
import type { Meter } from '#core/domain/meter.ts';
import { symbolOf } from '#core/domain/money.ts';
import type { Asset, Rounding } from '#core/domain/money.ts';
import type { Interval } from '#core/domain/period.ts';
import { decodeModel } from '#core/domain/price.ts';
import type { Price } from '#core/domain/price.ts';
import { priceScope } from '#core/domain/price-scope.ts';
import type { Store } from './store.ts';

/** A customer's terms from an instant on; the last one that began counts. */
export type Terms = Readonly<{ fromMs: number; plan: string | null }>;
export type CustomerRecord = Readonly<{
  id: string;
  externalId: string | null;
  name: string;
  terms: readonly Terms[];
  anchorDay: number;
  timeZone: string;
  overdrafts: Readonly<Record<string, string>>;
  subjects: readonly string[];
  addresses: readonly Readonly<{ chain: string; address: string; label: string | null }>[];
  createdMs: number;
}>;
export type MeterRecord = Meter & Readonly<{ name: string; overshoot: OvershootPolicy; createdMs: number }>;
export type PriceRecord = Readonly<{
  id: string;
  version: number;
  meter: string;
  plan: string | null;
  customer: string | null;
  asset: Asset;
  /** The asset it is charged in, by the rate of the moment; absent or null: the one it is stated in. */
  chargedIn?: Asset | null;
  model: string;
  rounding: Rounding;
  minimumMinor: string;
  effectiveFromMs: number;
  createdMs: number;
  createdBy: string;
}>;
export type PlanRecord = Readonly<{
  key: string;
  name: string;
  asset: Asset;
  baseFeeMinor: string;
  rateLimitPerMinute: number | null;
  dailyLimit: number | null;
}>;
export type SettingsRecord = Readonly<{
  name: string;
  sample: boolean;
  unknownUsage: 'refuse' | 'park';
  outage: Readonly<{ policy: 'deny' | 'allow'; upTo: number }>;
  issuer: string;
  dueDays: number;
  idleLockMs: number;
  maxFutureMs: number;
  /** How old a rate between assets may be and still count. */
  maxRateAgeMs: number;
  /** Whether webhooks may lead to this machine itself; for trials only. */
  noticesToLoopback: boolean;
  /** The published key of a sample workspace; never in a real one. */
  sampleKey?: string;
}>;

/** What the catalog reads: documents and the names that lead to them. */
export type Documents = Pick<Store, 'get' | 'records'>;
/** A price ready to rate with. Where it is charged in another asset, `record.asset` is that one, by `snapshot`. */
export type KnownPrice = Readonly<{ record: PriceRecord; price: Price; snapshot: Snapshot | null }>;
export type PriceInForce = Readonly<{ known: KnownPrice; fromMs: number; toMs: number }>;

/** What a new workspace begins with. */
export const DEFAULT_SETTINGS: SettingsRecord = {
  name: 'Workspace',
  sample: false,
  unknownUsage: 'park',
  outage: { policy: 'deny', upTo: 0 },
  issuer: 'Unnamed issuer',
  dueDays: 30,
  idleLockMs: 15 * 60_000,
  maxFutureMs: 24 * 3_600_000,
  maxRateAgeMs: 24 * 3_600_000,
  noticesToLoopback: false,
};
const CUSTOMER_CACHE = 100_000;

/** The plan of a customer at an instant. */
export function planAt(customer: CustomerRecord, atMs: number): string | null {
  let plan: string | null = customer.terms[0]?.plan ?? null;
  for (const terms of customer.terms) if (terms.fromMs <= atMs) plan = terms.plan;
  return plan;
}

/** The plans of a customer over an interval, each as long as it held. */
export function plansDuring(
  customer: CustomerRecord,
  { startMs, endMs }: Interval,
): readonly Readonly<{ plan: string | null; fromMs: number; toMs: number }>[] {
  const turns = customer.terms.map(({ fromMs }) => fromMs).filter((at) => startMs < at && at < endMs);
  const parts: { plan: string | null; fromMs: number; toMs: number }[] = [];
  for (const fromMs of [startMs, ...turns.toSorted((a, b) => a - b)]) {
    const plan = planAt(customer, fromMs);
    const last = parts.at(-1);
    if (last?.plan === plan) continue;
    if (last) last.toMs = fromMs;
    parts.push({ plan, fromMs, toMs: endMs });
  }
  return parts;
}

export class Catalog {
  readonly #store: Documents;
  readonly #customers = new Map<string, CustomerRecord | null>();
  readonly #refs = new Map<string, string | null>();
  #meters: Map<string, MeterRecord> | undefined;
  #byType = new Map<string, MeterRecord[]>();
  #prices: Map<string, KnownPrice[]> | undefined;
  #priceById = new Map<string, KnownPrice>();
  #settings: SettingsRecord | undefined;
  #rates: Map<string, Snapshot[]> | undefined;
  #rateById = new Map<string, Snapshot>();
  readonly #charged = new Map<string, KnownPrice>();
  #discounts: readonly DiscountRule[] | undefined;

  constructor(store: Documents) {
    this.#store = store;
  }

  /** Forgets what a change may have touched. */
  forget(kind?: string): void {
    if (kind === undefined || kind === 'customer') {
      this.#customers.clear();
      this.#refs.clear();
    }
    if (kind === undefined || kind === 'meter') this.#meters = undefined;
    if (kind === undefined || kind === 'price') this.#prices = undefined;
    if (kind === undefined || kind === 'rate' || kind === 'price') this.#forgetRates();
    if (kind === undefined || kind === 'discount') this.#discounts = undefined;
    if (kind === undefined || kind === 'settings') this.#settings = undefined;
  }

  customer(id: string): CustomerRecord | null {
    const known = this.#customers.get(id);
    if (known !== undefined) return known;
    if (this.#customers.size > CUSTOMER_CACHE) this.forget('customer');
    const row = this.#store.get('record', 'customer', id);
    const customer = row ? (JSON.parse(row.body) as CustomerRecord) : null;
    this.#customers.set(id, customer);
    return customer;
  }

  /** The customer that an id, external id or subject leads to. */
  resolve(ref: string): string | null {
    const known = this.#refs.get(ref);
    if (known !== undefined) return known;
    if (this.#refs.size > CUSTOMER_CACHE) this.#refs.clear();
    const found = this.customer(ref) ? ref : (this.#store.get('name', 'customer', ref)?.target ?? null);
    this.#refs.set(ref, found);
    return found;
  }

  #loadMeters(): Map<string, MeterRecord> {
    const meters = new Map<string, MeterRecord>();
    this.#byType = new Map();
    for (const { id, body } of this.#store.records('meter')) {
      const meter = JSON.parse(body) as MeterRecord;
      meters.set(id, meter);
      this.#byType.set(meter.eventType, [...(this.#byType.get(meter.eventType) ?? []), meter]);
    }
    this.#meters = meters;
    return meters;
  }

  meter(key: string): MeterRecord | undefined {
    return (this.#meters ?? this.#loadMeters()).get(key);
  }

  /** Every meter that listens to an event type. */
  metersOf(type: string): readonly MeterRecord[] {
    if (!this.#meters) this.#loadMeters();
    return this.#byType.get(type) ?? [];
  }

  #loadPrices(): Map<string, KnownPrice[]> {
    const prices = new Map<string, KnownPrice[]>();
    this.#priceById = new Map();
    for (const { id, body } of this.#store.records('price')) {
      const record = JSON.parse(body) as PriceRecord;
      const known: KnownPrice = {
        record,
        snapshot: null,
        price: {
          model: decodeModel(record.model),
          rounding: record.rounding,
          minimumMinor: BigInt(record.minimumMinor),
        },
      };
      const scope = priceScope(record.meter, record);
      prices.set(scope, [...(prices.get(scope) ?? []), known]);
      this.#priceById.set(id, known);
    }
    for (const list of prices.values()) {
      list.sort((a, b) => a.record.effectiveFromMs - b.record.effectiveFromMs || a.record.version - b.record.version);
    }
    this.#prices = prices;
    return prices;
  }

  /** A price by its id, as it is stated; with a snapshot, as it was charged by that. */
  price(id: string, rateId: string | null = null): KnownPrice | undefined {
    if (!this.#prices) this.#loadPrices();
    const known = this.#priceById.get(id);
    if (rateId === null || known === undefined) return known;
    if (!this.#rates) this.#loadRates();
    const snapshot = this.#rateById.get(rateId);
    return snapshot && this.#chargedBy(known, snapshot);
  }

  #forgetRates(): void {
    this.#rates = undefined;
    this.#charged.clear();
  }

  #loadRates(): Map<string, Snapshot[]> {
    const rates = new Map<string, Snapshot[]>();
    this.#rateById = new Map();
    for (const { body } of this.#store.records('rate')) {
      const snapshot = decodeSnapshot(body);
      const pair = `${snapshot.from}>${snapshot.to}`;
      rates.set(pair, [...(rates.get(pair) ?? []), snapshot]);
      this.#rateById.set(snapshot.id, snapshot);
    }
    for (const list of rates.values()) list.sort((a, b) => a.observedMs - b.observedMs || (a.id < b.id ? -1 : 1));
    this.#rates = rates;
    return rates;
  }

  #chargedBy(known: KnownPrice, snapshot: Snapshot): KnownPrice {
    const key = `${known.record.id}|${snapshot.id}`;
    const made = this.#charged.get(key);
    if (made) return made;
    const { numerator, denominator, to } = snapshot;
    const charged: KnownPrice = {
      record: { ...known.record, asset: to },
      price: { ...known.price, exchange: { numerator, denominator } },
      snapshot,
    };
    this.#charged.set(key, charged);
    return charged;
  }

  /** The price at an instant in the asset it is charged in; null where no rate between the two was known then. */
  #asCharged(found: PriceInForce, atMs: number): PriceInForce | null {
    const { asset, chargedIn = null } = found.known.record;
    if (chargedIn === null || chargedIn === asset) return found;
    const list = (this.#rates ?? this.#loadRates()).get(`${asset}>${chargedIn}`) ?? [];
    const at = snapshotAt(list, atMs, this.settings().maxRateAgeMs);
    if (at === null) return null;
    return {
      known: this.#chargedBy(found.known, at.snapshot),
      fromMs: Math.max(found.fromMs, at.during.startMs),
      toMs: Math.min(found.toMs, at.during.endMs),
    };
  }

  /** Why `priceAt` found nothing: no price, or no rate to charge it by. */
  whyNoPrice(customer: CustomerRecord, meter: string, atMs: number): Readonly<{ reason: string; detail: string }> {
    const stated = this.#statedAt(customer, meter, atMs);
    if (!stated) {
      return { reason: 'price-unknown', detail: `No price for ${meter} was in force for ${customer.name}.` };
    }
    const { asset, chargedIn } = stated.known.record;
    const pair = `${symbolOf(asset)} in ${symbolOf(chargedIn ?? asset)}`;
    return { reason: 'rate-unknown', detail: `No rate of ${pair} was known when ${meter} was used.` };
  }

  /**
   * The price in force for a customer and meter at an instant: its own, else its plan's, else everyone's; and the
   * interval around the instant in which that answer holds. In the asset it is charged in; null where no price is
   * known, or no rate to charge it by.
   */
  priceAt(customer: CustomerRecord, meter: string, atMs: number): PriceInForce | null {
    const found = this.#statedAt(customer, meter, atMs);
    return found && this.#asCharged(found, atMs);
  }

  #statedAt(customer: CustomerRecord, meter: string, atMs: number): PriceInForce | null {
    const prices = this.#prices ?? this.#loadPrices();
    let fromMs = 0;
    let toMs = Number.MAX_SAFE_INTEGER;
    for (const { fromMs: change } of customer.terms) {
      if (change <= atMs) fromMs = Math.max(fromMs, change);
      else toMs = Math.min(toMs, change);
    }
    const scopes = [
      priceScope(meter, { customer: customer.id, plan: null }),
      priceScope(meter, { customer: null, plan: planAt(customer, atMs) ?? '-' }),
      priceScope(meter, { customer: null, plan: null }),
    ];
    for (const scope of scopes) {
      let found: KnownPrice | undefined;
      for (const known of prices.get(scope) ?? []) {
        const from = known.record.effectiveFromMs;
        if (from <= atMs) {
          found = known;
          fromMs = Math.max(fromMs, from);
        } else toMs = Math.min(toMs, from);
      }
      if (found) return { known: found, fromMs, toMs };
    }
    return null;
  }

  plan(key: string): PlanRecord | null {
    const row = this.#store.get('record', 'plan', key);
    return row ? (JSON.parse(row.body) as PlanRecord) : null;
  }

  /** The discounts that count for a customer's period that begins at an instant, in the order they apply. */
  discountsFor(customer: CustomerRecord, asset: string, atMs: number): readonly DiscountRule[] {
    const rules = this.#loadDiscounts();
    if (rules.length === 0) return rules;
    const whose = { customer: customer.id, plan: planAt(customer, atMs), asset, atMs };
    return rules.filter((rule) => isInForce(rule, whose)).sort(stackingOrder);
  }

  discount(id: string): DiscountRule | undefined {
    const row = this.#store.get('record', 'discount', id);
    return row && decodeDiscount(row.body);
  }

  /** The assets in which a customer promised to spend something in a period that begins at an instant. */
  committedAssets(customer: CustomerRecord, atMs: number): readonly string[] {
    const rules = this.#loadDiscounts();
    const assets = new Set(rules.flatMap((rule) => (rule.committedMinor === null ? [] : [rule.asset])));
    return [...assets].filter((asset) =>
      this.discountsFor(customer, asset, atMs).some(({ committedMinor }) => committedMinor !== null),
    );
  }

  #loadDiscounts(): readonly DiscountRule[] {
    this.#discounts ??= this.#store.records('discount').map(({ body }) => decodeDiscount(body));
    return this.#discounts;
  }

  settings(): SettingsRecord {
    if (this.#settings) return this.#settings;
    const row = this.#store.get('record', 'settings', 'workspace');
    this.#settings = { ...DEFAULT_SETTINGS, ...(row ? (JSON.parse(row.body) as object) : {}) };
    return this.#settings;
  }
}
