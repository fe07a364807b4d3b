/** The price book: versioned, effective-dated prices per meter, for everyone, a plan, or one customer. */
import { eventIterator } from '@orpc/contract';
import { z } from 'zod';
import { command } from './command.ts';
import {
  AnyTime,
  AsOf,
  AssetCode,
  CustomerRef,
  Decimal,
  IdempotencyKey,
  MeterKey,
  Millis,
  MinorUnits,
  Name,
  PriceId,
} from './shapes.ts';
import { ROUNDINGS } from '#core/domain/money.ts';

const Ratio = z.strictObject({ amountMinor: MinorUnits, perUnits: MinorUnits });
const Tier = z.strictObject({ upTo: MinorUnits.nullable(), rate: Ratio, flatMinor: MinorUnits });
/** Quantities in models are integers of the meter's smallest unit (10^-scale). */
export const PriceModelShape = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('per-unit'), rate: Ratio }),
  z.strictObject({ kind: z.literal('graduated'), tiers: z.array(Tier).min(1).max(50) }),
  z.strictObject({ kind: z.literal('volume'), tiers: z.array(Tier).min(1).max(50) }),
  z.strictObject({ kind: z.literal('package'), sizeUnits: MinorUnits, amountMinor: MinorUnits }),
  z.strictObject({ kind: z.literal('quota'), quotaUnits: MinorUnits.nullable(), overage: Ratio }),
]);

export const PriceView = z.strictObject({
  id: PriceId,
  version: z.int(),
  meter: MeterKey,
  plan: z.string().nullable(),
  customer: z.string().nullable(),
  asset: AssetCode,
  /** The asset it is charged in, by the rate of the moment; null: the one it is stated in. */
  chargedIn: AssetCode.nullable(),
  model: PriceModelShape,
  rounding: z.enum(ROUNDINGS),
  minimumMinor: MinorUnits,
  effectiveFromMs: Millis,
  createdMs: Millis,
  createdBy: z.string(),
});

export const PlanView = z.strictObject({
  key: z.string().min(1).max(63),
  name: Name,
  asset: AssetCode,
  baseFeeMinor: MinorUnits,
  rateLimitPerMinute: z.int().nullable(),
  dailyLimit: z.int().nullable(),
});

const Amount = z.strictObject({ asset: AssetCode, amountMinor: MinorUnits });
export const QuoteLine = z.strictObject({
  meter: MeterKey,
  quantity: z.string(),
  unit: z.string(),
  price: PriceId,
  priceVersion: z.int(),
  /** The price in words. */
  rate: z.string(),
  asset: AssetCode,
  /** The calculation, one step a tier, quota or package; their amounts sum to `usedMinor`. */
  steps: z.array(z.strictObject({ label: z.string(), quantity: z.string(), amountMinor: MinorUnits })),
  usedMinor: MinorUnits,
  /** What is missing to the price's minimum. */
  minimumMinor: MinorUnits,
  amountMinor: MinorUnits,
  /** Where a little more usage would cost less, as volume prices can. */
  warning: z.string().nullable(),
});

export const prices = {
  list: command({
    permission: 'prices:read',
    idempotent: 'read',
    doc: 'Every price version, newest first within its meter; optionally those of one meter, plan or customer.',
    input: z.strictObject({
      meter: MeterKey.optional(),
      plan: z.string().max(63).optional(),
      customer: CustomerRef.optional(),
      ...AsOf,
    }),
    output: z.strictObject({ items: z.array(PriceView) }),
    errors: ['CUSTOMER_UNKNOWN'],
    http: { method: 'GET', path: '/prices' },
  }),
  publish: command({
    permission: 'prices:write',
    idempotent: 'by key',
    doc: 'Publish the next version of a price. It may begin in the past where nothing it would rate was rated since.',
    input: z.strictObject({
      key: IdempotencyKey,
      meter: MeterKey,
      plan: z.string().max(63).nullable().default(null),
      customer: CustomerRef.nullable().default(null),
      asset: AssetCode,
      /** Charge it in another asset, by the rate of the moment usage happened; without one it waits unrated. */
      chargedIn: AssetCode.nullable().default(null),
      model: PriceModelShape,
      rounding: z.enum(ROUNDINGS),
      minimumMinor: MinorUnits.default('0'),
      effectiveFromMs: Millis.optional(),
    }),
    output: PriceView,
    errors: ['METER_UNKNOWN', 'CUSTOMER_UNKNOWN', 'NOT_FOUND', 'STATE_FORBIDS', 'KEY_REUSED'],
  }),
};

