/** The delivery log: every notice that was posted or mailed, each with every try. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { listOf, paging } from '../../lib/lists.ts';
import { orpc } from '../../lib/rpc.ts';
import { useMay } from '../../lib/session.tsx';
import { SelectField } from '../../ui/controls.tsx';
import { Empty } from '../../ui/states.tsx';
import { Panel } from '../../ui/surface.tsx';
import css from './alerts.module.css';
import { DeliveryTable } from './delivery-table.tsx';
import { useWebhookNames } from './names.ts';
import { AdminsOnly } from './no-permission.tsx';

const route = getRouteApi('/alerts');
/** Tries come by the sender's own clock, which no change of the books announces. */
const LOOK_EVERY_MS = 2_000;

export function Deliveries({ chips }: { chips: ReactNode }) {
  const may = useMay('workspace:write');
  const { way: by } = route.useSearch();
  if (!may) return <AdminsOnly chips={chips} what="deliveries" />;
  return by === 'mail' ? <Mailed chips={chips} /> : <Posted chips={chips} />;
}

/** Which channel the log is of: all webhooks, one of them, or mail. */
function Channel() {
  const { way: by, channel } = route.useSearch();
  const navigate = route.useNavigate();
  const webhooks = useWebhookNames();
  const choose = (value: string): void =>
    void navigate({
      to: '/alerts',
      search: (all) => ({
        ...all,
        way: value === 'mail' ? 'mail' : undefined,
        channel: value === '' || value === 'mail' ? undefined : value,
      }),
      replace: true,
    });
  return (
    <div className={css['channel']}>
      <SelectField
        label="To"
        value={by === 'mail' ? 'mail' : (channel ?? '')}
        onChange={choose}
        options={[
          { value: '', label: 'All webhooks' },
          ...[...webhooks].map(([value, label]) => ({ value, label })),
          { value: 'mail', label: 'Mail' },
        ]}
      />
    </div>
  );
}

function Posted({ chips }: { chips: ReactNode }) {
  const { channel } = route.useSearch();
  const { delivery } = useParams({ strict: false });
  const query = useInfiniteQuery(
    orpc.webhooks.deliveries.infiniteOptions({
      ...paging,
      input: (cursor: string | undefined) => ({ limit: 100, cursor, ...(channel ? { channel } : {}) }),
      refetchInterval: ({ state }) => ((state.data?.pages.length ?? 0) > 1 ? false : LOOK_EVERY_MS),
    }),
  );
  return (
    <Panel label="Delivery log">
      <DeliveryTable
        name="posted notices"
        {...listOf(query)}
        selected={delivery ?? ''}
        tools={
          <>
            {chips}
            <Channel />
          </>
        }
        empty={
          <Empty title="Nothing was posted yet" command="npx tollkeeper webhooks deliveries">
            Every notice to a webhook appears here, with each try, its answer, and when it is tried next.
          </Empty>
        }
      />
    </Panel>
  );
}

function Mailed({ chips }: { chips: ReactNode }) {
  const { delivery } = useParams({ strict: false });
  const query = useInfiniteQuery(
    orpc.mail.deliveries.infiniteOptions({
      ...paging,
      input: (cursor: string | undefined) => ({ limit: 100, cursor }),
      refetchInterval: ({ state }) => ((state.data?.pages.length ?? 0) > 1 ? false : LOOK_EVERY_MS),
    }),
  );
  return (
    <Panel label="Delivery log">
      <DeliveryTable
        name="mailed notices"
        {...listOf(query)}
        selected={delivery ?? ''}
        tools={
          <>
            {chips}
            <Channel />
          </>
        }
        empty={
          <Empty title="Nothing was mailed yet" command="npx tollkeeper mail deliveries">
            Every notice by mail appears here, with each try and what the mail server answered.
          </Empty>
        }
      />
    </Panel>
  );
}
