/** Customers: who they are, what they may spend, their addresses and API keys. */
import { z } from 'zod';
import { command } from './command.ts';
import { SCOPES } from './permissions.ts';
import {
  AsOf,
  AssetCode,
  Balance,
  CustomerId,
  CustomerRef,
  Done,
  IdempotencyKey,
  KeyId,
  Millis,
  MinorUnits,
  Name,
  PageInput,
  page,
} from './shapes.ts';

export const Customer = z.strictObject({
  id: CustomerId,
  externalId: z.string().nullable(),
  name: Name,
  plan: z.string().nullable(),
  /** Billing period: the local day of month it turns on, in this zone. */
  anchorDay: z.int().min(1).max(31),
  timeZone: z.string(),
  overdrafts: z.array(z.strictObject({ asset: AssetCode, amountMinor: MinorUnits })),
  subjects: z.array(z.string()),
  addresses: z.array(z.strictObject({ chain: z.string(), address: z.string(), label: z.string().nullable() })),
  createdMs: Millis,
});

export const ApiKey = z.strictObject({
  id: KeyId,
  customer: CustomerId.nullable(),
  name: Name,
  prefix: z.string(),
  scopes: z.array(z.enum(SCOPES)),
  createdMs: Millis,
  lastUsedMs: Millis.nullable(),
  /** Not valid from this instant; set by rotation (overlap) and revocation. */
  endsMs: Millis.nullable(),
  replacedBy: KeyId.nullable(),
});
const NewKey = z.strictObject({ key: ApiKey, secret: z.string() });

/** Who wrote it stands by id and by the name they had then. */
const Note = z.strictObject({
  id: z.string(),
  text: z.string(),
  by: z.string(),
  byName: z.string(),
  writtenMs: Millis,
});

const Editable = {
  name: Name,
  plan: z.string().max(63).nullable(),
  anchorDay: z.int().min(1).max(31),
  timeZone: z.string().min(1).max(64),
};
const ExternalId = z.string().min(1).max(200);
const Chain = z.enum(['solana', 'evm']);

export const customers = {
  list: command({
    permission: 'customers:read',
    idempotent: 'read',
    doc: 'Customers by name, with their balances; `search` matches name, external id and subject.',
    input: z.strictObject({ ...PageInput, search: z.string().max(200).optional(), ...AsOf }),
    output: page(z.strictObject({ customer: Customer, balances: z.array(Balance), lastUsedMs: Millis.nullable() })),
    http: { method: 'GET', path: '/customers' },
  }),
  get: command({
    permission: 'customers:read',
    idempotent: 'read',
    doc: 'One customer, by our id or the external id.',
    input: z.strictObject({ customer: CustomerRef, ...AsOf }),
    output: Customer,
    errors: ['CUSTOMER_UNKNOWN'],
    http: { method: 'GET', path: '/customers/{customer}' },
  }),
  create: command({
    permission: 'customers:write',
    idempotent: 'by nature',
    doc: 'Add a customer. The same external id again answers its customer; without one, each call adds another.',
    input: z.strictObject({
      name: Name,
      externalId: ExternalId.optional(),
      plan: Editable.plan.default(null),
      anchorDay: Editable.anchorDay.default(1),
      timeZone: Editable.timeZone.default('UTC'),
      subjects: z.array(z.string().min(1).max(200)).max(50).default([]),
    }),
    output: Customer,
    errors: ['CONFLICT', 'NOT_FOUND'],
    http: { method: 'POST', path: '/customers', status: 200 },
  }),
  update: command({
    permission: 'customers:write',
    idempotent: 'by nature',
    doc: 'Change name, plan, billing day or zone. A plan or period change counts from now on.',
    input: z.strictObject({
      customer: CustomerRef,
      name: Editable.name.optional(),
      plan: Editable.plan.optional(),
      anchorDay: Editable.anchorDay.optional(),
      timeZone: Editable.timeZone.optional(),
    }),
    output: Customer,
    errors: ['CUSTOMER_UNKNOWN', 'NOT_FOUND'],
    http: { method: 'PATCH', path: '/customers/{customer}' },
  }),
  setOverdraft: command({
    permission: 'customers:write',
    idempotent: 'by nature',
    doc: 'How far below zero the gate lets this customer go in an asset.',
    input: z.strictObject({ customer: CustomerRef, asset: AssetCode, amountMinor: MinorUnits }),
    output: Customer,
    errors: ['CUSTOMER_UNKNOWN', 'AMOUNT_INVALID'],
  }),
  notes: command({
    permission: 'customers:read',
    idempotent: 'read',
    doc: 'What operators wrote down about a customer, the last note first. Notes are kept for ever.',
    input: z.strictObject({ ...PageInput, customer: CustomerRef, ...AsOf }),
    output: page(Note),
    errors: ['CUSTOMER_UNKNOWN'],
  }),
  addNote: command({
    permission: 'customers:write',
    idempotent: 'by key',
    doc: 'Write something down about a customer, for whoever looks at it next. It cannot be changed.',
    input: z.strictObject({ key: IdempotencyKey, customer: CustomerRef, text: z.string().trim().min(1).max(4000) }),
    output: Note,
    errors: ['CUSTOMER_UNKNOWN', 'KEY_REUSED'],
  }),
  linkAddress: command({
    permission: 'customers:write',
    idempotent: 'by nature',
    doc: 'Link an on-chain address to a customer; an address belongs to one customer.',
    input: z.strictObject({
      customer: CustomerRef,
      chain: Chain,
      address: z.string().min(26).max(64),
      label: Name.nullable().default(null),
    }),
    output: Customer,
    errors: ['CUSTOMER_UNKNOWN', 'CONFLICT'],
  }),
  balances: command({
    permission: 'customers:read',
    idempotent: 'read',
    doc: 'What a customer has, holds and owes per asset, now or as of an instant.',
    input: z.strictObject({ customer: CustomerRef, ...AsOf }),
    output: z.strictObject({ items: z.array(Balance), watermark: z.string() }),
    errors: ['CUSTOMER_UNKNOWN'],
    http: { method: 'GET', path: '/customers/{customer}/balances' },
  }),
};

export const keys = {
  list: command({
    permission: 'customers:read',
    idempotent: 'read',
    doc: 'API keys of a customer, or of the whole workspace.',
    input: z.strictObject({ customer: CustomerRef.optional(), ...AsOf }),
    output: z.strictObject({ items: z.array(ApiKey) }),
    errors: ['CUSTOMER_UNKNOWN'],
  }),
  create: command({
    permission: 'keys:write',
    idempotent: 'no',
    doc: 'Make an API key. The secret is shown once and stored only as a hash.',
    input: z.strictObject({
      name: Name,
      customer: CustomerRef.optional(),
      scopes: z.array(z.enum(SCOPES)).min(1).max(SCOPES.length),
    }),
    output: NewKey,
    errors: ['CUSTOMER_UNKNOWN'],
  }),
  rotate: command({
    permission: 'keys:write',
    idempotent: 'no',
    doc: 'Make a successor; the old key goes on for the overlap (at most 30 days), then ends.',
    input: z.strictObject({
      id: KeyId,
      overlapMs: z
        .int()
        .min(0)
        .max(30 * 86_400_000),
    }),
    output: NewKey,
    errors: ['NOT_FOUND', 'STATE_FORBIDS'],
  }),
  revoke: command({
    permission: 'keys:write',
    idempotent: 'by nature',
    doc: 'End a key now.',
    input: z.strictObject({ id: KeyId }),
    output: Done,
    errors: ['NOT_FOUND'],
  }),
};
