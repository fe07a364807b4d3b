/** The mapping that was last chosen, kept while the screen is left: a mended file comes back to it. */
import type { System } from '../../lib/import-job.ts';
import type { MappingDraft } from './mapping-draft.ts';

type Kept = Readonly<{ of: string; draft: MappingDraft }>;
let kept: Kept | null = null;

export function keepDraft(of: string, draft: MappingDraft): void {
  kept = { of, draft };
}

/** The last draft, and whether it was of this file. */
export function keptDraft(of: string): Readonly<{ draft: MappingDraft; isOfThis: boolean }> | null {
  return kept && { draft: kept.draft, isOfThis: kept.of === of };
}

/** The systems by name, and what each is brought as. */
export const SYSTEM_NAMES: Readonly<Record<System, Readonly<{ label: string; brings: string }>>> = {
  openmeter: { label: 'OpenMeter', brings: 'Events, as CloudEvents or as its API lists them.' },
  lago: { label: 'Lago', brings: 'Customers, subscriptions as names of their customers, and events.' },
  stripe: { label: 'Stripe', brings: 'Customers with their credit, meters, prices and plans. Customers first.' },
  'credits-service': { label: 'Credits service', brings: 'Accounts, transactions and usage events.' },
  'invoice-service': { label: 'Invoice service', brings: 'Credit that is unspent, and the lines of drafts as usage.' },
};
