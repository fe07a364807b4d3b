/** The states an invoice may be filtered by, as they stand in the address. */
import type { Invoice } from '../../lib/shapes.ts';

export type InvoiceState = Invoice['state'];
export const INVOICE_STATES = [
  'draft',
  'finalized',
  'sent',
  'paid',
  'overdue',
  'voided',
] as const satisfies readonly InvoiceState[];

export const STATE_CHIPS: readonly { value: InvoiceState | undefined; label: string }[] = [
  { value: undefined, label: 'All' },
  { value: 'draft', label: 'Drafts' },
  { value: 'finalized', label: 'Finalized' },
  { value: 'overdue', label: 'Overdue' },
  { value: 'paid', label: 'Paid' },
];
