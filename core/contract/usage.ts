/** Usage: events in, events listed, corrections, conflicts, and the queue of what could not be rated. */
import { z } from 'zod';
import { command } from './command.ts';
import {
  AnyTime,
  AsOf,
  AssetAmount,
  CustomerRef,
  Decimal,
  Dimensions,
  Done,
  HoldId,
  KnownAt,
  MeterKey,
  Millis,
  PageInput,
  ParkedId,
  page,
} from './shapes.ts';

const EventId = z.string().min(1).max(200);
const Source = z.string().min(1).max(200);

export const UsageEvent = z.strictObject({
  source: Source,
  id: EventId,
  customer: CustomerRef,
  meter: MeterKey,
  quantity: z.union([z.string().max(60), z.number()]),
  /** RFC 3339 text or UTC milliseconds; the instant of arrival when absent. */
  occurredAt: z.union([z.string().max(40), Millis]).optional(),
  dimensions: Dimensions.optional(),
  /** Captures this hold with the event's quantity. */
  holdId: HoldId.optional(),
});

export const EventResult = z.strictObject({
  index: z.int(),
  status: z.enum(['accepted', 'duplicate', 'conflict', 'parked', 'refused']),
  code: z.string().optional(),
  detail: z.string().optional(),
  fix: z.string().optional(),
});

export const EventView = z.strictObject({
  sequence: z.string(),
  source: z.string(),
  id: z.string(),
  subject: z.string(),
  customer: z.string().nullable(),
  type: z.string(),
  meter: z.string().nullable(),
  quantity: z.string().nullable(),
  unit: z.string().nullable(),
  occurredAtMs: Millis,
  recordedMs: Millis,
  block: z.string(),
  /** The event's data as canonical JSON text. */
  data: z.string(),
  holdId: z.string().nullable(),
  /** Behind the watermark it is posted, parked (with a reason) or counted only; before it, waiting. */
  state: z.enum(['waiting', 'rated', 'parked', 'counted']),
  reason: z.string().nullable(),
});

export const PARK_REASONS = [
  'customer-unknown',
  'meter-unknown',
  'price-unknown',
  'rate-unknown',
  'quantity-invalid',
] as const;
export const Parked = z.strictObject({
  id: ParkedId,
  reason: z.enum(PARK_REASONS),
  detail: z.string(),
  event: EventView,
  parkedMs: Millis,
});

/** What a change would do to the money, before it is booked. */
export const MoneyEffect = z.strictObject({
  booked: z.boolean(),
  quantityBefore: z.string(),
  quantityAfter: z.string(),
  effects: z.array(AssetAmount),
  /** Where it goes: the open period's invoice, the next invoice, or a credit note. */
  lands: z.enum(['open-period', 'next-invoice', 'credit-note', 'nowhere']),
});

export const usage = {
  record: command({
    permission: 'usage:write',
    idempotent: 'by nature',
    doc: 'Record up to 1,000 events. Each has its own result; a bad one never harms the rest. Accepted means durable.',
    input: z.strictObject({ events: z.array(z.unknown()).min(1).max(1000) }),
    output: z.strictObject({
      accepted: z.int(),
      duplicates: z.int(),
      refused: z.int(),
      results: z.array(EventResult),
    }),
    errors: ['BODY_TOO_LARGE'],
    http: { method: 'POST', path: '/usage' },
  }),
  list: command({
    permission: 'usage:read',
    idempotent: 'read',
    doc: 'Events, newest first, of a customer or all; from `beforeSequence` on to look anywhere in a long list.',
    input: z.strictObject({
      ...PageInput,
      /** Sequences of events have no gaps: of all events, the one of sequence n is the n-th. A cursor goes further. */
      beforeSequence: z
        .string()
        .regex(/^\d{1,15}$/, 'the sequence of an event, as text')
        .optional(),
      customer: CustomerRef.optional(),
      subject: z.string().max(200).optional(),
      meter: MeterKey.optional(),
      fromMs: Millis.optional(),
      toMs: Millis.optional(),
      ...AsOf,
    }),
    output: page(EventView),
    errors: ['CUSTOMER_UNKNOWN'],
  }),
  get: command({
    permission: 'usage:read',
    idempotent: 'read',
    doc: 'One event by source and id.',
    input: z.strictObject({ source: Source, id: EventId, ...AsOf }),
    output: EventView,
    errors: ['NOT_FOUND'],
  }),
  correct: command({
    permission: 'credits:write',
    idempotent: 'by key',
    doc: 'Correct an event’s quantity by a new entry; with `book: false` only shows what it would do to the money.',
    input: z.strictObject({
      key: EventId,
      source: Source,
      id: EventId,
      quantity: Decimal,
      reason: z.string().min(1).max(500),
      book: z.boolean(),
    }),
    output: MoneyEffect,
    errors: ['NOT_FOUND', 'QUANTITY_INVALID', 'STATE_FORBIDS', 'EVENT_CONFLICT'],
  }),
  conflicts: command({
    permission: 'usage:read',
    idempotent: 'read',
    doc: 'Events that came again under a used id with another body; the first was kept.',
    noPast: 'A conflict happens when it is recorded, so it is listed by knownAtMs only.',
    input: z.strictObject({ ...PageInput, ...KnownAt }),
    output: page(
      z.strictObject({
        source: z.string(),
        id: z.string(),
        subject: z.string(),
        recordedMs: Millis,
        kept: z.string(),
        refused: z.string(),
      }),
    ),
  }),
};

export const unrated = {
  summary: command({
    permission: 'usage:read',
    idempotent: 'read',
    doc: 'What waits in the unrated queue, by reason, meter and subject.',
    input: AnyTime,
    output: z.strictObject({
      total: z.int(),
      groups: z.array(
        z.strictObject({
          reason: z.enum(PARK_REASONS),
          type: z.string(),
          subject: z.string(),
          count: z.int(),
          firstMs: Millis,
        }),
      ),
    }),
  }),
  list: command({
    permission: 'usage:read',
    idempotent: 'read',
    doc: 'The events of the unrated queue, oldest first.',
    input: z.strictObject({ ...PageInput, reason: z.enum(PARK_REASONS).optional(), ...AsOf }),
    output: page(Parked),
  }),
  assign: command({
    permission: 'credits:write',
    idempotent: 'by nature',
    doc: 'Rate a parked event once, as this customer and meter; or dismiss it with a reason. At most 1,000 a call.',
    input: z.strictObject({
      ids: z.array(ParkedId).min(1).max(1000),
      customer: CustomerRef.optional(),
      meter: MeterKey.optional(),
      dismiss: z.string().min(1).max(500).optional(),
    }),
    output: z.strictObject({ rated: z.int(), dismissed: z.int(), stillParked: z.int() }),
    errors: ['NOT_FOUND', 'CUSTOMER_UNKNOWN', 'METER_UNKNOWN'],
  }),
};

export const usageDone = Done;
