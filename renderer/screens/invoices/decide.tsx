/** Approving or rejecting a bundle with one's own key. The answer is a file; nothing is recorded here. */
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { amountLine } from '../../lib/money.ts';
import { orpc } from '../../lib/rpc.ts';
import type { OpenedBundle } from '../../lib/shapes.ts';
import { Button, TextField } from '../../ui/controls.tsx';
import { saveFile } from '../../ui/file.ts';
import { Dialog } from '../../ui/overlay.tsx';
import { Actions, Form, Panel } from '../../ui/surface.tsx';
import { announce } from '../../ui/toast.tsx';
import { OwnPassphrase } from './own-passphrase.tsx';

type Verdict = 'approved' | 'rejected';
type Props = Readonly<{ opened: OpenedBundle; text: string; notes: Readonly<Record<string, string>> }>;

export function Decide({ opened, text, notes }: Props) {
  const [note, setNote] = useState('');
  const [verdict, setVerdict] = useState<Verdict>();
  return (
    <Panel title="Your answer" padded>
      <Form onSubmit={() => setVerdict(opened.agrees ? 'approved' : 'rejected')}>
        <TextField label="Note on the whole invoice" maxLength={2_000} value={note} onChange={setNote} />
        <Actions>
          <Button kind="primary" disabled={!opened.agrees} onClick={() => setVerdict('approved')}>
            Approve
          </Button>
          <Button kind="danger" onClick={() => setVerdict('rejected')}>
            Reject
          </Button>
        </Actions>
        {!opened.agrees && <p>What does not agree cannot be approved.</p>}
      </Form>
      {verdict && (
        <Sign
          verdict={verdict}
          opened={opened}
          decision={{ bundle: text, note, lines: notesOf(notes) }}
          onClose={() => setVerdict(undefined)}
        />
      )}
    </Panel>
  );
}

const notesOf = (notes: Props['notes']): { line: string; note: string }[] =>
  Object.entries(notes).flatMap(([line, note]) => (note.trim() === '' ? [] : [{ line, note: note.trim() }]));

type SignProps = Readonly<{
  verdict: Verdict;
  opened: OpenedBundle;
  decision: Readonly<{ bundle: string; note: string; lines: { line: string; note: string }[] }>;
  onClose: () => void;
}>;

function Sign({ verdict, opened, decision, onClose }: SignProps) {
  const [passphrase, setPassphrase] = useState('');
  const decided = useMutation(
    orpc.reviews.decide.mutationOptions({
      onSuccess: ({ fileName, answer }) => {
        saveFile(fileName, answer, 'application/octet-stream');
        announce(`Saved ${fileName}. Send it back to ${opened.header?.by.name ?? 'whoever sent the bundle'}`);
        onClose();
      },
      onError: () => setPassphrase(''),
    }),
  );
  const { invoice, header } = opened;
  const total = invoice ? amountLine(BigInt(invoice.totalMinor), invoice.asset) : '';
  const verb = verdict === 'approved' ? 'Approve' : 'Reject';
  const said = decision.lines.length;
  return (
    <Dialog open onClose={onClose} title={`${verb} ${header?.number ?? 'the invoice'}, ${total}`}>
      <p>
        Your key signs this answer to exactly this file
        {said === 0 ? '' : `, with ${said === 1 ? 'a note on 1 line' : `notes on ${said} lines`}`}. It counts once, when
        it is imported where the bundle came from.
      </p>
      <Form onSubmit={() => decided.mutate({ ...decision, verdict, passphrase })}>
        <OwnPassphrase value={passphrase} onChange={setPassphrase} error={decided.error} money="Nothing was signed." />
        <Actions end>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            kind={verdict === 'approved' ? 'primary' : 'danger'}
            submit
            busy={decided.isPending}
            disabled={passphrase === ''}
          >
            Sign and save the answer
          </Button>
        </Actions>
      </Form>
    </Dialog>
  );
}
