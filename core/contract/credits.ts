/** Prepaid credit: grants that add to a customer's wallet, and in which order they burn. */
import { z } from 'zod';
import { CUSTOMER_ROLES } from '#core/domain/account.ts';
import { GRANT_STATES } from '#core/domain/credit.ts';
import { command } from './command.ts';
import {
  AsOf,
  AssetCode,
  CustomerRef,
  GrantId,
  IdempotencyKey,
  Millis,
  MinorUnits,
  PageInput,
  TransactionId,
  page,
} from './shapes.ts';

export const GRANT_SOURCES = ['prepaid', 'promotional', 'referral', 'sla', 'manual'] as const;

export const Grant = z.strictObject({
  id: GrantId,
  customer: z.string(),
  asset: AssetCode,
  source: z.enum(GRANT_SOURCES),
  note: z.string(),
  /** Lower burns first. */
  priority: z.int().min(0).max(1000),
  grantedMinor: MinorUnits,
  consumedMinor: MinorUnits,
  expiredMinor: MinorUnits,
  /** Taken back unspent by an operator. */
  clawedBackMinor: MinorUnits,
  remainingMinor: MinorUnits,
  createdMs: Millis,
  expiresAtMs: Millis.nullable(),
  transaction: TransactionId,
});

/** A grant as it stands among those of all customers. */
export const GrantRow = Grant.extend({ customerName: z.string(), state: z.enum(GRANT_STATES) });

/** What grants are looked for by. */
const GrantFilter = {
  source: z.enum(GRANT_SOURCES).optional(),
  asset: AssetCode.optional(),
  state: z.enum(GRANT_STATES).optional(),
  customer: CustomerRef.optional(),
  /** Only what has something left and ends within so many days. */
  expiringDays: z.int().min(1).max(3660).optional(),
};

const Parts = {
  grantedMinor: MinorUnits,
  consumedMinor: MinorUnits,
  expiredMinor: MinorUnits,
  clawedBackMinor: MinorUnits,
  remainingMinor: MinorUnits,
};

