/** One invoice beside the list: lines, totals, finalizing, and why each line is what it is. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { amountLine } from '../../lib/money.ts';
import { useZone } from '../../lib/preferences.ts';
import { orpc } from '../../lib/rpc.ts';
import { useMay } from '../../lib/session.tsx';
import type { Invoice, InvoiceDetail } from '../../lib/shapes.ts';
import { dateText, periodText } from '../../lib/time.ts';
import { Amount } from '../../ui/amount.tsx';
import { Button, buttonClass } from '../../ui/controls.tsx';
import { InvoiceStatus } from '../../ui/invoice-status.tsx';
import { Id } from '../../ui/marks.tsx';
import { saveFile } from '../../ui/file.ts';
import { Dialog, Drawer } from '../../ui/overlay.tsx';
import { ErrorBox, Loading } from '../../ui/states.tsx';
import { Actions, Facts, Panel, Sub } from '../../ui/surface.tsx';
import { announce } from '../../ui/toast.tsx';
import { ExplainLine } from './explain-line.tsx';
import css from './invoices.module.css';
import { Lines } from './lines.tsx';
import { Reviews } from './reviews.tsx';

export function InvoiceDrawer({ id, line }: { id: string; line: string | undefined }) {
  const navigate = useNavigate();
  const zone = useZone();
  const invoice = useQuery(orpc.invoices.get.queryOptions({ input: { invoice: id } }));
  const data = invoice.data;
  const close = (): void =>
    void (line
      ? navigate({ to: '/invoices/$invoice', params: { invoice: id }, search: (all) => all })
      : navigate({ to: '/invoices', search: (all) => all }));
  return (
    <Drawer
      name="invoice"
      onClose={close}
      title={data ? (data.invoice.number ?? 'Draft invoice') : invoice.isError ? 'Invoice' : 'Reading…'}
      beside={
        data && (
          <>
            <InvoiceStatus invoice={data.invoice} />
            <Sub>
              <Link to="/customers/$customer" params={{ customer: data.invoice.customer }}>
                {data.invoice.customerName}
              </Link>
              {' · '}
              {periodText(data.invoice.periodStartMs, data.invoice.periodEndMs, zone)}
            </Sub>
          </>
        )
      }
    >
      {invoice.isError && !data && (
        <ErrorBox error={invoice.error} money="Nothing was charged or changed." retry={() => void invoice.refetch()} />
      )}
      {!data && !invoice.isError && <Loading label="Reading the invoice" rows={6} />}
      {data && <Content detail={data} line={line} />}
    </Drawer>
  );
}

function Content({ detail, line }: { detail: InvoiceDetail; line: string | undefined }) {
  const { invoice, lines } = detail;
  const navigate = useNavigate();
  const chosen = lines.find((candidate) => candidate.id === line);
  return (
    <>
      <Buttons invoice={invoice} />
      <Panel label="Lines">
        <Lines
          lines={lines}
          asset={invoice.asset}
          chosen={line}
          onChoose={(next) =>
            void navigate({
              to: '/invoices/$invoice/lines/$line',
              params: { invoice: invoice.id, line: next },
              search: (all) => all,
              replace: line !== undefined,
            })
          }
        />
        <Totals invoice={invoice} />
      </Panel>
      {chosen && <ExplainLine key={chosen.id} line={chosen} asset={invoice.asset} />}
      {!chosen && lines.length > 0 && (
        <p className={css['muted']}>Choose a line to see why it is what it is, down to the events and entries.</p>
      )}
      {invoice.sha256 !== null && <Reviews invoice={invoice} lines={lines} />}
      {invoice.sha256 !== null && <Frozen invoice={invoice} />}
    </>
  );
}

function Totals({ invoice }: { invoice: Invoice }) {
  const amount = (minor: string, strong: boolean) => (
    <Amount minor={minor} asset={invoice.asset} copyable strong={strong} />
  );
  return (
    <dl className={css['totals']}>
      <dt>Total</dt>
      <dd>{amount(invoice.totalMinor, true)}</dd>
      <dt className={css['muted']}>{invoice.state === 'draft' ? 'Will be paid from credit' : 'Paid from credit'}</dt>
      <dd>{amount(invoice.paidFromCreditMinor, false)}</dd>
      <dt data-strong="">To pay</dt>
      <dd>{amount(invoice.dueMinor, true)}</dd>
    </dl>
  );
}

function Frozen({ invoice }: { invoice: Invoice }) {
  const zone = useZone();
  return (
    <Panel title="Frozen" padded>
      <Facts
        left
        rows={[
          ['Finalized', invoice.finalizedMs === null ? '—' : dateText(invoice.finalizedMs, zone)],
          ['Due on', invoice.dueMs === null ? '—' : dateText(invoice.dueMs, zone)],
          ['SHA-256 of the bytes', <Id key="sha" id={invoice.sha256 ?? ''} label="SHA-256" />],
        ]}
      />
    </Panel>
  );
}

function Buttons({ invoice }: { invoice: Invoice }) {
  const may = useMay('invoices:write');
  const [asked, setAsked] = useState(false);
  const document = useMutation(
    orpc.invoices.document.mutationOptions({
      onSuccess: (frozen) => saveFile(`${invoice.number ?? invoice.id}.json`, frozen.bytes, 'application/json'),
    }),
  );
  return (
    <Actions>
      {invoice.state === 'draft' && may && (
        <Button kind="primary" onClick={() => setAsked(true)}>
          Finalize · {amountLine(BigInt(invoice.totalMinor), invoice.asset)}
        </Button>
      )}
      {invoice.sha256 !== null && (
        <Link to="/invoices/$invoice/print" params={{ invoice: invoice.id }} className={buttonClass()}>
          See it as the customer does
        </Link>
      )}
      {invoice.sha256 !== null && (
        <Button busy={document.isPending} onClick={() => document.mutate({ invoice: invoice.id })}>
          Save the frozen bytes
        </Button>
      )}
      {document.error && <ErrorBox error={document.error} money="Nothing was charged or changed." />}
      {asked && <Finalize invoice={invoice} onClose={() => setAsked(false)} />}
    </Actions>
  );
}

function Finalize({ invoice, onClose }: { invoice: Invoice; onClose: () => void }) {
  const queries = useQueryClient();
  const total = amountLine(BigInt(invoice.totalMinor), invoice.asset);
  const finalize = useMutation(
    orpc.invoices.finalize.mutationOptions({
      onSuccess: (detail) => {
        announce(`Finalized as ${detail.invoice.number ?? detail.invoice.id}`);
        queries.setQueryData(orpc.invoices.get.queryKey({ input: { invoice: invoice.id } }), detail);
        for (const noun of ['invoices', 'customers', 'ledger', 'credits', 'workspace'] as const)
          void queries.invalidateQueries({ queryKey: orpc[noun].key() });
        onClose();
      },
    }),
  );
  return (
    <Dialog open onClose={onClose} title={`Finalize ${total} for ${invoice.customerName}`}>
      <p>
        The invoice gets the next number and its bytes never change again. This cannot be undone; a mistake is mended by
        a credit note.
      </p>
      <dl className={css['preview']} aria-label="What this changes">
        <dt>Total</dt>
        <dd>
          <Amount minor={invoice.totalMinor} asset={invoice.asset} />
        </dd>
        <dt>Taken from prepaid credit</dt>
        <dd>
          <Amount minor={invoice.paidFromCreditMinor} asset={invoice.asset} />
        </dd>
        <dt>Booked as to pay</dt>
        <dd>
          <Amount minor={invoice.dueMinor} asset={invoice.asset} strong />
        </dd>
      </dl>
      {finalize.error && (
        <ErrorBox
          error={finalize.error}
          money="If the answer was lost, finalizing again gives the same number; it never makes a second invoice."
        />
      )}
      <Actions end>
        <Button onClick={onClose}>Cancel</Button>
        <Button kind="primary" busy={finalize.isPending} onClick={() => finalize.mutate({ invoice: invoice.id })}>
          Finalize · {total}
        </Button>
      </Actions>
    </Dialog>
  );
}
