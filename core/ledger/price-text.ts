/** A price of the books in words: as it is stated, and in which asset it is charged. */
import { symbolOf } from '#core/domain/money.ts';
import { modelText } from '#core/domain/words.ts';
import type { KnownPrice, MeterRecord } from './catalog.ts';

/** The words of a price as the catalog states it (not as it was charged by a snapshot). */
export function priceText({ record, price }: KnownPrice, meter: MeterRecord): string {
  const stated = modelText(price.model, record.asset, meter);
  const { chargedIn = null } = record;
  return chargedIn === null ? stated : `${stated}, charged in ${symbolOf(chargedIn)} at the rate of the moment`;
}
