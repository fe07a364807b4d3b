/** One alert: what crossed which threshold, since when, who has seen it, and whether anybody could be told. */
import { useQuery } from '@tanstack/react-query';
import { Link, getRouteApi } from '@tanstack/react-router';
import { client, orpc } from '../../lib/rpc.ts';
import { useMay } from '../../lib/session.tsx';
import { Dash } from '../../ui/amount.tsx';
import { Button, buttonClass } from '../../ui/controls.tsx';
import { Id, Time } from '../../ui/marks.tsx';
import { Drawer } from '../../ui/overlay.tsx';
import { Empty, ErrorBox, Loading } from '../../ui/states.tsx';
import { Actions, Facts, Note, Panel } from '../../ui/surface.tsx';
import { useAcknowledge } from './alerts.tsx';
import { DeliveryTable } from './delivery-table.tsx';
import { Against, AlertState, Severity } from './marks.tsx';
import { useCustomerNames, useWebhookNames } from './names.ts';
import { KIND_WORDS, ruleSentence } from './words.ts';
import type { Alert } from './words.ts';

const route = getRouteApi('/alerts/$alert');
const PAGE = 500;

/** An alert by its id, wherever in the list it stands: the contract lists them, newest first. */
async function alertBy(id: string): Promise<Alert | null> {
  let cursor: string | undefined;
  do {
    const page = await client.alerts.list({ state: 'all', limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    const found = page.items.find((one) => one.id === id);
    if (found) return found;
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return null;
}

export function AlertDrawer() {
  const { alert: id } = route.useParams();
  const navigate = route.useNavigate();
  const query = useQuery({ queryKey: [...orpc.alerts.key(), 'one', id], queryFn: () => alertBy(id) });
  const { data: alert, error } = query;
  return (
    <Drawer
      name="alert"
      title={alert?.title ?? 'Alert'}
      beside={alert && <AlertState alert={alert} />}
      onClose={() => void navigate({ to: '/alerts', search: (all) => all })}
    >
      {query.isPending && <Loading label="Reading the alert" />}
      {error && (
        <ErrorBox error={error} money="This only reads: nothing was changed." retry={() => void query.refetch()} />
      )}
      {alert === null && <Empty title="No alert has this id">The link may be of another workspace.</Empty>}
      {alert && <Body alert={alert} />}
    </Drawer>
  );
}

function Body({ alert }: { alert: Alert }) {
  const may = useMay('alerts:write');
  const mayBooks = useMay('workspace:write');
  const names = useCustomerNames();
  const acknowledge = useAcknowledge();
  const { customer, acknowledgedMs, acknowledgedBy, clearedMs, firedMs } = alert;
  return (
    <>
      <p>{alert.detail}</p>
      <Facts
        left
        rows={[
          ['How bad', <Severity key="severity" severity={alert.severity} />],
          ['Value when it fired', <Against key="value" alert={alert} />],
          ['Since', <Time key="since" ms={firedMs} />],
          ['Over', clearedMs === null ? 'not yet' : <Time key="over" ms={clearedMs} />],
          [
            'Customer',
            customer === null ? (
              <Dash key="customer" />
            ) : (
              <Link key="customer" to="/customers/$customer" params={{ customer }}>
                {names.get(customer) ?? customer}
              </Link>
            ),
          ],
          ...(alert.meter === null ? [] : ([['Meter', <code key="meter">{alert.meter}</code>]] as const)),
          [
            'Seen by',
            acknowledgedMs === null ? (
              'nobody yet'
            ) : (
              <span key="seen">
                <Id id={acknowledgedBy ?? ''} label="operator" plain /> · <Time ms={acknowledgedMs} />
              </span>
            ),
          ],
        ]}
      />
      <RuleOf alert={alert} />
      <Actions>
        {may && acknowledgedMs === null && clearedMs === null && (
          <Button kind="primary" busy={acknowledge.isPending} onClick={() => acknowledge.mutate({ alert: alert.id })}>
            Acknowledge
          </Button>
        )}
        {alert.kind === 'unrated-usage' && (
          <Link className={buttonClass()} to="/usage" search={{ show: 'unrated' }}>
            Open the unrated queue
          </Link>
        )}
        {alert.kind === 'stuck-hold' && customer !== null && (
          <Link className={buttonClass()} to="/customers/$customer" params={{ customer }} search={{ tab: 'holds' }}>
            Open its holds
          </Link>
        )}
        {['balance-below', 'days-left', 'refused-calls'].includes(alert.kind) && customer !== null && (
          <Link className={buttonClass()} to="/customers/$customer" params={{ customer }} search={{ tab: 'credit' }}>
            Open its credit
          </Link>
        )}
      </Actions>
      {acknowledge.error && <ErrorBox error={acknowledge.error} money="The alert is as it was." />}
      {mayBooks && <ToldOf alert={alert} />}
    </>
  );
}

function RuleOf({ alert }: { alert: Alert }) {
  const rules = useQuery(orpc.alerts.rules.queryOptions({ input: {} }));
  const customers = useCustomerNames();
  const webhooks = useWebhookNames();
  const rule = rules.data?.items.find(({ id }) => id === alert.rule);
  if (rules.data && !rule) return <Note>Its rule, {alert.name}, was deleted.</Note>;
  if (!rule) return null;
  return (
    <Note>
      <Link to="/alerts/rules/$rule" params={{ rule: rule.id }} search={(all) => all}>
        {rule.name}
      </Link>{' '}
      ({KIND_WORDS[rule.kind].toLowerCase()}): {ruleSentence(rule, customers, webhooks)}
    </Note>
  );
}

const LOOK_EVERY_MS = 2_000;
/** A drawer has no room for it, and the delivery itself says every try. */
const WITHOUT = ['last'];

function ToldOf({ alert }: { alert: Alert }) {
  const input = { alert: alert.id, limit: 100 };
  const often = { refetchInterval: LOOK_EVERY_MS };
  const posted = useQuery(orpc.webhooks.deliveries.queryOptions({ input, ...often }));
  const mailed = useQuery(orpc.mail.deliveries.queryOptions({ input, ...often }));
  const rows = posted.data && mailed.data && [...posted.data.items, ...mailed.data.items];
  return (
    <Panel title="Who was told">
      <DeliveryTable
        name="notices of this alert"
        rows={rows}
        error={rows ? null : (posted.error ?? mailed.error)}
        bare
        without={WITHOUT}
        empty={<Empty title="Nobody was told">The rule tells no channel, or the quiet hours are not over.</Empty>}
      />
    </Panel>
  );
}
