/** The shapes that several commands share: ids, amounts, instants, pages. Limits are stated here once. */
import { z } from 'zod';

/** Minor units as a decimal integer in text: exact at any size in every carrier. */
export const MinorUnits = z.string().regex(/^-?\d{1,39}$/, 'an integer of minor units, as text');
/** A plain decimal in units of the meter or asset, as text. */
export const Decimal = z.string().regex(/^-?\d{1,20}(\.\d{1,18})?$/, 'a plain decimal such as 12.5, as text');
export const AssetCode = z.string().regex(/^[A-Z0-9]{1,12}\/(?:[0-9]|1[0-8])$/, 'an asset with its scale, as USDC/6');
/** UTC milliseconds, between 1970 and 9999. */
export const Millis = z.int().min(0).max(253_402_300_799_999);
export const IdempotencyKey = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[\x21-\x7e]+$/, 'printable ASCII without spaces');

const id = (prefix: string) =>
  z.string().regex(new RegExp(`^${prefix}_[0-9a-z]{8,40}$`), `an id that begins with ${prefix}_`);
export const CustomerId = id('cus');
export const OperatorId = id('opr');
export const KeyId = id('key');
export const HoldId = id('hld');
export const GrantId = id('grt');
export const DiscountId = id('dsc');
export const RateId = id('rte');
export const InvoiceId = id('inv');
export const LineId = id('lin');
export const PriceId = id('prc');
export const ReviewId = id('rev');
export const ReviewerId = id('rvr');
export const TransactionId = id('txn');
export const ParkedId = id('prk');
export const AlertRuleId = id('rul');
export const AlertId = id('alr');
export const NoticeId = id('ntc');
export const WebhookId = id('whk');
/** Where a notice goes: a webhook by its id, or mail. */
export const ChannelId = z.string().regex(/^(mail|whk_[0-9a-z]{8,40})$/, 'the id of a webhook, or mail');

/** What a customer may be called by: our id or the operator's own (external) id. */
export const CustomerRef = z.string().min(1).max(200);
export const MeterKey = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, 'lower case letters, digits, . _ -, at most 63');
export const Name = z
  .string()
  .min(1)
  .max(120)
  .regex(/^[^\p{Cc}]+$/u, 'no control characters');
/** A passphrase that is chosen now. */
export const Passphrase = z.string().min(10).max(200);
/** Names and values that an event is counted by; at most 50 of them. */
export const Dimensions = z
  .record(z.string().min(1).max(64), z.string().max(256))
  .refine((names) => Object.keys(names).length <= 50, { error: 'At most 50 dimensions' });

export const PageInput = { limit: z.int().min(1).max(500).default(50), cursor: z.string().max(400).optional() };
export const page = <T extends z.ZodType>(item: T) =>
  z.strictObject({ items: z.array(item), nextCursor: z.string().nullable() });

/** Reads may ask for another instant: `knownAtMs` for what the books knew then (all that was recorded by it) … */
export const KnownAt = { knownAtMs: Millis.optional() };
/** … and `asOfMs` for what was true then (all that happened before it). Settings are true from when they were made. */
export const AsOf = { asOfMs: Millis.optional(), ...KnownAt };
/** The input of a read that asks for nothing else. */
export const AnyTime = z.strictObject({ ...AsOf });

export const AssetAmount = z.strictObject({ asset: AssetCode, amountMinor: MinorUnits });
export const Balance = z.strictObject({
  asset: AssetCode,
  /** wallet + unbilled: what the books hold for the customer; below zero it owes. */
  postedMinor: MinorUnits,
  heldMinor: MinorUnits,
  /** Accepted events that are not posted yet, at today's price. */
  pendingMinor: MinorUnits,
  overdraftMinor: MinorUnits,
  /** posted − held − pending + overdraft: what the gate may still let pass. */
  spendableMinor: MinorUnits,
  walletMinor: MinorUnits,
  unbilledMinor: MinorUnits,
  receivableMinor: MinorUnits,
});

export const Empty = z.strictObject({});
export const Done = z.strictObject({ ok: z.literal(true) });
