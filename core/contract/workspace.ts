/** The workspace itself: what it is, its settings, backups, live changes; and the overview an operator keeps open. */
import { z } from 'zod';
import { eventIterator } from '@orpc/contract';
import { command } from './command.ts';
import { AnyTime, AssetCode, Decimal, Empty, Millis, MinorUnits, Name, Passphrase } from './shapes.ts';

export const Settings = z.strictObject({
  /** Usage that names no known meter or customer: refused at the door, or parked in the unrated queue. */
  unknownUsage: z.enum(['refuse', 'park']),
  /** When the gate cannot be reached: deny, or allow so many calls blind and reconcile. */
  outage: z.strictObject({ policy: z.enum(['deny', 'allow']), upTo: z.int().min(0).max(100_000) }),
  issuer: Name,
  /** Days from finalizing until an invoice is due. */
  dueDays: z.int().min(0).max(365),
  idleLockMs: z.int().min(60_000).max(86_400_000),
  /** How far ahead of the clock an event may say it happened. */
  maxFutureMs: z
    .int()
    .min(0)
    .max(31 * 86_400_000),
  /** How old a rate between assets may be and still count. */
  maxRateAgeMs: z
    .int()
    .min(60_000)
    .max(366 * 86_400_000),
  /** Whether webhooks and unsealed mail may go to this machine itself; for trials only. */
  noticesToLoopback: z.boolean(),
});

export const Info = z.strictObject({
  name: z.string(),
  file: z.string(),
  sample: z.boolean(),
  network: z.enum(['local', 'test', 'main']),
  version: z.string(),
  schemaVersion: z.int(),
  readOnly: z.boolean(),
  gatewayUrl: z.string().nullable(),
  /** The hash of the first block, by which books and their backups are told from others; null before there is one. */
  bookId: z.string().nullable(),
  /** Head of the chain. */
  block: z.string(),
  headHash: z.string(),
  events: z.string(),
  /** The last event sequence that is posted; events beyond it wait. */
  watermark: z.string(),
  lastEventMs: Millis.nullable(),
  fileBytes: z.string(),
  lastBackupMs: Millis.nullable(),
  lastVerifyMs: Millis.nullable(),
  lastVerifyOk: z.boolean().nullable(),
  lastVerifyBlock: z.string().nullable(),
  liveTraffic: z.boolean(),
  /** What signs vouchers and EVM transactions on this machine; the second is a seventh as fast as the first. */
  curve: z.enum(['native libsecp256k1', 'libsecp256k1 in WebAssembly']),
  settings: Settings,
});

const NeedsYou = z.strictObject({
  kind: z.enum(['unrated', 'low-balance', 'refused', 'draft', 'conflict', 'verify', 'stuck-hold', 'alert']),
  severity: z.enum(['danger', 'attention', 'info']),
  title: z.string(),
  detail: z.string(),
  asset: AssetCode.nullable(),
  amountMinor: MinorUnits.nullable(),
  /** Where in the console to act, as `/invoices?state=draft`. */
  href: z.string(),
  action: z.string(),
});

export const Overview = z.strictObject({
  nowMs: Millis,
  needsYou: z.array(NeedsYou),
  held: z.array(
    z.strictObject({
      asset: AssetCode,
      walletMinor: MinorUnits,
      heldMinor: MinorUnits,
      unbilledMinor: MinorUnits,
      receivableMinor: MinorUnits,
      customers: z.int(),
    }),
  ),
  today: z.strictObject({
    events: z.string(),
    eventsYesterdayByNow: z.string(),
    revenue: z.array(z.strictObject({ asset: AssetCode, amountMinor: MinorUnits, yesterdayByNowMinor: MinorUnits })),
    refused402: z.int(),
    refusedCustomers: z.int(),
  }),
  /** 30 UTC days by meter, in the meter's units. */
  days: z.array(
    z.strictObject({
      dayMs: Millis,
      meters: z.array(z.strictObject({ meter: z.string(), events: z.string(), quantity: Decimal })),
    }),
  ),
  runsOut: z.array(
    z.strictObject({
      customer: z.string(),
      name: z.string(),
      plan: z.string().nullable(),
      asset: AssetCode,
      spendableMinor: MinorUnits,
      burnPerDayMinor: MinorUnits,
      /** Tenths of a day left at the burn of the last 7 days. */
      daysLeftTenths: z.int(),
    }),
  ),
  recent: z.array(
    z.strictObject({
      source: z.string(),
      id: z.string(),
      subject: z.string(),
      customer: z.string().nullable(),
      customerName: z.string().nullable(),
      type: z.string(),
      quantity: z.string().nullable(),
      unit: z.string().nullable(),
      recordedMs: Millis,
      state: z.string(),
    }),
  ),
});

