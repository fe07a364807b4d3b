/** Discounts and commitments: what is taken off invoices, and what a customer promised to spend at least. */
import { z } from 'zod';
import { STACKING, WHOLE_BASIS_POINTS } from '#core/domain/discount.ts';
import { command } from './command.ts';
import {
  AsOf,
  AssetCode,
  CustomerRef,
  DiscountId,
  IdempotencyKey,
  MeterKey,
  Millis,
  MinorUnits,
  Name,
} from './shapes.ts';

/** Ten thousandths: 250 is 2.5 %. */
const BasisPoints = z.int().min(0).max(WHOLE_BASIS_POINTS);
export const DiscountTermsShape = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('percent'), basisPoints: BasisPoints }),
  z.strictObject({ kind: z.literal('amount'), amountMinor: MinorUnits }),
  z.strictObject({
    kind: z.literal('steps'),
    steps: z.array(z.strictObject({ fromMinor: MinorUnits, basisPoints: BasisPoints })).max(100),
  }),
]);

export const DiscountView = z.strictObject({
  id: DiscountId,
  kind: z.enum(STACKING),
  name: Name,
  customer: z.string().nullable(),
  plan: z.string().nullable(),
  asset: AssetCode,
  meters: z.array(MeterKey).max(100).nullable(),
  terms: DiscountTermsShape,
  mostMinor: MinorUnits.nullable(),
  committedMinor: MinorUnits.nullable(),
  fromMs: Millis,
  untilMs: Millis.nullable(),
});

export const discounts = {
  list: command({
    permission: 'prices:read',
    idempotent: 'read',
    doc: 'Discounts and commitments in the order in which they stack; optionally those that may count for a customer.',
    input: z.strictObject({ customer: CustomerRef.optional(), ...AsOf }),
    output: z.strictObject({ items: z.array(DiscountView) }),
    errors: ['CUSTOMER_UNKNOWN'],
  }),
  create: command({
    permission: 'prices:write',
    idempotent: 'by key',
    doc: 'Begin a discount. It counts for billing periods that begin while it is in force and are not invoiced yet.',
    input: z.strictObject({
      key: IdempotencyKey,
      kind: z.enum(STACKING),
      name: Name,
      customer: CustomerRef.nullable().default(null),
      plan: z.string().max(63).nullable().default(null),
      asset: AssetCode,
      /** Which meters' lines it takes from; every line, fees too, when null. */
      meters: z.array(MeterKey).min(1).max(100).nullable().default(null),
      terms: DiscountTermsShape,
      /** At most this much a period. */
      mostMinor: MinorUnits.nullable().default(null),
      /** For a commitment: what is spent at least in a period, after discounts. */
      committedMinor: MinorUnits.nullable().default(null),
      /** Now when absent. */
      fromMs: Millis.optional(),
      untilMs: Millis.nullable().default(null),
    }),
    output: DiscountView,
    errors: ['CUSTOMER_UNKNOWN', 'METER_UNKNOWN', 'NOT_FOUND', 'KEY_REUSED'],
  }),
  end: command({
    permission: 'prices:write',
    idempotent: 'by nature',
    doc: 'End a discount: periods that begin at or after this instant go without it. Invoices that are final keep it.',
    input: z.strictObject({ discount: DiscountId, untilMs: Millis.optional() }),
    output: DiscountView,
    errors: ['NOT_FOUND', 'STATE_FORBIDS', 'CONFLICT'],
  }),
};
