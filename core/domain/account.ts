/**
 * The names of accounts and what they mean. Amounts are seen from the customer: above zero it has, below zero it
 * owes.
 */
import type { Asset } from './money.ts';

/**
 * `wallet` prepaid credit not burnt yet · `unbilled` usage posted and not invoiced (below zero) · `advance` taken
 * ahead of
 * the next grant (below zero) · `receivable` invoiced and not paid (below zero).
 */
export const CUSTOMER_ROLES = ['wallet', 'unbilled', 'advance', 'receivable'] as const;
export type CustomerRole = (typeof CUSTOMER_ROLES)[number];

export type AccountRef = Readonly<{ id: string; customer: string | null; role: string; asset: Asset }>;

/** The account of a customer in one role and asset. */
export function customerAccount(customer: string, role: CustomerRole, asset: Asset): AccountRef {
  return { id: `${customer}:${role}:${asset}`, customer, role, asset };
}

/** What rating a meter earned. */
export function revenueAccount(meter: string, asset: Asset): AccountRef {
  return { id: `revenue:usage:${meter}:${asset}`, customer: null, role: 'revenue', asset };
}

/** What discounts of one kind took off invoices; below zero by all of it. */
export function discountAccount(kind: string, asset: Asset): AccountRef {
  return { id: `discount:${kind}:${asset}`, customer: null, role: 'discount', asset };
}

/** What a plan's base fee, a price's minimum or a commitment's shortfall earned. */
export function feeAccount(kind: 'base-fee' | 'minimum' | 'commitment', asset: Asset): AccountRef {
  return { id: `revenue:${kind}:${asset}`, customer: null, role: 'revenue', asset };
}

/** Where granted credit comes from, by source (prepaid, promotional …); below zero by all that was granted. */
export function fundingAccount(source: string, asset: Asset): AccountRef {
  return { id: `funding:${source}:${asset}`, customer: null, role: 'funding', asset };
}

/** Work beyond hold and balance that the meter's policy writes off. */
export function writeOffAccount(asset: Asset): AccountRef {
  return { id: `write-off:overshoot:${asset}`, customer: null, role: 'write-off', asset };
}

/** Credit that expired before it was used. */
export function breakageAccount(asset: Asset): AccountRef {
  return { id: `breakage:expired:${asset}`, customer: null, role: 'breakage', asset };
}

const ROLE_WORDS: Readonly<Record<string, string>> = {
  wallet: 'prepaid credit',
  unbilled: 'used, not invoiced',
  advance: 'owed to the next grant',
  receivable: 'invoiced, not paid',
};

/** The account in words, for people. `customerName` when it belongs to one. */
export function accountLabel(id: string, customerName: string | null): string {
  const parts = id.split(':');
  if (customerName !== null) return `${customerName} · ${ROLE_WORDS[parts[1] ?? ''] ?? parts[1] ?? ''}`;
  if (parts[0] === 'revenue') return `Revenue · ${parts[1] === 'usage' ? (parts[2] ?? '') : (parts[1] ?? '')}`;
  if (parts[0] === 'funding') return `Granted · ${parts[1] ?? ''}`;
  if (parts[0] === 'discount') return `Discounts · ${parts[1] ?? ''}`;
  if (parts[0] === 'write-off') return 'Written off · overshoot';
  return parts[0] === 'breakage' ? 'Expired credit' : id;
}
