/** Who may sign in, as what, and who is signed in now. */
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { orpc } from '../../lib/rpc.ts';
import { useMay, useSession } from '../../lib/session.tsx';
import type { OpenSession, Operator } from '../../lib/shapes.ts';
import { isoTime } from '../../lib/time.ts';
import { Dash } from '../../ui/amount.tsx';
import { byText } from '../../ui/columns.ts';
import type { Column } from '../../ui/columns.ts';
import { Button } from '../../ui/controls.tsx';
import { Id, Pill, Status, Time } from '../../ui/marks.tsx';
import { Empty } from '../../ui/states.tsx';
import { Panel } from '../../ui/surface.tsx';
import { Table } from '../../ui/table.tsx';
import { AddOperator, ChangeOperator, ChangePassphrase } from './operator-dialogs.tsx';
import { Reviewers } from './reviewers.tsx';
import css from './settings.module.css';

type Asked = Readonly<{ what: 'add' } | { what: 'passphrase' } | { what: 'change'; operator: Operator }>;

function columnsFor(own: string | undefined, change: ((operator: Operator) => void) | undefined): Column<Operator>[] {
  const columns: Column<Operator>[] = [
    {
      id: 'name',
      title: 'Name',
      sort: byText((row) => row.name),
      text: (row) => row.name,
      cell: (row) => (
        <span>
          <b>{row.name}</b> {row.id === own && <Pill>you</Pill>}
        </span>
      ),
    },
    { id: 'role', title: 'Role', width: '110px', text: (row) => row.role, cell: (row) => row.role },
    {
      id: 'state',
      title: 'State',
      width: '120px',
      text: (row) => (row.disabled ? 'disabled' : 'active'),
      cell: (row) => (
        <Status tone={row.disabled ? 'quiet' : 'good'} shape={row.disabled ? 'cross' : 'check'}>
          {row.disabled ? 'Disabled' : 'Active'}
        </Status>
      ),
    },
    {
      id: 'seen',
      title: 'Seen',
      width: '110px',
      text: (row) => (row.lastSeenMs === null ? '' : isoTime(row.lastSeenMs)),
      cell: (row) =>
        row.lastSeenMs === null ? (
          <span title="Not since the core was started">
            <Dash />
          </span>
        ) : (
          <Time ms={row.lastSeenMs} />
        ),
    },
    {
      id: 'key',
      title: 'Key',
      width: '170px',
      optional: true,
      text: (row) => row.publicKey,
      cell: (row) => <Id id={row.publicKey} label={`public key of ${row.name}`} />,
    },
    {
      id: 'made',
      title: 'Added',
      width: '110px',
      text: (row) => isoTime(row.createdMs),
      cell: (row) => <Time ms={row.createdMs} />,
    },
  ];
  return change ? [...columns, changeColumn(change)] : columns;
}

function changeColumn(change: (operator: Operator) => void): Column<Operator> {
  return {
    id: 'change',
    title: '',
    end: true,
    width: '100px',
    text: () => '',
    cell: (row) => (
      <Button size="small" onClick={() => change(row)} aria-label={`Change ${row.name}`}>
        Change
      </Button>
    ),
  };
}

const SESSION_COLUMNS: readonly Column<OpenSession>[] = [
  {
    id: 'name',
    title: 'Name',
    text: (row) => row.name,
    cell: (row) => (
      <span>
        <b>{row.name}</b> {row.own && <Pill>this session</Pill>}
      </span>
    ),
  },
  {
    id: 'state',
    title: 'State',
    width: '120px',
    text: (row) => (row.locked ? 'locked' : 'open'),
    cell: (row) => (
      <Status tone={row.locked ? 'attention' : 'good'} shape={row.locked ? 'half' : 'dot'}>
        {row.locked ? 'Locked' : 'Open'}
      </Status>
    ),
  },
  {
    id: 'since',
    title: 'Since',
    width: '110px',
    text: (row) => isoTime(row.sinceMs),
    cell: (row) => <Time ms={row.sinceMs} />,
  },
  {
    id: 'seen',
    title: 'Last command',
    width: '120px',
    text: (row) => isoTime(row.lastSeenMs),
    cell: (row) => <Time ms={row.lastSeenMs} />,
  },
];

export function OperatorsPart() {
  const session = useSession();
  const may = useMay('operators:write');
  const [asked, setAsked] = useState<Asked | null>(null);
  const operators = useQuery(orpc.operators.list.queryOptions({ input: {} }));
  const own = session?.operator?.id;
  const columns = useMemo(
    () => columnsFor(own, may ? (operator) => setAsked({ what: 'change', operator }) : undefined),
    [own, may],
  );
  const close = (): void => setAsked(null);
  return (
    <>
      <div className={css['list']} data-list="">
        <Panel label="Operators">
          <Table
            name="operators"
            rows={operators.data?.items}
            error={operators.data ? null : operators.error}
            retry={() => void operators.refetch()}
            columns={columns}
            fixed
            rowKey={(row) => row.id}
            tools={
              <>
                {may && (
                  <Button size="small" kind="primary" onClick={() => setAsked({ what: 'add' })}>
                    Add operator
                  </Button>
                )}
                {own !== undefined && (
                  <Button size="small" onClick={() => setAsked({ what: 'passphrase' })}>
                    Change your passphrase
                  </Button>
                )}
              </>
            }
            empty={
              <Empty title="Nobody may sign in" command="npx tollkeeper operators create --name NAME --role admin">
                Each operator signs in with a passphrase, which also seals a key of their own.
              </Empty>
            }
          />
        </Panel>
      </div>
      <SignedIn />
      <Reviewers />
      {asked?.what === 'add' && <AddOperator onClose={close} />}
      {asked?.what === 'passphrase' && <ChangePassphrase onClose={close} />}
      {asked?.what === 'change' && <ChangeOperator operator={asked.operator} onClose={close} />}
    </>
  );
}

function SignedIn() {
  const sessions = useQuery(orpc.operators.sessions.queryOptions({ input: {} }));
  return (
    <Panel
      title="Signed in now"
      aside={
        <Button size="small" busy={sessions.isFetching} onClick={() => void sessions.refetch()}>
          Look again
        </Button>
      }
    >
      <Table
        name="sessions"
        bare
        rows={sessions.data?.items}
        error={sessions.data ? null : sessions.error}
        retry={() => void sessions.refetch()}
        columns={SESSION_COLUMNS}
        fixed
        rowKey={(row) => `${row.operator} ${row.sinceMs}`}
        empty={<Empty title="Nobody is signed in">This page reads as nobody in particular.</Empty>}
      />
    </Panel>
  );
}
