/** Rows of what is configured: customers, keys, operators, meters, plans and prices. Secrets and hashes stay here. */
import { canonicalJson } from '#core/domain/canonical.ts';
import type { CustomerRecord, MeterRecord, PlanRecord, PriceRecord } from '../catalog.ts';
import { planAt } from '../catalog.ts';
import { balancesOf, pendingAmounts } from '../reads/balances.ts';
import { keyUses } from '../reads/lists.ts';
import { requireCustomer } from '../reads/session.ts';
import { amount, documents } from './rows.ts';
import type { Reading, Rows } from './rows.ts';

export function* customers(reading: Reading): Rows {
  for (const one of documents<CustomerRecord>(reading, 'customer')) {
    yield [
      one.id,
      one.externalId,
      one.name,
      planAt(one, reading.nowMs),
      one.anchorDay,
      one.timeZone,
      canonicalJson(one.subjects),
      canonicalJson(one.addresses),
      one.createdMs,
    ];
  }
}

export function* balances(reading: Reading): Rows {
  const { session, filters } = reading;
  const only = filters.customer === undefined ? null : requireCustomer(session, filters.customer);
  const pending = pendingAmounts(session, only?.id ?? null);
  for (const customer of only ? [only] : documents<CustomerRecord>(reading, 'customer')) {
    for (const one of balancesOf(session, customer, pending)) {
      const { asset } = one;
      const amounts = [
        one.postedMinor,
        one.heldMinor,
        one.pendingMinor,
        one.overdraftMinor,
        one.spendableMinor,
        one.walletMinor,
        one.unbilledMinor,
        one.receivableMinor,
      ];
      yield [customer.id, customer.name, asset, ...amounts.map((minor) => amount(minor, asset))];
    }
  }
}

/** The part of a key that is shown; its record has the hash of the secret beside it. */
type Key = Readonly<{
  id: string;
  customer: string | null;
  name: string;
  prefix: string;
  scopes: readonly string[];
  createdMs: number;
  endsMs: number | null;
  replacedBy: string | null;
}>;

export function* keys(reading: Reading): Rows {
  const { session, filters } = reading;
  const owner = filters.customer === undefined ? null : requireCustomer(session, filters.customer).id;
  const uses = keyUses(session);
  for (const key of documents<Key>(reading, 'key')) {
    if (owner !== null && key.customer !== owner) continue;
    const { id, customer, name, prefix, scopes, createdMs, endsMs, replacedBy } = key;
    yield [id, customer, name, prefix, scopes.join(' '), createdMs, uses[id] ?? null, endsMs, replacedBy];
  }
}

/** The part of an operator that is shown; its record has the sealed key and the verifier beside it. */
type Operator = Readonly<{
  id: string;
  name: string;
  role: string;
  publicKey: string;
  disabled: boolean;
  createdMs: number;
}>;

export function* operators(reading: Reading): Rows {
  for (const one of documents<Operator>(reading, 'operator')) {
    yield [one.id, one.name, one.role, one.publicKey, String(one.disabled), one.createdMs];
  }
}

export function* meters(reading: Reading): Rows {
  for (const one of documents<MeterRecord>(reading, 'meter')) {
    yield [
      one.key,
      one.name,
      one.eventType,
      one.aggregation,
      one.unit,
      one.scale,
      one.valuePath,
      canonicalJson(one.dimensions),
      String(one.billable),
      one.overshoot,
      one.createdMs,
    ];
  }
}

export function* plans(reading: Reading): Rows {
  for (const one of documents<PlanRecord>(reading, 'plan')) {
    const { key, name, asset, baseFeeMinor, rateLimitPerMinute, dailyLimit } = one;
    yield [key, name, asset, amount(baseFeeMinor, asset), rateLimitPerMinute, dailyLimit];
  }
}

export function* prices(reading: Reading): Rows {
  const { session, filters } = reading;
  const owner = filters.customer === undefined ? null : requireCustomer(session, filters.customer).id;
  for (const one of documents<PriceRecord>(reading, 'price')) {
    if (owner !== null && one.customer !== owner) continue;
    if (filters.meter !== undefined && one.meter !== filters.meter) continue;
    yield [
      one.id,
      one.version,
      one.meter,
      one.plan,
      one.customer,
      one.asset,
      one.model,
      one.rounding,
      amount(one.minimumMinor, one.asset),
      one.effectiveFromMs,
      one.createdMs,
      one.createdBy,
    ];
  }
}
