/** Meters: what is counted and how; and what it came to over any window. */
import { z } from 'zod';
import { command } from './command.ts';
import { AnyTime, AsOf, CustomerRef, Decimal, MeterKey, Millis, Name } from './shapes.ts';

export const AGGREGATIONS = ['sum', 'count', 'max', 'unique', 'latest'] as const;
export const OVERSHOOT = ['cap', 'debt', 'next-grant'] as const;

export const Meter = z.strictObject({
  key: MeterKey,
  name: Name,
  /** The CloudEvents type this meter listens to. */
  eventType: z.string().min(1).max(200),
  aggregation: z.enum(AGGREGATIONS),
  unit: z.string().min(1).max(40),
  /** Decimals of a quantity, 0–9; stored as integers of 10^-scale units. */
  scale: z.int().min(0).max(9),
  /** Where the value is in an event's data, as `$.tokens`; null for count. */
  valuePath: z.string().max(200).nullable(),
  /** Dimension name → path in the data. */
  dimensions: z.record(z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]{0,62}$/), z.string().max(200)),
  /** A meter that is not billable is counted only; its events never wait for a price. */
  billable: z.boolean(),
  /** What happens with work beyond hold and balance: written off, owed, or taken from the next grant. */
  overshoot: z.enum(OVERSHOOT),
  createdMs: Millis,
});

export const WindowSize = z.enum(['MINUTE', 'HOUR', 'DAY', 'MONTH']);
export const MeterRow = z.strictObject({
  value: Decimal,
  windowStartMs: Millis,
  windowEndMs: Millis,
  subject: z.string().nullable(),
  groupBy: z.record(z.string(), z.string().nullable()),
});

export const meters = {
  list: command({
    permission: 'meters:read',
    idempotent: 'read',
    doc: 'All meters.',
    input: AnyTime,
    output: z.strictObject({ items: z.array(Meter) }),
    http: { method: 'GET', path: '/meters' },
  }),
  create: command({
    permission: 'meters:write',
    idempotent: 'by nature',
    doc: 'Define a meter. The same definition again answers the same meter; another under its key is a conflict.',
    input: z.strictObject({
      key: MeterKey,
      name: Name.optional(),
      eventType: z.string().min(1).max(200).optional(),
      aggregation: z.enum(AGGREGATIONS),
      unit: z.string().min(1).max(40).default('unit'),
      scale: z.int().min(0).max(9).default(0),
      valuePath: z.string().max(200).nullable().optional(),
      dimensions: Meter.shape.dimensions.default({}),
      billable: z.boolean().default(true),
      overshoot: z.enum(OVERSHOOT).default('debt'),
    }),
    output: Meter,
    errors: ['CONFLICT'],
    http: { method: 'POST', path: '/meters', status: 200 },
  }),
  query: command({
    permission: 'usage:read',
    idempotent: 'read',
    doc: 'What a meter came to per window, subject and dimension. At most 10,000 rows.',
    input: z.strictObject({
      meter: MeterKey,
      fromMs: Millis.optional(),
      toMs: Millis.optional(),
      windowSize: WindowSize.optional(),
      timeZone: z.string().max(64).default('UTC'),
      subjects: z.array(CustomerRef).max(100).default([]),
      groupBy: z.array(z.string().max(64)).max(5).default([]),
      ...AsOf,
      filters: z
        .record(z.string().min(1).max(64), z.array(z.string().max(256)).max(50))
        .refine((names) => Object.keys(names).length <= 32, { error: 'At most 32 filters' })
        .default({}),
    }),
    output: z.strictObject({ items: z.array(MeterRow), watermark: z.string() }),
    errors: ['METER_UNKNOWN'],
  }),
};
