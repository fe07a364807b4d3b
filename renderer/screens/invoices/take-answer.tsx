/** Taking an answer back, and letting an admin say who signed it where the key is new to these books. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { failureOf } from '../../lib/failure.ts';
import { orpc } from '../../lib/rpc.ts';
import { useMay } from '../../lib/session.tsx';
import { Button, TextField } from '../../ui/controls.tsx';
import { Dialog } from '../../ui/overlay.tsx';
import { ErrorBox } from '../../ui/states.tsx';
import { Actions, Form } from '../../ui/surface.tsx';
import { announce } from '../../ui/toast.tsx';
import { ChooseFile } from './choose-file.tsx';
import css from './review.module.css';

/** What it says is shown in the list below the button. */
export function TakeAnswer() {
  const queries = useQueryClient();
  const mayRegister = useMay('operators:write');
  const [problem, setProblem] = useState<string>();
  const imported = useMutation(
    orpc.reviews.import.mutationOptions({
      onSuccess: ({ number, state }) => {
        announce(`The answer counts: ${number} is ${state}`);
        void queries.invalidateQueries({ queryKey: orpc.reviews.key() });
      },
    }),
  );
  const close = (): void => {
    setProblem(undefined);
    imported.reset();
  };
  const key = imported.error ? failureOf(imported.error).values['key'] : undefined;
  const answer = imported.variables?.answer;
  return (
    <>
      <ChooseFile
        accept=".tollanswer"
        label="Answer file"
        size="small"
        busy={imported.isPending}
        onText={(text) => imported.mutate({ answer: text })}
        onProblem={setProblem}
      >
        Import an answer
      </ChooseFile>
      {(imported.error || problem) && (
        <Dialog open onClose={close} title="The answer does not count">
          {imported.error && <ErrorBox error={imported.error} money="The review still waits for an answer." />}
          {problem && <p>{problem}</p>}
          {mayRegister && typeof key === 'string' && answer !== undefined ? (
            <Register reviewerKey={key} onClose={close} onDone={() => imported.mutate({ answer })} />
          ) : (
            <Actions end>
              <Button onClick={close}>Close</Button>
            </Actions>
          )}
        </Dialog>
      )}
    </>
  );
}

type RegisterProps = Readonly<{ reviewerKey: string; onClose: () => void; onDone: () => void }>;

function Register({ reviewerKey, onClose, onDone }: RegisterProps) {
  const [name, setName] = useState('');
  const added = useMutation(orpc.reviews.addReviewer.mutationOptions({ onSuccess: onDone }));
  return (
    <Form onSubmit={() => added.mutate({ name, key: reviewerKey })}>
      <p>Let the reviewer read this key to you before you register it:</p>
      <code className={css['key']}>{reviewerKey}</code>
      <TextField label="Name of the reviewer" maxLength={120} value={name} onChange={setName} />
      {added.error && <ErrorBox error={added.error} money="Nobody was registered." />}
      <Actions end>
        <Button onClick={onClose}>Close</Button>
        <Button kind="primary" submit busy={added.isPending} disabled={name.trim() === ''}>
          Register and import
        </Button>
      </Actions>
    </Form>
  );
}
