/** What grants are looked for by, as it stands in the address. */
import type { Grant, GrantRow } from '../../lib/shapes.ts';

export const GRANT_STATES = ['open', 'spent', 'expired', 'clawed-back'] as const satisfies readonly GrantRow['state'][];
export const SOURCES = [
  'prepaid',
  'promotional',
  'referral',
  'sla',
  'manual',
] as const satisfies readonly Grant['source'][];
export const ENDS = ['soon'] as const;
export const GRANT_TABS = ['statement'] as const;

export type CreditsSearch = Readonly<{
  standing?: (typeof GRANT_STATES)[number] | undefined;
  source?: (typeof SOURCES)[number] | undefined;
  asset?: string | undefined;
  ends?: (typeof ENDS)[number] | undefined;
  view?: (typeof GRANT_TABS)[number] | undefined;
}>;

/** The overview counts what ends within so many days, too. */
export const SOON_DAYS = 30;

export const STATE_WORDS: Readonly<Record<GrantRow['state'], string>> = {
  open: 'Open',
  spent: 'Spent',
  expired: 'Expired',
  'clawed-back': 'Taken back',
};

export const SOURCE_WORDS: Readonly<Record<Grant['source'], string>> = {
  prepaid: 'Prepaid',
  promotional: 'Promotional',
  referral: 'Referral',
  sla: 'Service level',
  manual: 'Manual',
};

/** The filter as the contract takes it. */
export function filterOf({ standing, source, asset, ends }: CreditsSearch) {
  return {
    ...(standing === undefined ? {} : { state: standing }),
    ...(source === undefined ? {} : { source }),
    ...(asset === undefined ? {} : { asset }),
    ...(ends === undefined ? {} : { expiringDays: SOON_DAYS }),
  };
}
