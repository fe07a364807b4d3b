/** The books as a person reads them: entries, transactions, accounts, blocks, and their proof. */
import { z } from 'zod';
import { eventIterator } from '@orpc/contract';
import { command } from './command.ts';
import { AsOf, AssetCode, CustomerRef, Millis, MinorUnits, PageInput, page } from './shapes.ts';

export const Entry = z.strictObject({
  transaction: z.string(),
  kind: z.string(),
  account: z.string(),
  label: z.string(),
  asset: AssetCode,
  amountMinor: MinorUnits,
  /** The account's balance after this entry. */
  balanceMinor: MinorUnits,
  grant: z.string().nullable(),
  happenedMs: Millis,
  recordedMs: Millis,
  block: z.string(),
  by: z.string(),
  memo: z.string(),
});
export const Transaction = z.strictObject({
  id: z.string(),
  kind: z.string(),
  sequence: z.string(),
  block: z.string(),
  hash: z.string(),
  happenedMs: Millis,
  recordedMs: Millis,
  by: z.string(),
  entries: z.array(Entry),
  /** What was decided, as canonical JSON text. */
  body: z.string(),
});

export const VerifyProgress = z.strictObject({
  done: z.boolean(),
  /** The check under way or failed, as `blocks`, `balances`, `holds`. */
  check: z.string(),
  checked: z.string(),
  total: z.string(),
  ok: z.boolean().nullable(),
  /** The first bad row: table, key and a sentence. */
  problem: z.strictObject({ table: z.string(), key: z.string(), detail: z.string() }).nullable(),
  block: z.string(),
  finishedMs: Millis.nullable(),
});

/** The two sides of a comparison, each with both times; a side without either is now. */
const Sides = {
  oldAsOfMs: Millis.optional(),
  oldKnownAtMs: Millis.optional(),
  newAsOfMs: Millis.optional(),
  newKnownAtMs: Millis.optional(),
};
const DIFF_PARTS = ['posted', 'held', 'receivable', 'total'] as const;
const DIFF_KINDS = ['usage', 'correction', 'grant', 'hold', 'fee', 'discount', 'invoice', 'other'] as const;
export const DiffItem = z.strictObject({
  /** The part of the balance that it moved; `total` on an invoice. */
  part: z.enum(DIFF_PARTS),
  kind: z.enum(DIFF_KINDS),
  /** A grant, hold, discount, line or invoice. */
  id: z.string().nullable(),
  meter: z.string().nullable(),
  memo: z.string(),
  transaction: z.string().nullable(),
  /** How many events, and the first of them; `invoices.explain` of the transaction lists all. */
  events: z.int(),
  eventIds: z.array(z.strictObject({ source: z.string(), id: z.string() })),
  happenedMs: Millis.nullable(),
  recordedMs: Millis.nullable(),
  amountMinor: MinorUnits,
});

export const ledger = {
  entries: command({
    permission: 'books:read',
    idempotent: 'read',
    doc: 'Entries of a customer or an account, newest first.',
    input: z.strictObject({
      ...PageInput,
      customer: CustomerRef.optional(),
      account: z.string().max(200).optional(),
      ...AsOf,
    }),
    output: page(Entry),
    errors: ['CUSTOMER_UNKNOWN'],
  }),
  transaction: command({
    permission: 'books:read',
    idempotent: 'read',
    doc: 'One transaction with its entries.',
    input: z.strictObject({ id: z.string().max(60), ...AsOf }),
    output: Transaction,
    errors: ['NOT_FOUND'],
  }),
  accounts: command({
    permission: 'books:read',
    idempotent: 'read',
    doc: 'Every account with its balance, now or as of an instant; per asset they sum to zero.',
    input: z.strictObject({ ...AsOf }),
    output: z.strictObject({
      items: z.array(
        z.strictObject({ account: z.string(), label: z.string(), asset: AssetCode, balanceMinor: MinorUnits }),
      ),
      sums: z.array(z.strictObject({ asset: AssetCode, sumMinor: MinorUnits })),
    }),
  }),
  diff: command({
    permission: 'books:read',
    idempotent: 'read',
    doc: 'What came between two instants of a balance or an invoice: old, new, and each thing that made it differ.',
    noPast: 'It takes four: both times of the old side and of the new.',
    input: z
      .strictObject({
        ...PageInput,
        customer: CustomerRef.optional(),
        asset: AssetCode.optional(),
        invoice: z.string().min(1).max(60).optional(),
        ...Sides,
      })
      .refine(
        ({ customer, asset, invoice }) => (invoice === undefined) === (customer !== undefined && asset !== undefined),
        {
          error: 'Name a customer and an asset, or an invoice',
        },
      ),
    output: z.strictObject({
      customer: z.string(),
      asset: AssetCode,
      invoice: z.string().nullable(),
      /** Of a balance: posted (wallet and unbilled), held and receivable. What waits to be posted is in none. */
      parts: z.array(
        z.strictObject({
          part: z.enum(DIFF_PARTS),
          oldMinor: MinorUnits,
          newMinor: MinorUnits,
          differenceMinor: MinorUnits,
        }),
      ),
      items: z.array(DiffItem),
      nextCursor: z.string().nullable(),
    }),
    errors: ['CUSTOMER_UNKNOWN', 'NOT_FOUND'],
  }),
  verify: command({
    permission: 'books:verify',
    idempotent: 'read',
    doc: 'Prove the books: chain, sums, balances, usage, invoices, every table; names the first bad row.',
    noPast: 'The whole chain at once, so of now.',
    input: z.strictObject({}),
    // oRPC's iterator schema is no zod type, and `command` asks for one: both are the same to who calls.
    output: eventIterator(VerifyProgress) as unknown as z.ZodType<AsyncIterable<z.infer<typeof VerifyProgress>>>,
  }),
};
