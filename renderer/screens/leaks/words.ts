/** Leaks in words: what each kind is called, where its next step is, and how a finding is named in an address. */
import type { Finding, LeakStep } from '../../lib/leak-job.ts';
import { groupDecimal } from '../../lib/money.ts';

export const KIND_WORDS: Readonly<Record<Finding['kind'], string>> = {
  'gated-not-captured': 'Let through, not charged',
  'captured-not-rated': 'Used, not rated',
  'key-without-customer': 'Key of nobody',
  'quota-never-bills': 'Quota never bills',
  'price-below-cost': 'Sold below cost',
  'idle-grant': 'Credit lies idle',
};

export const CHECK_WORDS: Readonly<Record<LeakStep['check'], string>> = {
  'gated-not-captured': 'Looking for holds that ran out without a charge',
  'captured-not-rated': 'Looking for usage that waits unrated',
  'key-without-customer': 'Looking for keys that send usage of nobody',
  'quota-never-bills': 'Looking for quotas that nobody reaches',
  'price-below-cost': 'Comparing what customers bring in with what they cost',
  'idle-grant': 'Looking for credit that lies idle',
};

/** What a finding is made of, counted. */
const MADE_OF: Readonly<Record<Finding['kind'], readonly [one: string, many: string]>> = {
  'gated-not-captured': ['hold', 'holds'],
  'captured-not-rated': ['event', 'events'],
  'key-without-customer': ['event', 'events'],
  'quota-never-bills': ['month', 'months'],
  'price-below-cost': ['line', 'lines'],
  'idle-grant': ['grant', 'grants'],
};

export function countWords({ kind, count }: Pick<Finding, 'kind' | 'count'>): string {
  const [one, many] = MADE_OF[kind];
  return count === 1 ? `1 ${one}` : `${groupDecimal(String(count))} ${many}`;
}

/** A finding's name within one search: its asset and its place there. */
export const keyOf = ({ asset, rank }: Finding): string => `${(asset ?? 'no-price').replace('/', '-')}-${rank}`;

export type NextStep = Readonly<{ label: string; href: string }>;

/** Where the next step is taken. */
export function nextStep({ kind, customer, evidence }: Finding): NextStep {
  const ofCustomer = (tab: string): string => (customer === null ? '/customers' : `/customers/${customer}?tab=${tab}`);
  switch (kind) {
    case 'gated-not-captured':
      return { label: 'Open its holds', href: ofCustomer('holds') };
    case 'captured-not-rated':
      return { label: 'Open the unrated queue', href: '/usage?show=unrated' };
    case 'key-without-customer':
      return { label: 'Create the customer', href: '/customers/new' };
    case 'quota-never-bills':
      return { label: 'Open the prices', href: '/tiers' };
    case 'price-below-cost':
      return { label: 'Open the prices', href: '/tiers' };
    case 'idle-grant':
      return { label: evidence.length > 0 ? 'Open the grant' : 'Open its credit', href: ofCustomer('credit') };
  }
}

/** How far the search is, in thousandths: by its checks, since nobody knows beforehand how many rows each has. */
export const perMilleOf = ({ done, step, steps }: LeakStep): number =>
  done ? 1000 : Math.floor((1000 * (step - 1)) / Math.max(1, steps));
