/** One delivery: every try with its answer, what comes next, and sending it again. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, getRouteApi } from '@tanstack/react-router';
import { useNow } from '../../lib/now.ts';
import { client, orpc } from '../../lib/rpc.ts';
import { useMay } from '../../lib/session.tsx';
import { isoTime } from '../../lib/time.ts';
import { Dash } from '../../ui/amount.tsx';
import type { Column } from '../../ui/columns.ts';
import { Button, buttonClass } from '../../ui/controls.tsx';
import { Id, Status, Time } from '../../ui/marks.tsx';
import { Drawer } from '../../ui/overlay.tsx';
import { Empty, ErrorBox, Loading } from '../../ui/states.tsx';
import { Actions, Facts, Panel } from '../../ui/surface.tsx';
import { Table } from '../../ui/table.tsx';
import { announce } from '../../ui/toast.tsx';
import css from './alerts.module.css';
import { channelName } from './delivery-table.tsx';
import { DeliveryState } from './marks.tsx';
import { useWebhookNames } from './names.ts';
import { EVENT_WORDS, nextWords } from './words.ts';
import type { Delivery } from './words.ts';

const route = getRouteApi('/alerts/deliveries/$delivery');
const PAGE = 500;
const LOOK_EVERY_MS = 1_000;

/** A delivery by its id, wherever in the log it stands. */
async function deliveryBy(id: string, isMail: boolean): Promise<Delivery | null> {
  let cursor: string | undefined;
  do {
    const input = { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) };
    const page = isMail ? await client.mail.deliveries(input) : await client.webhooks.deliveries(input);
    const found = page.items.find((one) => one.id === id);
    if (found) return found;
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return null;
}

type Attempt = Delivery['attempts'][number];

const COLUMNS: readonly Column<Attempt>[] = [
  { id: 'no', title: 'Try', width: '52px', end: true, text: (row) => String(row.no), cell: (row) => row.no },
  {
    id: 'when',
    title: 'When',
    width: '110px',
    text: (row) => isoTime(row.atMs),
    cell: (row) => <Time ms={row.atMs} />,
  },
  {
    id: 'ok',
    title: 'How it went',
    width: '120px',
    text: (row) => (row.ok ? 'taken' : 'not taken'),
    cell: (row) => (
      <Status tone={row.ok ? 'good' : 'danger'} shape={row.ok ? 'check' : 'cross'}>
        {row.ok ? 'Taken' : 'Not taken'}
      </Status>
    ),
  },
  {
    id: 'status',
    title: 'Status',
    width: '70px',
    end: true,
    text: (row) => String(row.status ?? ''),
    cell: (row) => row.status ?? <Dash />,
  },
  {
    id: 'detail',
    title: 'Answer',
    text: (row) => row.detail,
    cell: (row) => (row.detail === '' ? <Dash /> : <span className={css['wrap']}>{row.detail}</span>),
  },
];

export function DeliveryDrawer() {
  const { delivery: id } = route.useParams();
  const { way: by } = route.useSearch();
  const navigate = route.useNavigate();
  const may = useMay('workspace:write');
  const query = useQuery({
    queryKey: [...(by === 'mail' ? orpc.mail.key() : orpc.webhooks.key()), 'delivery', id],
    queryFn: () => deliveryBy(id, by === 'mail'),
    enabled: may,
    refetchInterval: ({ state }) => (state.data?.state === 'waiting' ? LOOK_EVERY_MS : false),
  });
  const { data: delivery, error } = query;
  return (
    <Drawer
      name="delivery"
      title={delivery ? EVENT_WORDS[delivery.event] : 'Delivery'}
      beside={delivery && <DeliveryState state={delivery.state} />}
      onClose={() => void navigate({ to: '/alerts', search: (all) => all })}
    >
      {!may && <Empty title="Only admins see deliveries">Ask an admin to look, or to give you the role.</Empty>}
      {may && query.isPending && <Loading label="Reading the delivery" />}
      {error && (
        <ErrorBox error={error} money="This only reads: nothing was sent." retry={() => void query.refetch()} />
      )}
      {delivery === null && <Empty title="No delivery has this id">The link may be of another workspace.</Empty>}
      {delivery && <Body delivery={delivery} isMail={by === 'mail'} />}
    </Drawer>
  );
}

function useResend(isMail: boolean) {
  const queries = useQueryClient();
  const done = {
    onSuccess: () => {
      announce('Sent again, under the same id');
      void queries.invalidateQueries({ queryKey: (isMail ? orpc.mail : orpc.webhooks).key() });
    },
  };
  const mail = useMutation(orpc.mail.resend.mutationOptions(done));
  const hook = useMutation(orpc.webhooks.resend.mutationOptions(done));
  return isMail ? mail : hook;
}

function Body({ delivery, isMail }: { delivery: Delivery; isMail: boolean }) {
  const webhooks = useWebhookNames();
  const nowMs = useNow();
  const resend = useResend(isMail);
  const next = nextWords(delivery, nowMs);
  const end = delivery.state === 'sent' ? 'nothing, it was taken' : 'nothing, it was given up; send it again by hand';
  return (
    <>
      <Facts
        left
        rows={[
          ['To', channelName(delivery.channel, webhooks)],
          ['What comes next', next ?? end],
          ['Id', <Id key="id" id={delivery.id} label="id of the notice" />],
        ]}
      />
      <Actions>
        <Button kind="primary" busy={resend.isPending} onClick={() => resend.mutate({ delivery: delivery.id })}>
          Send again
        </Button>
        {delivery.alert !== null && (
          <Link
            className={buttonClass()}
            to="/alerts/$alert"
            params={{ alert: delivery.alert }}
            search={(all) => ({ ...all, way: undefined })}
          >
            Open the alert
          </Link>
        )}
      </Actions>
      {resend.error && <ErrorBox error={resend.error} money="Nothing was sent." />}
      <Panel title="Tries">
        <Table<Attempt>
          name="tries"
          rows={delivery.attempts}
          columns={COLUMNS}
          rowKey={(row) => String(row.no)}
          fixed
          bare
          empty={<Empty title="Not tried yet">The first try is under way; its answer appears here.</Empty>}
        />
      </Panel>
    </>
  );
}
