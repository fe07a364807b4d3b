/** The gateway: where customers' servers reach it, how much it takes at once, and how often each plan may ask. */
import { useQuery } from '@tanstack/react-query';
import {
  BATCH_LIMIT_BYTES,
  JSON_LIMIT_BYTES,
  MOST_CLOUD_EVENTS,
  MOST_EVENTS,
  MOST_LAGO_EVENTS,
} from '#core/domain/limits.ts';
import { groupDecimal } from '../../lib/money.ts';
import { orpc } from '../../lib/rpc.ts';
import { sizeText } from '../../lib/size.ts';
import type { Info, Plan } from '../../lib/shapes.ts';
import { byText } from '../../ui/columns.ts';
import type { Column } from '../../ui/columns.ts';
import { CopyButton } from '../../ui/copy.tsx';
import { Status } from '../../ui/marks.tsx';
import { Empty } from '../../ui/states.tsx';
import { Facts, Note, Panel } from '../../ui/surface.tsx';
import { Table } from '../../ui/table.tsx';
import css from './settings.module.css';

const limitText = (limit: number | null): string => (limit === null ? 'no limit' : groupDecimal(String(limit)));

const COLUMNS: readonly Column<Plan>[] = [
  { id: 'name', title: 'Plan', sort: byText((row) => row.name), text: (row) => row.name, cell: (row) => row.name },
  {
    id: 'minute',
    title: 'Requests a minute',
    end: true,
    text: (row) => limitText(row.rateLimitPerMinute),
    cell: (row) => limitText(row.rateLimitPerMinute),
  },
  {
    id: 'day',
    title: 'Requests a day',
    end: true,
    text: (row) => limitText(row.dailyLimit),
    cell: (row) => limitText(row.dailyLimit),
  },
];

const PATHS: readonly (readonly [string, string])[] = [
  ['/v1/usage', 'usage'],
  ['/v1/gate/check', 'whether a call may go on'],
  ['/v1/holds', 'money set aside for work'],
  ['/api/v1/events', 'usage as OpenMeter and Lago send it'],
];

export function GatewayPart({ info }: { info: Info }) {
  const plans = useQuery(orpc.plans.list.queryOptions({ input: {} }));
  return (
    <>
      <div className={css['two']}>
        <Panel
          title="Address"
          aside={
            info.gatewayUrl === null ? (
              <Status tone="quiet" shape="ring">
                Not open
              </Status>
            ) : (
              <Status tone="good" shape="dot">
                Open
              </Status>
            )
          }
        >
          {info.gatewayUrl === null ? (
            <Empty title="The gateway is not open" command="npx tollkeeper serve --gateway 127.0.0.1:8787">
              Customers&apos; servers send usage and ask the gate there, with API keys only.
            </Empty>
          ) : (
            <div style={{ padding: 12 }} className={css['stack']}>
              <span className={css['mono']}>
                {info.gatewayUrl} <CopyButton text={info.gatewayUrl} label="address" />
              </span>
              <Facts left rows={PATHS.map(([path, what]) => [<code key={path}>{path}</code>, what])} />
              <Note>It takes API keys only. Off this machine, put TLS or a proxy of yours before it.</Note>
            </div>
          )}
        </Panel>
        <Panel title="Limits of a request" padded>
          <Facts
            rows={[
              ['Body', sizeText(String(JSON_LIMIT_BYTES))],
              ['Body of a batch of events', sizeText(String(BATCH_LIMIT_BYTES))],
              ['Events of our own API', groupDecimal(String(MOST_EVENTS))],
              ['CloudEvents (OpenMeter)', groupDecimal(String(MOST_CLOUD_EVENTS))],
              ['Events of a batch (Lago)', groupDecimal(String(MOST_LAGO_EVENTS))],
            ]}
          />
        </Panel>
      </div>
      <div className={css['list']} data-list="">
        <Panel title="Rate limits by plan">
          <Table
            name="rate limits"
            rows={plans.data?.items}
            error={plans.data ? null : plans.error}
            retry={() => void plans.refetch()}
            columns={COLUMNS}
            rowKey={(row) => row.key}
            empty={
              <Empty title="No plan yet" command="npx tollkeeper plans create --json - < plan.json">
                Each plan says how often its customers may ask the gateway.
              </Empty>
            }
          />
        </Panel>
      </div>
    </>
  );
}
