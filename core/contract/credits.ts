/** Prepaid credit: grants that add to a customer's wallet, and in which order they burn. */
import { z } from 'zod';
import { command } from './command.ts';
import {
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
  list: command({
    permission: 'customers:read',
    idempotent: 'read',
    doc: 'Grants of a customer in burn order, spent ones last.',
    input: z.strictObject({ customer: CustomerRef, ...PageInput }),
    output: page(Grant),
    errors: ['CUSTOMER_UNKNOWN'],
  }),
};
