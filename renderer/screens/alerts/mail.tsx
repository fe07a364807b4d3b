/** The mail server that notices go out by: setting it up, trying it, and taking it away. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { orpc } from '../../lib/rpc.ts';
import type { Inputs } from '../../lib/rpc.ts';
import { useMay } from '../../lib/session.tsx';
import { Button, SelectField, TextField, Toggle } from '../../ui/controls.tsx';
import { Dialog } from '../../ui/overlay.tsx';
import { Empty, ErrorBox, Loading } from '../../ui/states.tsx';
import { Actions, Columns, Form, Panel } from '../../ui/surface.tsx';
import { announce } from '../../ui/toast.tsx';
import css from './alerts.module.css';
import { DeliveryTable } from './delivery-table.tsx';
import { readMail, startOfMail } from './mail-draft.ts';
import type { MailDraft } from './mail-draft.ts';
import { AdminsOnly } from './no-permission.tsx';
import type { Mail } from './words.ts';
import { OnOff } from './webhooks.tsx';

const LOOK_EVERY_MS = 1_000;
const WITHOUT = ['to'];

export function MailPart({ chips }: { chips: ReactNode }) {
  const may = useMay('workspace:write');
  if (!may) return <AdminsOnly chips={chips} what="mail" />;
  return <SetUp chips={chips} />;
}

function SetUp({ chips }: { chips: ReactNode }) {
  const query = useQuery(orpc.mail.get.queryOptions({ input: {} }));
  const kept = query.data?.mail;
  return (
    <div className={css['scroll']}>
      <Panel label="Mail">
        <div className={css['tools']}>{chips}</div>
        {query.isPending && <Loading label="Reading the mail server" />}
        {query.error && <ErrorBox error={query.error} money="This only reads: nothing was changed." />}
        {kept !== undefined && (
          <div className={css['mail']}>
            <MailForm key={JSON.stringify(kept)} kept={kept} />
          </div>
        )}
      </Panel>
      {kept && <Mailed />}
    </div>
  );
}

const SECURITY = [
  { value: 'tls', label: 'TLS from the first byte (usually port 465)' },
  { value: 'starttls', label: 'STARTTLS (usually port 587)' },
  { value: 'none', label: 'None, to this machine only' },
];

function MailForm({ kept }: { kept: Mail | null }) {
  const [draft, setDraft] = useState<MailDraft>(() => startOfMail(kept));
  const [isRemoving, setRemoving] = useState(false);
  const queries = useQueryClient();
  const refresh = (): void => void queries.invalidateQueries({ queryKey: orpc.mail.key() });
  const save = useMutation(
    orpc.mail.set.mutationOptions({
      onSuccess: ({ mail }) => {
        announce(mail.isOn ? `Mail goes out by ${mail.host}` : 'Mail is kept, and off');
        refresh();
      },
    }),
  );
  const test = useMutation(
    orpc.mail.test.mutationOptions({
      onSuccess: () => {
        announce('A test is on its way; see below how it went');
        refresh();
      },
    }),
  );
  const { order, problems } = readMail(draft, kept);
  const set = (name: keyof MailDraft) => (value: string) => setDraft({ ...draft, [name]: value });
  return (
    <Form onSubmit={() => order && save.mutate(order satisfies Inputs['mail']['set'])}>
      {kept && (
        <div className={css['line']}>
          <OnOff isOn={kept.isOn} />
          <span>
            {kept.isOn ? 'Notices go out by' : 'Off; notices would go out by'} {kept.host} to {kept.to.join(', ')}.
          </span>
        </div>
      )}
      <MailFields draft={draft} set={set} problems={problems} kept={kept} />
      <Toggle label="On" on={draft.isOn} onChange={(isOn) => setDraft({ ...draft, isOn })} />
      {save.error && <ErrorBox error={save.error} money="The mail server is as it was, and nothing was sent." />}
      {test.error && <ErrorBox error={test.error} money="Nothing was sent." />}
      <Actions>
        <Button kind="primary" submit busy={save.isPending} disabled={order === null}>
          Save
        </Button>
        {kept && (
          <>
            <Button busy={test.isPending} onClick={() => test.mutate({})}>
              Send a test
            </Button>
            <Button kind="danger" onClick={() => setRemoving(true)}>
              Remove
            </Button>
          </>
        )}
      </Actions>
      {isRemoving && <Remove onClose={() => setRemoving(false)} />}
    </Form>
  );
}

type FieldsProps = Readonly<{
  draft: MailDraft;
  set: (name: keyof MailDraft) => (value: string) => void;
  problems: ReturnType<typeof readMail>['problems'];
  kept: Mail | null;
}>;

function MailFields({ draft, set, problems, kept }: FieldsProps) {
  return (
    <>
      <Columns>
        <TextField
          label="Mail server"
          hint="Its name, as smtp.example.com."
          value={draft.host}
          onChange={set('host')}
          problem={problems.host}
          maxLength={253}
          autoComplete="off"
        />
        <TextField
          label="Port"
          inputMode="numeric"
          value={draft.port}
          onChange={set('port')}
          problem={problems.port}
          maxLength={5}
          autoComplete="off"
        />
      </Columns>
      <SelectField label="Privacy of the way" value={draft.security} onChange={set('security')} options={SECURITY} />
      <Columns>
        <TextField
          label="User"
          hint="Empty where the server asks for none."
          value={draft.user}
          onChange={set('user')}
          maxLength={200}
          autoComplete="off"
        />
        <TextField
          label="Password"
          type="password"
          hint={kept?.hasPassword ? 'One is kept; empty leaves it as it is.' : 'It is never shown again.'}
          value={draft.password}
          onChange={set('password')}
          maxLength={1000}
          autoComplete="new-password"
        />
        <TextField
          label="From"
          value={draft.from}
          onChange={set('from')}
          problem={problems.from}
          maxLength={254}
          autoComplete="off"
        />
        <TextField
          label="To"
          hint="Several with commas between."
          value={draft.to}
          onChange={set('to')}
          problem={problems.to}
          autoComplete="off"
        />
      </Columns>
    </>
  );
}

function Remove({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient();
  const remove = useMutation(
    orpc.mail.delete.mutationOptions({
      onSuccess: () => {
        announce('No more mail is sent; the password is forgotten');
        void queries.invalidateQueries({ queryKey: orpc.mail.key() });
        onClose();
      },
    }),
  );
  return (
    <Dialog open onClose={onClose} title="Send no more mail?">
      <p>The mail server and its password are forgotten, and what waits to be mailed fails.</p>
      {remove.error && <ErrorBox error={remove.error} money="Mail goes on as it was." />}
      <Actions end>
        <Button onClick={onClose}>Keep it</Button>
        <Button kind="danger" busy={remove.isPending} onClick={() => remove.mutate({})}>
          Send no more mail
        </Button>
      </Actions>
    </Dialog>
  );
}

function Mailed() {
  const query = useQuery(
    orpc.mail.deliveries.queryOptions({
      input: { limit: 20 },
      refetchInterval: ({ state }) =>
        state.data?.items.some((one) => one.state === 'waiting') === true ? LOOK_EVERY_MS : false,
    }),
  );
  return (
    <Panel title="Last mails">
      <DeliveryTable
        name="last mails"
        rows={query.data?.items}
        error={query.data ? null : query.error}
        retry={() => void query.refetch()}
        bare
        without={WITHOUT}
        empty={<Empty title="Nothing was mailed yet">Send a test to see whether the server takes it.</Empty>}
      />
    </Panel>
  );
}