export const credits = {
  grant: command({
    permission: 'credits:write',
    idempotent: 'by key',
    doc: 'Grant credit. What the customer owes unbilled is paid from it first; the rest waits in the wallet.',
    input: z.strictObject({
      key: IdempotencyKey,
      customer: CustomerRef,
      asset: AssetCode,
      amountMinor: MinorUnits,
      source: z.enum(GRANT_SOURCES),
      note: z.string().max(500).default(''),
      priority: z.int().min(0).max(1000).default(100),
      expiresAtMs: Millis.nullable().default(null),
    }),
    output: Grant,
    errors: ['CUSTOMER_UNKNOWN', 'AMOUNT_INVALID', 'KEY_REUSED'],
  }),
  clawBack: command({
    permission: 'credits:write',
    idempotent: 'by key',
    doc: 'Take back what a grant has left and no open hold counts on. What it paid already stays paid.',
    input: z.strictObject({
      key: IdempotencyKey,
      grant: GrantId,
      /** Minor units; all that can be taken when absent. */
      amountMinor: MinorUnits.optional(),
      reason: z.string().min(1).max(500),
    }),
    output: z.strictObject({ grant: Grant, amountMinor: MinorUnits, transaction: TransactionId }),
    errors: ['NOT_FOUND', 'AMOUNT_INVALID', 'STATE_FORBIDS', 'KEY_REUSED'],
  }),
  statement: command({
    permission: 'customers:read',
    idempotent: 'read',
    doc: 'What money of a customer did in one asset: opening, moves by day, closing, and its grants, at any instant.',
    input: z.strictObject({ customer: CustomerRef, asset: AssetCode, fromMs: Millis.default(0), ...AsOf }),
    output: z.strictObject({
      customer: z.string(),
      asset: AssetCode,
      fromMs: Millis,
      asOfMs: Millis.nullable(),
      knownAtMs: Millis.nullable(),
      accounts: z.array(
        z.strictObject({
          role: z.enum(CUSTOMER_ROLES),
          account: z.string(),
          openingMinor: MinorUnits,
          closingMinor: MinorUnits,
          /** One a day (UTC), kind of transaction and reason, oldest first. */
          moves: z.array(
            z.strictObject({
              dayMs: Millis,
              kind: z.string(),
              memo: z.string(),
              amountMinor: MinorUnits,
              transactions: z.int(),
            }),
          ),
        }),
      ),
      grants: z.array(Grant.omit({ customer: true, asset: true })),
      /** Whether moves explain the difference of each account, and what grants have left is what the wallet holds. */
      agrees: z.boolean(),
    }),
    errors: ['CUSTOMER_UNKNOWN'],
  }),
  list: command({
    permission: 'customers:read',
    idempotent: 'read',
    doc: 'Grants of a customer in burn order, spent ones last.',
    input: z.strictObject({ customer: CustomerRef, ...PageInput, ...AsOf }),
    output: page(Grant),
    errors: ['CUSTOMER_UNKNOWN'],
  }),
  all: command({
    permission: 'customers:read',
    idempotent: 'read',
    doc: 'Grants of every customer: those that end soonest first, then the others, newest first.',
    input: z.strictObject({ ...GrantFilter, ...PageInput, ...AsOf }),
    output: page(GrantRow),
    errors: ['CUSTOMER_UNKNOWN'],
  }),
  totals: command({
    permission: 'customers:read',
    idempotent: 'read',
    doc: 'What grants came to by asset: granted, consumed, expired, taken back, left; and what of it ends soon.',
    input: z.strictObject({ ...GrantFilter, ...AsOf }),
    output: z.strictObject({
      items: z.array(
        z.strictObject({
          asset: AssetCode,
          grants: z.int(),
          open: z.int(),
          ...Parts,
          /** Of what is left: what ends within 30 days. */
          expiringMinor: MinorUnits,
          expiringGrants: z.int(),
        }),
      ),
    }),
    errors: ['CUSTOMER_UNKNOWN'],
  }),
  burnDown: command({
    permission: 'customers:read',
    idempotent: 'read',
    doc: 'Credit left in one asset at the end of each UTC day, as the books had it then, and what moved it.',
    input: z.strictObject({
      asset: AssetCode,
      customer: CustomerRef.optional(),
      days: z.int().min(1).max(366).default(90),
      ...AsOf,
    }),
    output: z.strictObject({
      asset: AssetCode,
      openingMinor: MinorUnits,
      days: z.array(
        z.strictObject({
          dayMs: Millis,
          grantedMinor: MinorUnits,
          /** Below zero where more was given back than was consumed. */
          consumedMinor: MinorUnits,
          expiredMinor: MinorUnits,
          clawedBackMinor: MinorUnits,
          /** At the end of the day; the last day is not over yet. */
          remainingMinor: MinorUnits,
        }),
      ),
    }),
    errors: ['CUSTOMER_UNKNOWN'],
  }),
  get: command({
    permission: 'customers:read',
    idempotent: 'read',
    doc: 'One grant, with its customer and how it stands.',
    input: z.strictObject({ grant: GrantId, ...AsOf }),
    output: GrantRow,
    errors: ['NOT_FOUND'],
  }),
  moves: command({
    permission: 'customers:read',
    idempotent: 'read',
    doc: 'How a grant was burnt: each entry, newest first, with the meter and invoice it paid for.',
    input: z.strictObject({ grant: GrantId, ...PageInput, ...AsOf }),
    output: page(
      z.strictObject({
        transaction: TransactionId,
        kind: z.string(),
        memo: z.string(),
        amountMinor: MinorUnits,
        happenedMs: Millis,
        recordedMs: Millis,
        by: z.string(),
        meter: z.string().nullable(),
        /** The invoice that bills what it paid; null where it bills nothing, or is not drawn yet. */
        invoice: z.strictObject({ id: z.string(), number: z.string().nullable() }).nullable(),
      }),
    ),
    errors: ['NOT_FOUND'],
  }),
};
