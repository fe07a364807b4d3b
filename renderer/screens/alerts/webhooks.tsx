/** Where notices are posted to: a list, and making a webhook, whose secret is shown once. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, getRouteApi, useParams } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import { useNow } from '../../lib/now.ts';
import { orpc } from '../../lib/rpc.ts';
import { useMay } from '../../lib/session.tsx';
import { isoTime, spanText } from '../../lib/time.ts';
import { byText } from '../../ui/columns.ts';
import type { Column } from '../../ui/columns.ts';
import { Button, TextField } from '../../ui/controls.tsx';
import { copyText } from '../../ui/copy.tsx';
import { Status, Time } from '../../ui/marks.tsx';
import { Dialog } from '../../ui/overlay.tsx';
import { Empty, ErrorBox } from '../../ui/states.tsx';
import { Actions, Form, Panel } from '../../ui/surface.tsx';
import { Table } from '../../ui/table.tsx';
import css from './alerts.module.css';
import { AdminsOnly } from './no-permission.tsx';
import type { Webhook } from './words.ts';

const route = getRouteApi('/alerts');

export function OnOff({ isOn }: { isOn: boolean }) {
  return (
    <Status tone={isOn ? 'good' : 'quiet'} shape={isOn ? 'check' : 'ring'}>
      {isOn ? 'On' : 'Off'}
    </Status>
  );
}

/** How many secrets sign, and until when the older one does. */
export function secretWords({ secrets }: Webhook, nowMs: number): string {
  const ends = secrets.flatMap(({ untilMs }) => (untilMs === null ? [] : [untilMs]));
  if (ends.length === 0) return 'one';
  return `${secrets.length}, the older one for ${spanText(Math.max(0, Math.max(...ends) - nowMs))} more`;
}

const columnsAt = (nowMs: number): Column<Webhook>[] => [
  {
    id: 'name',
    title: 'Webhook',
    width: '180px',
    sort: byText((row) => row.name),
    text: (row) => row.name,
    cell: (row) => (
      <Link to="/alerts/webhooks/$webhook" params={{ webhook: row.id }} search={(all) => all}>
        {row.name}
      </Link>
    ),
  },
  {
    id: 'state',
    title: 'State',
    width: '84px',
    text: (row) => (row.isOn ? 'on' : 'off'),
    cell: (row) => <OnOff isOn={row.isOn} />,
  },
  {
    id: 'url',
    title: 'Address',
    text: (row) => row.url,
    cell: (row) => <code title={row.url}>{row.url}</code>,
  },
  {
    id: 'secrets',
    title: 'Secrets that sign',
    width: '200px',
    text: (row) => secretWords(row, nowMs),
    cell: (row) => secretWords(row, nowMs),
  },
  {
    id: 'created',
    title: 'Made',
    width: '100px',
    text: (row) => isoTime(row.createdMs),
    cell: (row) => <Time ms={row.createdMs} />,
  },
];

export function Webhooks({ chips }: { chips: ReactNode }) {
  const may = useMay('workspace:write');
  if (!may) return <AdminsOnly chips={chips} what="webhooks" />;
  return <List chips={chips} />;
}

function List({ chips }: { chips: ReactNode }) {
  const { webhook } = useParams({ strict: false });
  const navigate = route.useNavigate();
  const query = useQuery(orpc.webhooks.list.queryOptions({ input: {} }));
  const [isMaking, setMaking] = useState(false);
  const minute = Math.floor(useNow() / 60_000);
  const columns = useMemo(() => columnsAt(minute * 60_000), [minute]);
  const make = (
    <Button kind="primary" size="small" onClick={() => setMaking(true)}>
      New webhook
    </Button>
  );
  return (
    <Panel label="Webhooks">
      <Table<Webhook>
        name="webhooks"
        rows={query.data?.items}
        error={query.data ? null : query.error}
        retry={() => void query.refetch()}
        columns={columns}
        rowKey={(row) => row.id}
        selected={webhook ?? ''}
        tools={
          <>
            {chips}
            {make}
          </>
        }
        fixed
        onOpen={(row) =>
          void navigate({ to: '/alerts/webhooks/$webhook', params: { webhook: row.id }, search: (all) => all })
        }
        empty={
          <Empty
            title="Notices are posted nowhere yet"
            command="npx tollkeeper webhooks create --name Ops --url https://hooks.example.com/tollkeeper"
          >
            A webhook gets every alert as a signed post, and is tried again for sixteen hours when nobody answers.
          </Empty>
        }
      />
      {isMaking && <NewWebhook onClose={() => setMaking(false)} />}
    </Panel>
  );
}

const isUrl = (text: string): boolean => /^https?:\/\/[^\s]+$/.test(text);

function NewWebhook({ onClose }: { onClose: () => void }) {
  const [form, setForm] = useState({ name: '', url: '' });
  const queries = useQueryClient();
  const create = useMutation(
    orpc.webhooks.create.mutationOptions({
      onSuccess: () => queries.invalidateQueries({ queryKey: orpc.webhooks.key() }),
    }),
  );
  if (create.data) {
    return <SecretOnce secret={create.data.secret} name={create.data.webhook.name} onClose={onClose} />;
  }
  const [name, url] = [form.name.trim(), form.url.trim()];
  const isReady = name !== '' && isUrl(url);
  return (
    <Dialog open onClose={onClose} title="New webhook">
      <Form onSubmit={() => isReady && create.mutate({ name, url })}>
        <TextField
          label="Name"
          hint="Who is behind it, as “Ops”."
          value={form.name}
          onChange={(value) => setForm({ ...form, name: value })}
          maxLength={120}
          autoComplete="off"
        />
        <TextField
          label="Address"
          hint="https and public. It is posted to, redirects are not followed."
          type="url"
          value={form.url}
          onChange={(value) => setForm({ ...form, url: value })}
          problem={form.url !== '' && !isUrl(url) ? 'It begins with https://.' : undefined}
          maxLength={2000}
          autoComplete="off"
        />
        {create.error && <ErrorBox error={create.error} money="No webhook was made and nothing was posted." />}
        <Actions end>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" submit busy={create.isPending} disabled={!isReady}>
            Make webhook
          </Button>
        </Actions>
      </Form>
    </Dialog>
  );
}

/** A secret is in this answer and nowhere else; a click beside the dialog does not close it. */
export function SecretOnce({ secret, name, onClose }: { secret: string; name: string; onClose: () => void }) {
  return (
    <Dialog open keep onClose={onClose} title={`The secret of ${name}`}>
      <p>
        It is shown this once. Copy it now to where the posts are received: with it they verify that a post is from
        here, as Standard Webhooks has it.
      </p>
      <code className={css['secret']}>{secret}</code>
      <Actions end>
        <Button onClick={onClose}>Done, I have it</Button>
        <Button kind="primary" onClick={() => copyText(secret, 'Secret')}>
          Copy secret
        </Button>
      </Actions>
    </Dialog>
  );
}
