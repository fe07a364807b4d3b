/** Prepaid credit: grants that add to a customer's wallet, and in which order they burn. */
import { z } from 'zod';
import { CUSTOMER_ROLES } from '#core/domain/account.ts';
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
};
