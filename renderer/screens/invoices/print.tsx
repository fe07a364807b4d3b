/** An invoice as the customer sees it: a sheet on screen, pages on paper. Says only what its frozen bytes say. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect } from 'react';
import type { FrozenLine, InvoiceDocument } from '#core/domain/invoice.ts';
import { groupDecimal } from '../../lib/money.ts';
import { orpc } from '../../lib/rpc.ts';
import { dateText, periodText } from '../../lib/time.ts';
import { unitOf } from '../../lib/units.ts';
import { Amount } from '../../ui/amount.tsx';
import { Button, buttonClass } from '../../ui/controls.tsx';
import { Empty, ErrorBox, Loading } from '../../ui/states.tsx';
import { Page, Panel } from '../../ui/surface.tsx';
import css from './print.module.css';

export function PrintScreen({ id }: { id: string }) {
  const detail = useQuery(orpc.invoices.get.queryOptions({ input: { invoice: id } }));
  const isFrozen = detail.data?.invoice.sha256 != null;
  const frozen = useQuery(orpc.invoices.document.queryOptions({ input: { invoice: id }, enabled: isFrozen }));
  const document = frozen.data && (JSON.parse(frozen.data.bytes) as InvoiceDocument);
  const error = detail.error ?? frozen.error;
  const number = detail.data?.invoice.number;
  usePaperName(document);
  return (
    <Page
      title={number ? `${number} as the customer sees it` : 'As the customer sees it'}
      scrolls
      actions={
        <>
          <Link to="/invoices/$invoice" params={{ invoice: id }} className={buttonClass()}>
            Back to the invoice
          </Link>
          {document && (
            <Button kind="primary" onClick={() => window.print()}>
              Print or save as PDF
            </Button>
          )}
        </>
      }
    >
      {error && (
        <ErrorBox
          error={error}
          money="Nothing was charged or changed."
          retry={() => void (detail.error ? detail.refetch() : frozen.refetch())}
        />
      )}
      {!error && !document && (detail.isPending || isFrozen) && <Loading label="Reading the invoice" rows={8} />}
      {detail.data && !isFrozen && (
        <Panel label="Draft">
          <Empty
            title="A draft is not for the customer yet"
            action={
              <Link to="/invoices/$invoice" params={{ invoice: id }}>
                Go to the draft
              </Link>
            }
          >
            It gets its number, its due date and its final bytes when you finalize it.
          </Empty>
        </Panel>
      )}
      {document && frozen.data && <Sheet document={document} sha256={frozen.data.sha256} />}
    </Page>
  );
}

/** The name that a browser gives the PDF is the title of its page. */
function usePaperName(document: InvoiceDocument | undefined): void {
  const name = document && `${document.issuer} ${document.number ?? document.id}`;
  useEffect(() => {
    if (name === undefined) return undefined;
    const before = window.document.title;
    window.document.title = name;
    return () => {
      window.document.title = before;
    };
  }, [name]);
}

/** What is printed counts in UTC, whoever prints it. */
const ZONE = 'utc';

function Sheet({ document, sha256 }: { document: InvoiceDocument; sha256: string }) {
  const { issuer, customer, number, kind, asset, lines, finalizedMs, dueMs, periodStartMs, periodEndMs } = document;
  const isCreditNote = kind === 'credit-note';
  return (
    <article className={css['sheet']} aria-label={`Invoice ${number ?? ''}`}>
      <header className={css['head']}>
        <div>
          <p className={css['issuer']}>{issuer}</p>
          <h2>{isCreditNote ? 'Credit note' : 'Invoice'}</h2>
        </div>
        <dl className={css['facts']}>
          <dt>Number</dt>
          <dd>{number}</dd>
          <dt>Date</dt>
          <dd>{finalizedMs === null ? '—' : dateText(finalizedMs, ZONE)}</dd>
          <dt>Period</dt>
          <dd>{periodText(periodStartMs, periodEndMs, ZONE)}</dd>
          {!isCreditNote && (
            <>
              <dt>Due on</dt>
              <dd>{dueMs === null ? '—' : dateText(dueMs, ZONE)}</dd>
            </>
          )}
        </dl>
      </header>
      <section className={css['to']}>
        <h3>For</h3>
        <p>{customer.name}</p>
        <p className={css['soft']}>Customer {customer.externalId ?? customer.id}</p>
      </section>
      <LineTable lines={lines} asset={asset} />
      <Totals document={document} />
      <footer className={css['foot']}>
        <p>{terms(document)}</p>
        <p className={css['soft']}>
          All times are UTC. SHA-256 of this invoice: <code>{sha256}</code>
        </p>
      </footer>
    </article>
  );
}

function terms({ kind, dueMinor, dueMs, finalizedMs, number }: InvoiceDocument): string {
  if (kind === 'credit-note') return 'This amount is credited to you.';
  if (dueMinor === '0') return 'Nothing is left to pay: it was paid from your credit.';
  if (dueMs === null || finalizedMs === null) return '';
  return `To be paid by ${dateText(dueMs, ZONE)}. Please name ${number ?? 'the number'} with your payment.`;
}

function LineTable({ lines, asset }: { lines: readonly FrozenLine[]; asset: string }) {
  return (
    <table className={css['lines']}>
      <thead>
        <tr>
          <th scope="col">What</th>
          <th scope="col" data-end="">
            Quantity
          </th>
          <th scope="col">Rate</th>
          <th scope="col" data-end="">
            Amount
          </th>
        </tr>
      </thead>
      <tbody>
        {lines.map((line) => (
          <tr key={line.id} data-kind={line.kind}>
            <td>
              {line.description}
              {line.month !== null && <small>{line.month}</small>}
            </td>
            <td data-end="">
              {line.meter === null ? '' : `${groupDecimal(line.quantity)} ${unitOf(line.quantity, line.unit)}`}
            </td>
            <td className={css['soft']}>{line.rate}</td>
            <td data-end="">
              <Amount minor={line.amountMinor} asset={asset} hideAsset />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Totals({
  document: { asset, totalMinor, paidFromCreditMinor, dueMinor, kind },
}: {
  document: InvoiceDocument;
}) {
  return (
    <dl className={css['totals']}>
      <dt>Total</dt>
      <dd>
        <Amount minor={totalMinor} asset={asset} />
      </dd>
      <dt>Paid from credit</dt>
      <dd>
        <Amount minor={paidFromCreditMinor} asset={asset} />
      </dd>
      <dt data-strong="">{kind === 'credit-note' ? 'Credited' : 'To pay'}</dt>
      <dd data-strong="">
        <Amount minor={dueMinor} asset={asset} strong />
      </dd>
    </dl>
  );
}
