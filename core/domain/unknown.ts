/** The refusals for a customer or meter that nobody knows: said the same way at every door. */
import type { Refusal } from './refusal.ts';

export function unknownCustomer(ref: string): Refusal {
  return {
    code: 'CUSTOMER_UNKNOWN',
    detail: `No customer is known as "${ref.slice(0, 80)}".`,
    fix: 'Create the customer, or send the id, external id or a subject of one.',
    values: { customer: ref.slice(0, 200) },
  };
}

export function unknownMeter(key: string): Refusal {
  return {
    code: 'METER_UNKNOWN',
    detail: `No meter has the key "${key.slice(0, 63)}".`,
    fix: 'Define the meter first, or check the spelling.',
    values: { meter: key.slice(0, 63) },
  };
}
