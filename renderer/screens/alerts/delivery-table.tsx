/** Deliveries as rows: state, what, to whom, how the tries went, when the next one is. */
import { Link, useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { ReactNode } from 'react';
import { MAIL_CHANNEL } from '#core/domain/notice.ts';
import { useNow } from '../../lib/now.ts';
import { isoTime } from '../../lib/time.ts';
import { Dash } from '../../ui/amount.tsx';
import type { Column } from '../../ui/columns.ts';
import { Time } from '../../ui/marks.tsx';
import { Table } from '../../ui/table.tsx';
import { DeliveryState } from './marks.tsx';
import { useWebhookNames } from './names.ts';
import { EVENT_WORDS, nextWords, resultWords } from './words.ts';
import type { Delivery, Names } from './words.ts';

export const channelName = (channel: string, webhooks: Names): string =>
  channel === MAIL_CHANNEL ? 'Mail' : (webhooks.get(channel) ?? 'a removed webhook');

export const wayOf = (channel: string): 'mail' | undefined => (channel === MAIL_CHANNEL ? 'mail' : undefined);

function columnsFor(webhooks: Names, nowMs: number): Column<Delivery>[] {
  return [
    {
      id: 'state',
      title: 'State',
      width: '104px',
      text: (row) => row.state,
      cell: (row) => <DeliveryState state={row.state} />,
    },
    {
      id: 'what',
      title: 'What',
      width: '112px',
      text: (row) => EVENT_WORDS[row.event],
      cell: (row) => (
        <Link
          to="/alerts/deliveries/$delivery"
          params={{ delivery: row.id }}
          search={(all) => ({ ...all, way: wayOf(row.channel) })}
        >
          {EVENT_WORDS[row.event]}
        </Link>
      ),
    },
    {
      id: 'to',
      title: 'To',
      width: '112px',
      text: (row) => channelName(row.channel, webhooks),
      cell: (row) => channelName(row.channel, webhooks),
    },
    {
      id: 'answer',
      title: 'Answer',
      text: resultWords,
      cell: (row) => <span title={resultWords(row)}>{resultWords(row)}</span>,
    },
    {
      id: 'last',
      title: 'Last try',
      width: '88px',
      text: (row) => isoTime(row.attempts.at(-1)?.atMs ?? 0),
      cell: (row) => {
        const last = row.attempts.at(-1);
        return last === undefined ? <Dash /> : <Time ms={last.atMs} />;
      },
    },
    {
      id: 'next',
      title: 'What comes next',
      width: '136px',
      text: (row) => nextWords(row, nowMs) ?? '',
      cell: (row) => nextWords(row, nowMs) ?? <Dash />,
    },
  ];
}

type Props = Readonly<{
  name: string;
  rows: readonly Delivery[] | undefined;
  error: unknown;
  empty: ReactNode;
  retry?: () => void;
  more?: Readonly<{ load: () => void; busy: boolean }> | undefined;
  tools?: ReactNode;
  selected?: string;
  bare?: boolean;
  /** Columns that say the same in every row here. */
  without?: readonly string[];
}>;

const ALL: readonly string[] = [];

export function DeliveryTable({ without = ALL, ...props }: Props) {
  const webhooks = useWebhookNames();
  const navigate = useNavigate();
  const second = Math.floor(useNow() / 1000);
  const columns = useMemo(
    () => columnsFor(webhooks, second * 1000).filter(({ id }) => !without.includes(id)),
    [webhooks, second, without],
  );
  return (
    <Table
      {...props}
      columns={columns}
      rowKey={(row) => row.id}
      fixed
      onOpen={(row) =>
        void navigate({
          to: '/alerts/deliveries/$delivery',
          params: { delivery: row.id },
          search: { pane: 'deliveries', way: wayOf(row.channel) },
        })
      }
    />
  );
}
