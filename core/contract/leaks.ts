/** Leaks: where money is lost, and what a meter's unit costs the operator. */
import { z } from 'zod';
import { eventIterator } from '@orpc/contract';
import { LEAK_KINDS } from '#core/domain/leak.ts';
import { command } from './command.ts';
import { AssetCode, Done, Empty, MeterKey, MinorUnits } from './shapes.ts';

const Kind = z.enum(LEAK_KINDS);

export const LeakView = z.strictObject({
  /** Its place among those of its asset, from 1, the largest amount first. */
  rank: z.int(),
  kind: Kind,
  /** Both are null where no price says what it comes to. */
  asset: AssetCode.nullable(),
  amountMinor: MinorUnits.nullable(),
  title: z.string(),
  detail: z.string(),
  /** What to do about it. */
  next: z.string(),
  customer: z.string().nullable(),
  meter: z.string().nullable(),
  /** How many holds, events, months, lines or grants it is made of, and the ids of the first of them. */
  count: z.int(),
  evidence: z.array(z.string()),
});

export const LeakProgress = z.strictObject({
  done: z.boolean(),
  /** The check under way. */
  check: Kind,
  /** Of how many checks this is the how-maniest, and how many rows it has seen. */
  step: z.int(),
  steps: z.int(),
  checked: z.string(),
  /** What was found; with the last step. */
  items: z.array(LeakView).nullable(),
  /** How many were found beyond those shown. */
  hidden: z.int(),
  /** What could not be compared, because no rate between two assets is known. */
  uncompared: z.array(z.string()),
});

export const leaks = {
  find: command({
    permission: 'books:read',
    idempotent: 'read',
    doc: 'Look for lost money: not captured, not rated, below cost, idle; by amount, with evidence. May be left.',
    noPast: 'What can still be done about it is of now.',
    input: z.strictObject({
      /** How far back to look. */
      days: z.int().min(1).max(1100).default(90),
      /** A grant is idle when nothing was paid from it for so long. */
      idleDays: z.int().min(1).max(1100).default(60),
      limit: z.int().min(1).max(1000).default(200),
    }),
    // oRPC's iterator schema is no zod type, and `command` asks for one: both are the same to who calls.
    output: eventIterator(LeakProgress) as unknown as z.ZodType<AsyncIterable<z.infer<typeof LeakProgress>>>,
  }),
};

const Cost = {
  meter: MeterKey,
  asset: AssetCode,
  /** So many minor units of the asset … */
  amountMinor: z.string().regex(/^\d{1,39}$/, 'an integer of minor units, as text'),
  /** … for every so many quantity units: with a meter of scale 3, 1000 are one of its units. */
  perUnits: z.string().regex(/^[1-9]\d{0,29}$/, 'an integer above zero, as text'),
};

export const costs = {
  list: command({
    permission: 'prices:read',
    idempotent: 'read',
    doc: 'What a unit of each meter costs you, where that was entered.',
    noPast: 'Unit costs are of now.',
    input: Empty,
    output: z.strictObject({ items: z.array(z.strictObject(Cost)) }),
  }),
  set: command({
    permission: 'prices:write',
    idempotent: 'by nature',
    doc: 'Enter what a unit of a meter costs you. It prices nothing; the leak finder compares with it.',
    input: z.strictObject(Cost),
    output: z.strictObject(Cost),
    errors: ['METER_UNKNOWN'],
  }),
  remove: command({
    permission: 'prices:write',
    idempotent: 'by nature',
    doc: 'Forget what a unit of a meter costs.',
    input: z.strictObject({ meter: MeterKey }),
    output: Done,
  }),
};
