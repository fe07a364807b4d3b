/** The reviews of one invoice: exporting it for somebody elsewhere, what they answered, and taking an answer back. */
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { listOf, paging } from '../../lib/lists.ts';
import { groupDecimal } from '../../lib/money.ts';
import { orpc } from '../../lib/rpc.ts';
import { useMay } from '../../lib/session.tsx';
import type { Invoice, InvoiceLine, Review } from '../../lib/shapes.ts';
import { Button } from '../../ui/controls.tsx';
import { saveFile } from '../../ui/file.ts';
import { Id, Status, Time } from '../../ui/marks.tsx';
import { Dialog } from '../../ui/overlay.tsx';
import { Empty, ErrorBox, Loading } from '../../ui/states.tsx';
import { Actions, Form, Panel } from '../../ui/surface.tsx';
import { announce } from '../../ui/toast.tsx';
import { OwnPassphrase } from './own-passphrase.tsx';
import { ReviewStatus } from './review-status.tsx';
import css from './review.module.css';
import { TakeAnswer } from './take-answer.tsx';

type Props = Readonly<{ invoice: Invoice; lines: readonly InvoiceLine[] }>;

export function Reviews({ invoice, lines }: Props) {
  const may = useMay('invoices:write');
  const [asking, setAsking] = useState(false);
  const query = useInfiniteQuery(
    orpc.reviews.list.infiniteOptions({
      ...paging,
      input: (cursor: string | undefined) => ({ invoice: invoice.id, limit: 50, cursor }),
    }),
  );
  const { rows, more } = listOf(query);
  return (
    <Panel
      title="Reviews"
      aside={
        may && (
          <>
            <TakeAnswer />
            <Button size="small" onClick={() => setAsking(true)}>
              Export for review
            </Button>
          </>
        )
      }
    >
      {query.isError && !rows && (
        <ErrorBox error={query.error} money="Nothing was charged or changed." retry={() => void query.refetch()} />
      )}
      {!rows && !query.isError && <Loading label="Reading the reviews" rows={2} />}
      {rows?.length === 0 && (
        <Empty title="Not reviewed yet">
          An export holds the invoice with everything that proves it, signed by you. Whoever reviews it needs no access
          to these books.
        </Empty>
      )}
      {rows && rows.length > 0 && (
        <ul className={css['reviews']}>
          {rows.map((review) => (
            <ReviewItem key={review.id} review={review} lines={lines} />
          ))}
        </ul>
      )}
      {more && (
        <Button size="small" busy={more.busy} onClick={more.load}>
          Show older reviews
        </Button>
      )}
      {asking && <ExportDialog invoice={invoice} onClose={() => setAsking(false)} />}
    </Panel>
  );
}

function ReviewItem({ review, lines }: { review: Review; lines: readonly InvoiceLine[] }) {
  const { events, eventsShown } = review;
  const shown =
    eventsShown === events ? groupDecimal(String(events)) : `${eventsShown} of ${groupDecimal(`${events}`)}`;
  return (
    <li className={css['review']}>
      <div className={css['row']}>
        <ReviewStatus state={review.state} />
        <span className={css['muted']}>
          exported by {review.by.name}, <Time ms={review.exportedMs} />, {shown} {events === 1 ? 'event' : 'events'}
        </span>
        <span className={css['push']}>
          <Id id={review.bundleSha256} label="SHA-256 of the bundle" />
        </span>
      </div>
      {review.answers.map((answer) => (
        <div key={answer.by.key} className={css['answer']}>
          <div className={css['row']}>
            <b>{answer.reviewer.name}</b>
            <span>{answer.verdict === 'approved' ? 'approved it' : 'rejected it'}</span>
            <Time ms={answer.decidedMs} absolute />
            {answer.verified ? (
              <Status tone="good" shape="check">
                Signature verified
              </Status>
            ) : (
              <Status tone="danger" shape="square">
                Signature does not hold
              </Status>
            )}
          </div>
          {answer.note !== '' && <p className={css['note']}>{answer.note}</p>}
          {answer.lines.map(({ line, note }) => (
            <p key={line} className={css['note']}>
              <b>{lines.find(({ id }) => id === line)?.description ?? line}:</b> {note}
            </p>
          ))}
        </div>
      ))}
    </li>
  );
}

function ExportDialog({ invoice, onClose }: { invoice: Invoice; onClose: () => void }) {
  const queries = useQueryClient();
  const [passphrase, setPassphrase] = useState('');
  const exported = useMutation(
    orpc.reviews.export.mutationOptions({
      onSuccess: ({ fileName, bundle }) => {
        saveFile(fileName, bundle, 'application/octet-stream');
        announce(`Saved ${fileName}`);
        void queries.invalidateQueries({ queryKey: orpc.reviews.key() });
        onClose();
      },
      onError: () => setPassphrase(''),
    }),
  );
  return (
    <Dialog open onClose={onClose} title={`Export ${invoice.number ?? ''} for review`}>
      <p>
        The file holds the invoice, the prices and events behind each line and the journal entries, with their proofs.
        It is signed with your key. It also shows running balances of your revenue accounts: it is for colleagues and
        auditors, not for the customer.
      </p>
      <Form onSubmit={() => exported.mutate({ invoice: invoice.id, passphrase })}>
        <OwnPassphrase
          value={passphrase}
          onChange={setPassphrase}
          error={exported.error}
          money="Nothing was exported or changed."
        />
        <Actions end>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" submit busy={exported.isPending} disabled={passphrase === ''}>
            Sign and save
          </Button>
        </Actions>
      </Form>
    </Dialog>
  );
}
