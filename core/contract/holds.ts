/** The gate: check, hold, capture, release. One state machine, in the same commit as the posting. */
import { z } from 'zod';
import { command } from './command.ts';
import {
  AsOf,
  AssetCode,
  CustomerRef,
  Decimal,
  Dimensions,
  HoldId,
  IdempotencyKey,
  MeterKey,
  Millis,
  MinorUnits,
  PageInput,
  page,
} from './shapes.ts';

export const HOLD_STATES = ['open', 'captured', 'released', 'expired'] as const;
export const HoldView = z.strictObject({
  id: HoldId,
  state: z.enum(HOLD_STATES),
  customer: z.string(),
  meter: MeterKey,
  quantity: Decimal,
  asset: AssetCode,
  /** Set aside, in minor units. */
  amountMinor: MinorUnits,
  expiresAtMs: Millis,
  openedMs: Millis,
  /** What the work came to, once captured. */
  capturedQuantity: Decimal.nullable(),
  chargedMinor: MinorUnits.nullable(),
  /** The part beyond hold and balance, by the meter's overshoot policy. */
  overshootMinor: MinorUnits.nullable(),
  late: z.boolean(),
});

export const gate = {
  check: command({
    permission: 'gate:write',
    idempotent: 'read',
    doc: 'Would this much pass right now? Reserves nothing.',
    noPast: 'Only ever of now.',
    input: z.strictObject({ customer: CustomerRef, meter: MeterKey, quantity: Decimal.default('1') }),
    output: z.strictObject({
      allowed: z.boolean(),
      asset: AssetCode,
      balance: MinorUnits,
      required: MinorUnits,
    }),
    errors: ['CUSTOMER_UNKNOWN', 'METER_UNKNOWN', 'PRICE_UNKNOWN', 'QUANTITY_INVALID', 'RATE_LIMITED'],
    http: { method: 'POST', path: '/gate/check' },
  }),
};

export const holds = {
  open: command({
    permission: 'gate:write',
    idempotent: 'by key',
    doc: 'Set money aside for work about to be done. 402 with balance and required when it is not there.',
    input: z.strictObject({
      key: IdempotencyKey,
      customer: CustomerRef,
      meter: MeterKey,
      quantity: Decimal.default('1'),
      /** 1 s to 24 h; then the hold expires and its money is free again. */
      ttlMs: z.int().min(1000).max(86_400_000).default(60_000),
    }),
    output: HoldView,
    errors: [
      'CUSTOMER_UNKNOWN',
      'METER_UNKNOWN',
      'PRICE_UNKNOWN',
      'QUANTITY_INVALID',
      'PAYMENT_REQUIRED',
      'RATE_LIMITED',
      'KEY_REUSED',
    ],
    http: { method: 'POST', path: '/holds', status: 201 },
  }),
  capture: command({
    permission: 'gate:write',
    idempotent: 'by nature',
    doc: 'Charge what the work came to. Partial frees the rest; over or late is charged by the overshoot policy.',
    input: z.strictObject({
      holdId: HoldId,
      quantity: Decimal.optional(),
      occurredAtMs: Millis.optional(),
      dimensions: Dimensions.default({}),
    }),
    output: HoldView,
    errors: ['HOLD_UNKNOWN', 'HOLD_CLOSED', 'QUANTITY_INVALID'],
    http: { method: 'POST', path: '/holds/{holdId}/capture' },
  }),
  release: command({
    permission: 'gate:write',
    idempotent: 'by nature',
    doc: 'Give a hold back. A second release answers as the first did.',
    input: z.strictObject({ holdId: HoldId }),
    output: HoldView,
    errors: ['HOLD_UNKNOWN', 'HOLD_CLOSED'],
    http: { method: 'POST', path: '/holds/{holdId}/release' },
  }),
  get: command({
    permission: 'customers:read',
    idempotent: 'read',
    doc: 'One hold.',
    input: z.strictObject({ holdId: HoldId, ...AsOf }),
    output: HoldView,
    errors: ['HOLD_UNKNOWN'],
    http: { method: 'GET', path: '/holds/{holdId}' },
  }),
  list: command({
    permission: 'customers:read',
    idempotent: 'read',
    doc: 'Holds, newest first.',
    input: z.strictObject({
      ...PageInput,
      customer: CustomerRef.optional(),
      state: z.enum(HOLD_STATES).optional(),
      ...AsOf,
    }),
    output: page(HoldView),
    errors: ['CUSTOMER_UNKNOWN'],
  }),
};
