/** Who may answer reviews without a sign-in here: people whose key an admin registered. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { orpc } from '../../lib/rpc.ts';
import { useMay } from '../../lib/session.tsx';
import type { Reviewer } from '../../lib/shapes.ts';
import { isoTime } from '../../lib/time.ts';
import { byText } from '../../ui/columns.ts';
import type { Column } from '../../ui/columns.ts';
import { Button, TextField } from '../../ui/controls.tsx';
import { Id, Time } from '../../ui/marks.tsx';
import { Dialog } from '../../ui/overlay.tsx';
import { Empty, ErrorBox } from '../../ui/states.tsx';
import { Actions, Form, Panel } from '../../ui/surface.tsx';
import { Table } from '../../ui/table.tsx';
import { announce } from '../../ui/toast.tsx';

const KEY = /^[0-9a-f]{64}$/;
const NOTHING = 'Nobody was added or removed; no answer changed.';

function columnsFor(remove: ((reviewer: Reviewer) => void) | undefined): Column<Reviewer>[] {
  const columns: Column<Reviewer>[] = [
    {
      id: 'name',
      title: 'Name',
      sort: byText((row) => row.name),
      text: (row) => row.name,
      cell: (row) => <b>{row.name}</b>,
    },
    {
      id: 'key',
      title: 'Key',
      width: '170px',
      text: (row) => row.key,
      cell: (row) => <Id id={row.key} label={`public key of ${row.name}`} />,
    },
    {
      id: 'added',
      title: 'Added',
      width: '110px',
      text: (row) => isoTime(row.createdMs),
      cell: (row) => <Time ms={row.createdMs} />,
    },
  ];
  if (!remove) return columns;
  const button = (row: Reviewer) => (
    <Button size="small" onClick={() => remove(row)} aria-label={`Remove ${row.name}`}>
      Remove
    </Button>
  );
  return [...columns, { id: 'remove', title: '', end: true, width: '100px', text: () => '', cell: button }];
}

export function Reviewers() {
  const may = useMay('operators:write');
  const [asked, setAsked] = useState<Reviewer | 'add' | null>(null);
  const reviewers = useQuery(orpc.reviews.reviewers.queryOptions({ input: {} }));
  const columns = useMemo(() => columnsFor(may ? setAsked : undefined), [may]);
  const add = may && (
    <Button size="small" onClick={() => setAsked('add')}>
      Add reviewer
    </Button>
  );
  const close = (): void => setAsked(null);
  return (
    <Panel title="Reviewers from outside" aside={add}>
      <Table
        name="reviewers"
        bare
        rows={reviewers.data?.items}
        error={reviewers.data ? null : reviewers.error}
        retry={() => void reviewers.refetch()}
        columns={columns}
        fixed
        rowKey={(row) => row.id}
        empty={
          <Empty title="Nobody from outside" command="npx tollkeeper review key">
            Whoever reviews an invoice elsewhere makes a key with this command. Once it is added here, their answers are
            taken back.
          </Empty>
        }
      />
      {asked === 'add' && <AddReviewer onClose={close} />}
      {asked !== null && asked !== 'add' && <RemoveReviewer reviewer={asked} onClose={close} />}
    </Panel>
  );
}

function useDone(words: string, onClose: () => void) {
  const queries = useQueryClient();
  return () => {
    announce(words);
    void queries.invalidateQueries({ queryKey: orpc.reviews.key() });
    onClose();
  };
}

function AddReviewer({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState('');
  const [key, setKey] = useState('');
  const add = useMutation(
    orpc.reviews.addReviewer.mutationOptions({ onSuccess: useDone(`${name} may answer reviews`, onClose) }),
  );
  const isKey = KEY.test(key.trim());
  return (
    <Dialog open onClose={onClose} title="Add a reviewer">
      <p>They answer reviews with their key. They cannot sign in, and see only the files that you give them.</p>
      <Form onSubmit={() => add.mutate({ name: name.trim(), key: key.trim() })}>
        <TextField label="Name" maxLength={120} value={name} onChange={setName} />
        <TextField
          label="Public key"
          hint="As `tollkeeper review key` prints it: 64 hexadecimal digits."
          problem={key === '' || isKey ? undefined : 'A key has 64 digits, 0 to 9 and a to f.'}
          maxLength={80}
          value={key}
          onChange={setKey}
        />
        {add.error && <ErrorBox error={add.error} money={NOTHING} />}
        <Actions end>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" submit busy={add.isPending} disabled={name.trim() === '' || !isKey}>
            Add reviewer
          </Button>
        </Actions>
      </Form>
    </Dialog>
  );
}

function RemoveReviewer({ reviewer, onClose }: { reviewer: Reviewer; onClose: () => void }) {
  const remove = useMutation(
    orpc.reviews.removeReviewer.mutationOptions({
      onSuccess: useDone(`${reviewer.name} answers no more`, onClose),
    }),
  );
  return (
    <Dialog open onClose={onClose} title={`Remove ${reviewer.name}`}>
      <p>What they answered stays. Answers that come from now on are refused.</p>
      {remove.error && <ErrorBox error={remove.error} money={NOTHING} />}
      <Actions end>
        <Button onClick={onClose}>Cancel</Button>
        <Button kind="danger" busy={remove.isPending} onClick={() => remove.mutate({ id: reviewer.id })}>
          Remove
        </Button>
      </Actions>
    </Dialog>
  );
}
