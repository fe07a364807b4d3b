/** Rates between assets: what one was worth in another, with who says so and when it was seen. */
import { z } from 'zod';
import { command } from './command.ts';
import { AsOf, AssetCode, IdempotencyKey, Millis, MinorUnits, Name, PageInput, RateId, page } from './shapes.ts';

export const RateView = z.strictObject({
  id: RateId,
  from: AssetCode,
  to: AssetCode,
  /** `numerator / denominator` minor units of `to` for each minor unit of `from`. */
  numerator: MinorUnits,
  denominator: MinorUnits,
  source: Name,
  observedMs: Millis,
  /** When it stops to count: the next one was seen, or it is too old. */
  untilMs: Millis,
});

export const rates = {
  list: command({
    permission: 'prices:read',
    idempotent: 'read',
    doc: 'Rates between assets, the last seen first; optionally of one pair.',
    input: z.strictObject({ ...PageInput, from: AssetCode.optional(), to: AssetCode.optional(), ...AsOf }),
    output: page(RateView),
  }),
  record: command({
    permission: 'prices:write',
    idempotent: 'by key',
    doc: 'Record what one asset is worth in another. Usage from its instant on is charged by it until the next one.',
    input: z.strictObject({
      key: IdempotencyKey,
      from: AssetCode,
      to: AssetCode,
      /** How many whole `to` one whole `from` is worth, as a plain decimal. */
      rate: z.string().regex(/^\d{1,20}(\.\d{1,20})?$/, 'a plain decimal such as 0.0065, as text'),
      /** Who says so: an exchange, an oracle, a person. */
      source: Name,
      /** When it was seen; now when absent. Not in the future, and not before the last one of the pair. */
      observedMs: Millis.optional(),
    }),
    output: RateView,
    errors: ['STATE_FORBIDS', 'KEY_REUSED'],
  }),
};
