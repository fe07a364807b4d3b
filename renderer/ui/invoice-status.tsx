/** The state of an invoice in shape and word; an overdue one says for how long. */
import { useNow } from '../lib/now.ts';
import type { Invoice } from '../lib/shapes.ts';
import { spanText } from '../lib/time.ts';
import { Status } from './marks.tsx';

export function InvoiceStatus({ invoice }: { invoice: Pick<Invoice, 'state' | 'dueMs'> }) {
  const now = useNow();
  switch (invoice.state) {
    case 'draft':
      return (
        <Status tone="quiet" shape="ring">
          Draft
        </Status>
      );
    case 'finalized':
      return (
        <Status tone="good" shape="check">
          Finalized
        </Status>
      );
    case 'sent':
      return (
        <Status tone="info" shape="dot">
          Sent
        </Status>
      );
    case 'paid':
      return (
        <Status tone="good" shape="check">
          Paid
        </Status>
      );
    case 'voided':
      return (
        <Status tone="quiet" shape="cross">
          Voided
        </Status>
      );
    case 'overdue':
      return (
        <Status tone="danger" shape="square">
          Overdue{invoice.dueMs === null ? '' : ` ${spanText(now - invoice.dueMs)}`}
        </Status>
      );
  }
}
