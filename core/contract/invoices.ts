/** Invoices: closing a period, finalizing with a gapless number, and explaining every line down to the event. */
import { z } from 'zod';
import { LINE_KINDS } from '#core/domain/invoice.ts';
import { command } from './command.ts';
import { AsOf, AssetCode, CustomerRef, InvoiceId, LineId, Millis, MinorUnits, PageInput, page } from './shapes.ts';

export const INVOICE_STATES = ['draft', 'finalized', 'sent', 'paid', 'overdue', 'voided'] as const;

export const InvoiceLine = z.strictObject({
  id: LineId,
  kind: z.enum(LINE_KINDS),
  description: z.string(),
  meter: z.string().nullable(),
  /** Quota month of the price, `YYYY-MM` UTC. */
  month: z.string().nullable(),
  price: z.string().nullable(),
  priceVersion: z.int().nullable(),
  quantity: z.string(),
  unit: z.string(),
  /** The rate in words, as `10 000 µUSDC a unit above 10 000`. */
  rate: z.string(),
  amountMinor: MinorUnits,
  /** The discount it came from. */
  rule: z.string().optional(),
});

export const Invoice = z.strictObject({
  id: InvoiceId,
  number: z.string().nullable(),
  kind: z.enum(['usage', 'credit-note']),
  state: z.enum(INVOICE_STATES),
  customer: z.string(),
  customerName: z.string(),
  asset: AssetCode,
  periodStartMs: Millis,
  periodEndMs: Millis,
  createdMs: Millis,
  finalizedMs: Millis.nullable(),
  dueMs: Millis.nullable(),
  totalMinor: MinorUnits,
  paidFromCreditMinor: MinorUnits,
  dueMinor: MinorUnits,
  /** SHA-256 of the frozen bytes, once finalized. */
  sha256: z.string().nullable(),
});
export const InvoiceDetail = z.strictObject({ invoice: Invoice, lines: z.array(InvoiceLine) });

const Step = z.strictObject({
  title: z.string(),
  text: z.string(),
  /** The sum of this step as it was recomputed just now, for a person to check. */
  arithmetic: z.string().nullable(),
  ok: z.boolean().nullable(),
});
const ExplainEvent = z.strictObject({
  source: z.string(),
  id: z.string(),
  occurredAtMs: Millis,
  quantity: z.string(),
  sequence: z.string(),
  holdId: z.string().nullable(),
});
const ExplainEntry = z.strictObject({
  transaction: z.string(),
  account: z.string(),
  label: z.string(),
  asset: AssetCode,
  amountMinor: MinorUnits,
  grant: z.string().nullable(),
  block: z.string(),
  recordedMs: Millis,
});
export const Explanation = z.strictObject({
  /** What was asked about: a line, an event, a transaction or a hold. */
  subject: z.strictObject({
    kind: z.enum(['line', 'event', 'transaction', 'hold', 'invoice']),
    id: z.string(),
    title: z.string(),
  }),
  invoice: Invoice.nullable(),
  line: InvoiceLine.nullable(),
  steps: z.array(Step),
  eventCount: z.string(),
  sources: z.array(z.strictObject({ source: z.string(), count: z.string() })),
  events: z.array(ExplainEvent),
  nextEventCursor: z.string().nullable(),
  entries: z.array(ExplainEntry),
  entryCount: z.string(),
  firstBlock: z.string().nullable(),
  lastBlock: z.string().nullable(),
  /** Whether every recomputed figure agrees with what was booked. */
  agrees: z.boolean(),
});

export const invoices = {
  list: command({
    permission: 'invoices:read',
    idempotent: 'read',
    doc: 'Invoices, newest first.',
    input: z.strictObject({
      ...PageInput,
      customer: CustomerRef.optional(),
      state: z.enum(INVOICE_STATES).optional(),
      ...AsOf,
    }),
    output: page(Invoice),
    errors: ['CUSTOMER_UNKNOWN'],
    http: { method: 'GET', path: '/invoices' },
  }),
  get: command({
    permission: 'invoices:read',
    idempotent: 'read',
    doc: 'One invoice with its lines.',
    input: z.strictObject({ invoice: z.string().min(1).max(60), ...AsOf }),
    output: InvoiceDetail,
    errors: ['NOT_FOUND'],
    http: { method: 'GET', path: '/invoices/{invoice}' },
  }),
  close: command({
    permission: 'invoices:write',
    idempotent: 'by nature',
    doc: 'Close every period that ended by this instant into drafts, once; running it again changes nothing.',
    input: z.strictObject({
      /** Close periods that ended at or before this; now when absent. */
      untilMs: Millis.optional(),
      customer: CustomerRef.optional(),
      /** Also finalize the drafts. */
      finalize: z.boolean().default(false),
      /** End the current period early at `untilMs`, for one customer: what came until then is billed now. */
      early: z.boolean().default(false),
    }),
    output: z.strictObject({
      drafts: z.int(),
      finalized: z.int(),
      unchanged: z.int(),
      invoices: z.array(InvoiceId).max(1000),
    }),
    errors: ['CUSTOMER_UNKNOWN', 'STATE_FORBIDS'],
  }),
  finalize: command({
    permission: 'invoices:write',
    idempotent: 'by nature',
    doc: 'Freeze a draft: next gapless number, credit consumed, receivable booked, bytes never to change.',
    input: z.strictObject({ invoice: InvoiceId }),
    output: InvoiceDetail,
    errors: ['NOT_FOUND', 'STATE_FORBIDS'],
  }),
  document: command({
    permission: 'invoices:read',
    idempotent: 'read',
    doc: 'The frozen bytes of a finalized invoice, as canonical JSON text.',
    input: z.strictObject({ invoice: z.string().min(1).max(60), ...AsOf }),
    output: z.strictObject({ bytes: z.string(), sha256: z.string() }),
    errors: ['NOT_FOUND', 'STATE_FORBIDS'],
  }),
  explain: command({
    permission: 'invoices:read',
    idempotent: 'read',
    doc: 'Why? From an invoice line to rate, events and entries; from an event (source and id) to its line.',
    input: z.strictObject({
      id: z.string().min(1).max(420),
      source: z.string().max(200).optional(),
      ...AsOf,
      cursor: z.string().max(400).optional(),
      limit: z.int().min(1).max(500).default(50),
    }),
    output: Explanation,
    errors: ['NOT_FOUND'],
  }),
};

export const lineId = LineId;
