/** For whom a price counts: everyone, the customers of a plan, or one customer. */

/** Prices of one scope are versions of each other; a customer's own price hides its plan's, and that everyone's. */
export function priceScope(meter: string, whose: Readonly<{ customer: string | null; plan: string | null }>): string {
  const { customer, plan } = whose;
  return `${meter}|${customer ?? ''}|${customer === null ? (plan ?? '') : ''}`;
}
