/** Where something that was found is looked at. */
import type { Outputs } from '../lib/rpc.ts';

export type Found = Outputs['workspace']['find']['items'][number];

const part = encodeURIComponent;

/** The address of a found thing, in the drawer that is made for it. */
export function hrefOf({ kind, id, of }: Found): string {
  switch (kind) {
    case 'customer':
      return `/customers/${part(id)}`;
    case 'invoice':
      return `/invoices/${part(id)}`;
    case 'line':
      return `/invoices/${part(of ?? '')}/lines/${part(id)}`;
    case 'event':
      return `/explain/event/${part(of ?? '')}/${part(id)}`;
    case 'transaction':
      return `/ledger/${part(id)}`;
    case 'hold':
      return `/customers/${part(of ?? '')}?tab=holds`;
    case 'grant':
      return `/customers/${part(of ?? '')}?tab=credit`;
  }
}
