/** What operators wrote down about this customer, for whoever looks next. Notes stay as they were written. */
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { listOf, paging } from '../../lib/lists.ts';
import { orpc } from '../../lib/rpc.ts';
import { useMay } from '../../lib/session.tsx';
import type { Customer } from '../../lib/shapes.ts';
import { Button, Field } from '../../ui/controls.tsx';
import { Time } from '../../ui/marks.tsx';
import { Empty, ErrorBox, Loading } from '../../ui/states.tsx';
import { Actions, Form, Panel } from '../../ui/surface.tsx';
import { announce } from '../../ui/toast.tsx';
import css from './customers.module.css';

const MOST_LETTERS = 4000;

export function Notes({ customer }: { customer: Customer }) {
  const may = useMay('customers:write');
  const query = useInfiniteQuery(
    orpc.customers.notes.infiniteOptions({
      ...paging,
      input: (cursor: string | undefined) => ({ limit: 50, cursor, customer: customer.id }),
    }),
  );
  const { rows, error, retry, more } = listOf(query);
  return (
    <>
      {may && <Write customer={customer} />}
      <Panel title="Notes">
        {error !== null && error !== undefined && (
          <ErrorBox error={error} money="This only reads: nothing was changed." retry={retry} />
        )}
        {rows === undefined && !error && <Loading label="Reading the notes" rows={3} />}
        {rows?.length === 0 && (
          <Empty title="No notes yet" command={`npx tollkeeper customers addNote --customer ${customer.id} --text "…"`}>
            What was agreed, promised or noticed stands here with who wrote it and when.
          </Empty>
        )}
        {rows !== undefined && rows.length > 0 && (
          <ol className={css['notes']}>
            {rows.map((note) => (
              <li key={note.id}>
                <p>{note.text}</p>
                <small>
                  {note.byName} · <Time ms={note.writtenMs} />
                </small>
              </li>
            ))}
          </ol>
        )}
        {more && (
          <Actions end>
            <Button size="small" onClick={more.load} busy={more.busy}>
              Show older
            </Button>
          </Actions>
        )}
      </Panel>
    </>
  );
}

/** The key is made once per note, so that a retry cannot write it twice. */
function Write({ customer }: { customer: Customer }) {
  const queries = useQueryClient();
  const [key, setKey] = useState(() => `note-${crypto.randomUUID()}`);
  const [text, setText] = useState('');
  const write = useMutation(
    orpc.customers.addNote.mutationOptions({
      onSuccess: () => {
        announce('Note written');
        setText('');
        setKey(`note-${crypto.randomUUID()}`);
        void queries.invalidateQueries({ queryKey: orpc.customers.notes.key() });
      },
    }),
  );
  const isReady = text.trim() !== '';
  return (
    <Form onSubmit={() => isReady && write.mutate({ key, customer: customer.id, text })}>
      <Field label="New note" hint="It stays as it is written; another note can follow.">
        {(field) => (
          <textarea
            {...field}
            rows={3}
            maxLength={MOST_LETTERS}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        )}
      </Field>
      {write.error && (
        <ErrorBox error={write.error} money="Nothing was written, or trying again finds the same note." />
      )}
      <Actions end>
        <Button kind="primary" submit busy={write.isPending} disabled={!isReady}>
          Write note
        </Button>
      </Actions>
    </Form>
  );
}