/** A full path, or one beside the workspace that is asked. */
const NewFile = z
  .string()
  .max(1000)
  .regex(/^[^\p{Cc}]+\.tollkeeper$/u, 'a path that ends with .tollkeeper');

/** One change, by sequence, as it left the books. */
export const Change = z.strictObject({
  sequence: z.string(),
  type: z.string(),
  customer: z.string().nullable(),
  id: z.string().nullable(),
  recordedMs: Millis,
  count: z.int(),
});

const Found = z.strictObject({
  kind: z.enum(['customer', 'invoice', 'line', 'event', 'transaction', 'hold', 'grant']),
  id: z.string(),
  title: z.string(),
  detail: z.string(),
  /** An event's source, a line's invoice, or whose hold or grant it is. */
  of: z.string().nullable(),
});

export const workspace = {
  info: command({
    permission: 'books:read',
    idempotent: 'read',
    doc: 'What this workspace is and how it stands.',
    noPast: 'Of the program and its file, so of now.',
    input: Empty,
    output: Info,
  }),
  overview: command({
    permission: 'books:read',
    idempotent: 'read',
    doc: 'Is the money safe and what needs me?',
    input: AnyTime,
    output: Overview,
  }),
  find: command({
    permission: 'books:read',
    idempotent: 'read',
    doc: 'Customers by anything they are called; invoices, events, transactions, holds and grants by how they begin.',
    noPast: 'It finds ids; what they lead to takes both times.',
    input: z.strictObject({
      text: z.string().min(1).max(200),
      /** Of each kind. */
      limit: z.int().min(1).max(50).default(8),
    }),
    output: z.strictObject({ items: z.array(Found) }),
  }),
  set: command({
    permission: 'workspace:write',
    idempotent: 'by nature',
    doc: 'Change settings; each change is recorded with who made it.',
    input: Settings.partial(),
    output: Settings,
  }),
  backup: command({
    permission: 'workspace:write',
    idempotent: 'no',
    doc: 'Copy the workspace to a file while it goes on, then open the copy and verify it.',
    input: z.strictObject({ file: z.string().min(1).max(1000) }),
    output: z.strictObject({
      file: z.string(),
      bytes: z.string(),
      block: z.string(),
      verified: z.boolean(),
      tookMs: z.int(),
    }),
    errors: ['CONFLICT', 'STATE_FORBIDS'],
  }),
  create: command({
    permission: 'workspace:write',
    idempotent: 'no',
    doc: 'Make another workspace with the shipped plans and its first admin, beside this one or at a full path.',
    input: z.strictObject({ file: NewFile, name: Name, issuer: Name, operator: Name, passphrase: Passphrase }),
    output: z.strictObject({
      file: z.string(),
      /** The line that opens it. */
      command: z.string(),
    }),
    errors: ['CONFLICT', 'STATE_FORBIDS'],
  }),
  setLiveTraffic: command({
    permission: 'workspace:write',
    idempotent: 'by nature',
    doc: 'Sample workspace only: switch the simulated customers on or off. They call the real gateway.',
    input: z.strictObject({ on: z.boolean() }),
    output: z.strictObject({ on: z.boolean() }),
    errors: ['STATE_FORBIDS'],
  }),
  changes: command({
    permission: 'books:read',
    idempotent: 'read',
    doc: 'Changes by sequence from the outbox, from `after` on and then live; a gap is caught up by asking again.',
    noPast: 'Each carries when it was recorded.',
    input: z.strictObject({
      after: z
        .string()
        .regex(/^\d{1,19}$/)
        .optional(),
    }),
    // oRPC's iterator schema is no zod type, and `command` asks for one: both are the same to who calls.
    output: eventIterator(Change) as unknown as z.ZodType<AsyncIterable<z.infer<typeof Change>>>,
  }),
};
