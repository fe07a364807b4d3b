/** A new workspace: what it will hold, where it will lie, who is its first admin; then the line that opens it. */
import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { shellWord } from '#core/domain/shell-word.ts';
import { beside, newBeside } from '../lib/beside.ts';
import { failureOf } from '../lib/failure.ts';
import { orpc } from '../lib/rpc.ts';
import type { Inputs, Outputs } from '../lib/rpc.ts';
import { useSession } from '../lib/session.tsx';
import { Button, TextField } from '../ui/controls.tsx';
import { CopyButton } from '../ui/copy.tsx';
import { Command, Status } from '../ui/marks.tsx';
import { Dialog } from '../ui/overlay.tsx';
import { ErrorBox } from '../ui/states.tsx';
import { Actions, Columns, Facts, Form } from '../ui/surface.tsx';

type Wish = Inputs['workspace']['create'];
type Made = Outputs['workspace']['create'] & Readonly<{ operator: string }>;
type Props = Readonly<{ open: boolean; own: string; onClose: () => void }>;

export function NewWorkspace({ open, own, onClose }: Props) {
  const [made, setMade] = useState<Made | null>(null);
  const close = (): void => {
    setMade(null);
    onClose();
  };
  return (
    <Dialog open={open} keep onClose={close} title={made ? 'The workspace is made' : 'New workspace'}>
      {made ? <Opening made={made} onClose={close} /> : <Making own={own} onMade={setMade} onClose={close} />}
    </Dialog>
  );
}

type Fields = Readonly<{
  file: string;
  name: string;
  issuer: string;
  operator: string;
  passphrase: string;
  again: string;
}>;

/** What stands in the way of sending, by field; nothing is said of what is still empty or half typed. */
function problemsOf({ file, passphrase, again }: Fields): Partial<Record<keyof Fields, string>> {
  const isNamed = file.trim() === '' || file.trim().endsWith('.tollkeeper');
  return {
    ...(isNamed ? {} : { file: 'The name of the file ends with .tollkeeper.' }),
    ...(passphrase.startsWith(again) ? {} : { again: 'The two are not the same.' }),
  };
}

function wishOf(fields: Fields, own: string): Wish {
  const name = fields.name.trim();
  return {
    file: beside(own, fields.file.trim()),
    name,
    issuer: fields.issuer.trim() || name,
    operator: fields.operator.trim(),
    passphrase: fields.passphrase,
  };
}

function initLine({ file, name, issuer, operator }: Wish): string {
  const flags = Object.entries({ name, issuer, operator }).map(([flag, value]) => `--${flag} ${shellWord(value)}`);
  return `npx tollkeeper init ${shellWord(file)} ${flags.join(' ')}`;
}

type MakingProps = Readonly<{ own: string; onMade: (made: Made) => void; onClose: () => void }>;

function Making({ own, onMade, onClose }: MakingProps) {
  const session = useSession();
  const [fields, setFields] = useState<Fields>(() => ({
    file: newBeside(own),
    name: '',
    issuer: '',
    operator: session?.operator?.name ?? '',
    passphrase: '',
    again: '',
  }));
  const set = (field: keyof Fields) => (value: string) => setFields((before) => ({ ...before, [field]: value }));
  // The passphrase is not kept with the answers of other calls.
  const create = useMutation(orpc.workspace.create.mutationOptions({ gcTime: 0 }));
  const problems = problemsOf(fields);
  const wish = wishOf(fields, own);
  const isWhole = [wish.name, wish.operator, fields.file.trim()].every((text) => text !== '');
  const ready =
    isWhole && fields.passphrase.length >= 10 && fields.passphrase === fields.again && problems.file === undefined;
  const submit = (): void => {
    if (ready) create.mutate(wish, { onSuccess: (made) => onMade({ ...made, operator: wish.operator }) });
  };
  return (
    <Form onSubmit={submit}>
      <p>
        Makes a file of its own with books that are empty, plans, meters and prices to begin with, and you as its first
        admin with an Ed25519 key that your passphrase seals. This workspace stays as it is.
      </p>
      <Where fields={fields} set={set} problem={problems.file} />
      <Who fields={fields} set={set} problem={problems.again} />
      {create.error && <ErrorBox error={create.error} money={outcomeOf(create.error)} />}
      <Actions end>
        <Button onClick={onClose}>Cancel</Button>
        <Button kind="primary" submit busy={create.isPending} disabled={!ready}>
          {create.isPending ? 'Making it…' : 'Make workspace'}
        </Button>
      </Actions>
      <Command text={initLine({ ...wish, name: wish.name || 'Workspace', issuer: wish.issuer || 'Workspace' })} />
    </Form>
  );
}

/** What the error left behind: a refusal nothing, a lost answer perhaps the file. */
function outcomeOf(error: unknown): string {
  return failureOf(error).code === 'CONNECTION_LOST'
    ? 'Whether the file was made is not known. Making it again never replaces a file.'
    : 'No workspace was made, and nothing was charged or changed here.';
}

type PartProps = Readonly<{
  fields: Fields;
  set: (field: keyof Fields) => (value: string) => void;
  problem: string | undefined;
}>;

function Where({ fields, set, problem }: PartProps) {
  return (
    <>
      <TextField
        label="File"
        hint="A full path, or a name beside the open workspace. A file that exists is never replaced."
        value={fields.file}
        onChange={set('file')}
        problem={problem}
        maxLength={1000}
        autoComplete="off"
        spellCheck={false}
      />
      <Columns>
        <TextField
          label="Workspace name"
          hint="Shown in the top bar."
          value={fields.name}
          onChange={set('name')}
          maxLength={120}
          autoComplete="off"
        />
        <TextField
          label="Issuer"
          hint="Stands on invoices; empty takes the workspace’s name."
          value={fields.issuer}
          onChange={set('issuer')}
          maxLength={120}
          autoComplete="organization"
        />
      </Columns>
    </>
  );
}

function Who({ fields, set, problem }: PartProps) {
  return (
    <>
      <TextField
        label="Your name"
        hint="With this name you sign in to it."
        value={fields.operator}
        onChange={set('operator')}
        maxLength={120}
        autoComplete="username"
      />
      <Columns>
        <TextField
          label="New passphrase"
          hint="At least 10 characters. Nobody can give it back to you."
          type="password"
          value={fields.passphrase}
          onChange={set('passphrase')}
          maxLength={200}
          autoComplete="new-password"
        />
        <TextField
          label="The same again"
          type="password"
          value={fields.again}
          onChange={set('again')}
          problem={problem}
          maxLength={200}
          autoComplete="new-password"
        />
      </Columns>
    </>
  );
}

function Opening({ made, onClose }: { made: Made; onClose: () => void }) {
  const done = useRef<HTMLButtonElement>(null);
  useEffect(() => done.current?.focus(), []);
  return (
    <>
      <div role="status">
        <Status tone="good" shape="check">
          Made, with you as its first admin
        </Status>
      </div>
      <Facts
        left
        rows={[
          [
            'File',
            <>
              <code>{made.file}</code>
              <CopyButton text={made.file} label="file" />
            </>,
          ],
          ['Signs in', made.operator],
        ]}
      />
      <p>Open it where Tollkeeper was started, beside this one or after it:</p>
      <Command text={made.command} />
      <Actions end>
        <Button kind="primary" onClick={onClose} ref={done}>
          Done
        </Button>
      </Actions>
    </>
  );
}
