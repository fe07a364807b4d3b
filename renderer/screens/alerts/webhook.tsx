/** One webhook: its name, address and state, a test post, a new secret, and its last deliveries. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { useNow } from '../../lib/now.ts';
import { orpc } from '../../lib/rpc.ts';
import { useMay } from '../../lib/session.tsx';
import { Button, SelectField, TextField, Toggle } from '../../ui/controls.tsx';
import { Time } from '../../ui/marks.tsx';
import { Dialog, Drawer } from '../../ui/overlay.tsx';
import { Empty, ErrorBox, Loading } from '../../ui/states.tsx';
import { Actions, Facts, Form, Panel } from '../../ui/surface.tsx';
import { announce } from '../../ui/toast.tsx';
import { DeliveryTable } from './delivery-table.tsx';
import { OnOff, SecretOnce, secretWords } from './webhooks.tsx';
import type { Webhook } from './words.ts';

const route = getRouteApi('/alerts/webhooks/$webhook');
const LOOK_EVERY_MS = 1_000;
const WITHOUT = ['to'];

export function WebhookDrawer() {
  const { webhook: id } = route.useParams();
  const navigate = route.useNavigate();
  const may = useMay('workspace:write');
  const close = (): void => void navigate({ to: '/alerts', search: (all) => ({ ...all, pane: 'webhooks' as const }) });
  const query = useQuery(orpc.webhooks.list.queryOptions({ input: {}, enabled: may }));
  const webhook = query.data?.items.find((one) => one.id === id);
  return (
    <Drawer
      name="webhook"
      title={webhook?.name ?? 'Webhook'}
      beside={webhook && <OnOff isOn={webhook.isOn} />}
      onClose={close}
    >
      {!may && <Empty title="Only admins see webhooks">Ask an admin to look, or to give you the role.</Empty>}
      {may && query.isPending && <Loading label="Reading the webhook" />}
      {query.error && <ErrorBox error={query.error} money="This only reads: nothing was changed." />}
      {query.data && !webhook && <Empty title="No webhook has this id">It may have been removed.</Empty>}
      {webhook && <Body key={webhook.id} webhook={webhook} onGone={close} />}
    </Drawer>
  );
}

type Asked = 'rotate' | 'remove' | null;

function Body({ webhook, onGone }: { webhook: Webhook; onGone: () => void }) {
  const [asked, setAsked] = useState<Asked>(null);
  const nowMs = useNow();
  const queries = useQueryClient();
  const test = useMutation(
    orpc.webhooks.test.mutationOptions({
      onSuccess: () => {
        announce('A test is on its way; see below how it went');
        void queries.invalidateQueries({ queryKey: orpc.webhooks.key() });
      },
    }),
  );
  return (
    <>
      <Facts
        left
        rows={[
          ['Secrets that sign', secretWords(webhook, nowMs)],
          ['Made', <Time key="made" ms={webhook.createdMs} />],
        ]}
      />
      <ChangeForm webhook={webhook} />
      <Actions>
        <Button busy={test.isPending} onClick={() => test.mutate({ webhook: webhook.id })}>
          Send a test
        </Button>
        <Button onClick={() => setAsked('rotate')}>New secret</Button>
        <Button kind="danger" onClick={() => setAsked('remove')}>
          Remove
        </Button>
      </Actions>
      {test.error && <ErrorBox error={test.error} money="Nothing was posted." />}
      <Posted webhook={webhook} />
      {asked === 'rotate' && <Rotate webhook={webhook} onClose={() => setAsked(null)} />}
      {asked === 'remove' && <Remove webhook={webhook} onClose={() => setAsked(null)} onGone={onGone} />}
    </>
  );
}

function ChangeForm({ webhook }: { webhook: Webhook }) {
  const [form, setForm] = useState({ name: webhook.name, url: webhook.url, isOn: webhook.isOn });
  const queries = useQueryClient();
  const change = useMutation(
    orpc.webhooks.change.mutationOptions({
      onSuccess: (after) => {
        announce(`${after.name} is changed`);
        setForm({ name: after.name, url: after.url, isOn: after.isOn });
        void queries.invalidateQueries({ queryKey: orpc.webhooks.key() });
      },
    }),
  );
  const [name, url] = [form.name.trim(), form.url.trim()];
  const isSame = name === webhook.name && url === webhook.url && form.isOn === webhook.isOn;
  const isFine = name !== '' && /^https?:\/\/[^\s]+$/.test(url);
  return (
    <Form onSubmit={() => isFine && !isSame && change.mutate({ webhook: webhook.id, name, url, isOn: form.isOn })}>
      <TextField
        label="Name"
        value={form.name}
        onChange={(value) => setForm({ ...form, name: value })}
        maxLength={120}
        autoComplete="off"
      />
      <TextField
        label="Address"
        type="url"
        value={form.url}
        onChange={(value) => setForm({ ...form, url: value })}
        problem={isFine || name === '' ? undefined : 'It begins with https://.'}
        maxLength={2000}
        autoComplete="off"
      />
      <Toggle
        label={form.isOn ? 'On' : 'Off: what waits for it fails'}
        on={form.isOn}
        onChange={(isOn) => setForm({ ...form, isOn })}
      />
      {change.error && <ErrorBox error={change.error} money="The webhook is as it was." />}
      <Actions>
        <Button kind="primary" submit busy={change.isPending} disabled={isSame || !isFine}>
          Save
        </Button>
      </Actions>
    </Form>
  );
}

function Posted({ webhook }: { webhook: Webhook }) {
  const query = useQuery(
    orpc.webhooks.deliveries.queryOptions({
      input: { channel: webhook.id, limit: 20 },
      refetchInterval: ({ state }) =>
        state.data?.items.some((one) => one.state === 'waiting') === true ? LOOK_EVERY_MS : false,
    }),
  );
  return (
    <Panel title="Last deliveries">
      <DeliveryTable
        name={`deliveries to ${webhook.name}`}
        rows={query.data?.items}
        error={query.data ? null : query.error}
        retry={() => void query.refetch()}
        bare
        without={WITHOUT}
        empty={<Empty title="Nothing was posted yet">Send a test to see whether somebody answers there.</Empty>}
      />
    </Panel>
  );
}

const OVERLAPS = [
  { value: '0', label: 'None: the old secret ends now' },
  { value: '3600000', label: '1 hour' },
  { value: '86400000', label: '1 day' },
  { value: '604800000', label: '7 days' },
];

function Rotate({ webhook, onClose }: { webhook: Webhook; onClose: () => void }) {
  const [overlap, setOverlap] = useState('86400000');
  const queries = useQueryClient();
  const rotate = useMutation(
    orpc.webhooks.rotate.mutationOptions({
      onSuccess: () => queries.invalidateQueries({ queryKey: orpc.webhooks.key() }),
    }),
  );
  if (rotate.data) return <SecretOnce secret={rotate.data.secret} name={webhook.name} onClose={onClose} />;
  return (
    <Dialog open onClose={onClose} title={`New secret for ${webhook.name}`}>
      <Form onSubmit={() => rotate.mutate({ webhook: webhook.id, overlapMs: Number.parseInt(overlap, 10) })}>
        <p>During the overlap every post is signed with both, so the receiver may change over at any time of it.</p>
        <SelectField label="Overlap" value={overlap} onChange={setOverlap} options={OVERLAPS} />
        {rotate.error && <ErrorBox error={rotate.error} money="The old secret goes on as it was." />}
        <Actions end>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" submit busy={rotate.isPending}>
            Make new secret
          </Button>
        </Actions>
      </Form>
    </Dialog>
  );
}

type RemoveProps = Readonly<{ webhook: Webhook; onClose: () => void; onGone: () => void }>;

function Remove({ webhook, onClose, onGone }: RemoveProps) {
  const queries = useQueryClient();
  const remove = useMutation(
    orpc.webhooks.delete.mutationOptions({
      onSuccess: () => {
        announce(`${webhook.name} is removed`);
        void queries.invalidateQueries({ queryKey: orpc.webhooks.key() });
        onGone();
      },
    }),
  );
  return (
    <Dialog open onClose={onClose} title={`Remove ${webhook.name}?`}>
      <p>Its secrets are forgotten and what waits for it fails. Its deliveries stay in the log.</p>
      {remove.error && <ErrorBox error={remove.error} money="The webhook is as it was." />}
      <Actions end>
        <Button onClick={onClose}>Keep it</Button>
        <Button kind="danger" busy={remove.isPending} onClick={() => remove.mutate({ webhook: webhook.id })}>
          Remove the webhook
        </Button>
      </Actions>
    </Dialog>
  );
}
