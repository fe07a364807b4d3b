/** API keys as a table: made, rotated with an overlap, ended. A secret is shown once and never again. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import { useNow } from '../lib/now.ts';
import { orpc } from '../lib/rpc.ts';
import { useMay } from '../lib/session.tsx';
import type { ApiKey, Customer } from '../lib/shapes.ts';
import { isoTime } from '../lib/time.ts';
import { Dash } from './amount.tsx';
import type { Column } from './columns.ts';
import { Button } from './controls.tsx';
import { Status, Time } from './marks.tsx';
import { Panel } from './surface.tsx';
import { Table } from './table.tsx';
import css from './forms.module.css';
import { CreateKey, RevokeKey, RotateKey, Secret } from './key-dialogs.tsx';

function KeyState({ apiKey }: { apiKey: ApiKey }) {
  const now = useNow();
  if (apiKey.endsMs === null)
    return (
      <Status tone="good" shape="check">
        Active
      </Status>
    );
  if (apiKey.endsMs <= now)
    return (
      <Status tone="quiet" shape="cross">
        Ended
      </Status>
    );
  return (
    <Status tone="attention" shape="half">
      Ends <Time ms={apiKey.endsMs} />
    </Status>
  );
}

type Asked = Readonly<
  { what: 'create' } | { what: 'rotate' | 'revoke'; apiKey: ApiKey } | { what: 'secret'; secret: string; name: string }
>;

function columnsFor(may: boolean, ask: (asked: Asked) => void): Column<ApiKey>[] {
  const columns: Column<ApiKey>[] = [
    { id: 'name', title: 'Name', cell: (row) => <b className={css['name']}>{row.name}</b>, text: (row) => row.name },
    {
      id: 'prefix',
      title: 'Begins with',
      width: '142px',
      cell: (row) => <code>{row.prefix}…</code>,
      text: (row) => row.prefix,
    },
    {
      id: 'state',
      title: 'State',
      width: '96px',
      cell: (row) => <KeyState apiKey={row} />,
      text: (row) => (row.endsMs === null ? 'active' : `ends ${isoTime(row.endsMs)}`),
    },
    {
      id: 'scopes',
      title: 'May',
      cell: (row) => (
        <span className={css['scopes']} title={row.scopes.join(', ')}>
          {row.scopes.join(', ')}
        </span>
      ),
      text: (row) => row.scopes.join(' '),
    },
    {
      id: 'used',
      title: 'Last used',
      width: '84px',
      cell: (row) => (row.lastUsedMs === null ? <Dash /> : <Time ms={row.lastUsedMs} />),
      text: (row) => (row.lastUsedMs === null ? '' : isoTime(row.lastUsedMs)),
    },
  ];
  if (!may) return columns;
  return [
    ...columns,
    {
      id: 'actions',
      title: '',
      width: '140px',
      end: true,
      text: () => '',
      cell: (row) =>
        row.endsMs !== null ? null : (
          <>
            <Button size="small" onClick={() => ask({ what: 'rotate', apiKey: row })} aria-label={`Rotate ${row.name}`}>
              Rotate
            </Button>{' '}
            <Button size="small" onClick={() => ask({ what: 'revoke', apiKey: row })} aria-label={`Revoke ${row.name}`}>
              Revoke
            </Button>
          </>
        ),
    },
  ];
}

type Props = Readonly<{
  name: string;
  /** Whose keys these are; without one, those of everybody. */
  customer?: Customer;
  /** Columns after the name. */
  beside?: readonly Column<ApiKey>[];
  tools?: ReactNode;
  /** Which of them are shown. */
  pick?: (apiKey: ApiKey) => boolean;
  fixed?: boolean;
  empty: ReactNode;
}>;

const everyKey = (): boolean => true;
const NOTHING_BESIDE: readonly Column<ApiKey>[] = [];

export function ApiKeys({
  name,
  customer,
  beside = NOTHING_BESIDE,
  tools,
  pick = everyKey,
  fixed = false,
  empty,
}: Props) {
  const may = useMay('keys:write');
  const queries = useQueryClient();
  const [asked, setAsked] = useState<Asked | null>(null);
  const keys = useQuery(orpc.keys.list.queryOptions({ input: customer ? { customer: customer.id } : {} }));
  const rows = useMemo(() => keys.data?.items.filter(pick), [keys.data, pick]);
  const columns = useMemo(() => {
    const [first, ...rest] = columnsFor(may, setAsked);
    return first ? [first, ...beside, ...rest] : [];
  }, [may, beside]);
  const close = (): void => setAsked(null);
  const changed = (): void => void queries.invalidateQueries({ queryKey: orpc.keys.key() });
  const made = (answer: { secret: string; key: ApiKey }): void => {
    changed();
    setAsked({ what: 'secret', secret: answer.secret, name: answer.key.name });
  };
  const revoke = useMutation(
    orpc.keys.revoke.mutationOptions({
      onSuccess: () => {
        changed();
        close();
      },
    }),
  );
  return (
    <Panel label="API keys">
      <Table
        name={name}
        rows={rows}
        error={keys.data ? null : keys.error}
        retry={() => void keys.refetch()}
        columns={columns}
        fixed={fixed}
        rowKey={(row) => row.id}
        tools={
          <>
            {tools}
            {may && (
              <Button size="small" onClick={() => setAsked({ what: 'create' })}>
                New key
              </Button>
            )}
          </>
        }
        empty={empty}
      />
      {asked?.what === 'create' && <CreateKey customer={customer} onMade={made} onClose={close} />}
      {asked?.what === 'rotate' && <RotateKey apiKey={asked.apiKey} onMade={made} onClose={close} />}
      {asked?.what === 'revoke' && <RevokeKey apiKey={asked.apiKey} revoke={revoke} onClose={close} />}
      {asked?.what === 'secret' && <Secret secret={asked.secret} name={asked.name} onClose={close} />}
    </Panel>
  );
}
