/** Which price counts for a customer: its own before its plan's before everyone's, the newest that has begun. */
import type { Customer, Price } from './shapes.ts';

const rankOf = (price: Price): number => (price.customer !== null ? 0 : price.plan !== null ? 1 : 2);

/** One price a meter, by the meter's key. */
export function pricesInForce(
  prices: readonly Price[],
  customer: Pick<Customer, 'id' | 'plan'>,
  atMs: number,
): readonly Price[] {
  const found = new Map<string, Price>();
  for (const price of prices) {
    if (price.effectiveFromMs > atMs) continue;
    if (price.customer !== null && price.customer !== customer.id) continue;
    if (price.plan !== null && price.plan !== customer.plan) continue;
    const known = found.get(price.meter);
    const isBetter =
      known === undefined ||
      rankOf(price) < rankOf(known) ||
      (rankOf(price) === rankOf(known) && price.effectiveFromMs > known.effectiveFromMs) ||
      (rankOf(price) === rankOf(known) &&
        price.effectiveFromMs === known.effectiveFromMs &&
        price.version > known.version);
    if (isBetter) found.set(price.meter, price);
  }
  return [...found.values()].toSorted((a, b) => (a.meter < b.meter ? -1 : 1));
}