const WhatIfResult = z.strictObject({
  customers: z.int(),
  more: z.int(),
  less: z.int(),
  oldMinor: MinorUnits,
  newMinor: MinorUnits,
  differenceMinor: MinorUnits,
  /** Windows that were priced in another asset and cannot be compared. */
  otherAsset: z.int(),
  items: z.array(
    z.strictObject({
      customer: z.string(),
      name: z.string(),
      quantity: z.string(),
      oldMinor: MinorUnits,
      newMinor: MinorUnits,
      differenceMinor: MinorUnits,
    }),
  ),
});
export const WhatIfProgress = z.strictObject({
  done: z.boolean(),
  /** Transactions of the journal that were looked at, of how many. */
  checked: z.string(),
  total: z.string(),
  /** With the last step. */
  result: WhatIfResult.nullable(),
});
const Day = z.iso.date();

export const quotes = {
  make: command({
    permission: 'prices:read',
    idempotent: 'read',
    doc: 'What a month of these quantities costs, line by line, for a customer, a plan, or anyone.',
    input: z.strictObject({
      customer: CustomerRef.optional(),
      plan: z.string().max(63).optional(),
      atMs: Millis.optional(),
      ...AsOf,
      items: z
        .array(z.strictObject({ meter: MeterKey, quantity: Decimal }))
        .min(1)
        .max(100),
    }),
    output: z.strictObject({
      plan: z.string().nullable(),
      baseFee: Amount.nullable(),
      lines: z.array(QuoteLine),
      /** What is taken off (below zero), and what a commitment is short of, in the order they apply. */
      adjustments: z.array(
        z.strictObject({
          kind: z.enum(['discount', 'commitment']),
          rule: z.string(),
          text: z.string(),
          asset: AssetCode,
          amountMinor: MinorUnits,
        }),
      ),
      totals: z.array(Amount),
    }),
    errors: ['CUSTOMER_UNKNOWN', 'METER_UNKNOWN', 'PRICE_UNKNOWN', 'QUANTITY_INVALID', 'NOT_FOUND'],
    http: { method: 'POST', path: '/quotes' },
  }),
  whatIf: command({
    permission: 'prices:read',
    idempotent: 'read',
    doc: 'A past period again under a draft price: old, new and difference per customer, who pays more first.',
    input: z.strictObject({
      /** The first day in UTC, as 2026-10-01. */
      from: Day,
      /** The day after the last. Minimums are compared for whole calendar months only. */
      to: Day,
      meter: MeterKey,
      ...AsOf,
      plan: z.string().max(63).nullable().default(null),
      customer: CustomerRef.nullable().default(null),
      asset: AssetCode,
      model: PriceModelShape,
      rounding: z.enum(ROUNDINGS),
      minimumMinor: MinorUnits.default('0'),
      /** Customers listed: from both ends where there are more. */
      limit: z.int().min(1).max(1000).default(100),
    }),
    // oRPC's iterator schema is no zod type, and `command` asks for one: both are the same to who calls.
    output: eventIterator(WhatIfProgress) as unknown as z.ZodType<AsyncIterable<z.infer<typeof WhatIfProgress>>>,
    errors: ['METER_UNKNOWN', 'CUSTOMER_UNKNOWN', 'QUANTITY_INVALID'],
  }),
};

export const plans = {
  list: command({
    permission: 'prices:read',
    idempotent: 'read',
    doc: 'The plans (tiers) of this workspace.',
    input: AnyTime,
    output: z.strictObject({ items: z.array(PlanView) }),
    http: { method: 'GET', path: '/plans' },
  }),
  create: command({
    permission: 'prices:write',
    idempotent: 'by nature',
    doc: 'Add or change a plan: base fee, rate limit, daily limit.',
    input: PlanView,
    output: PlanView,
  }),
};

export const quantityShape = Decimal;
