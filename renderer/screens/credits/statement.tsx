/** What a customer's money did in one asset up to any instant, from the books. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { orpc } from '../../lib/rpc.ts';
import type { GrantRow, Statement } from '../../lib/shapes.ts';
import { absoluteTime, dayText, isoTime, readInstant } from '../../lib/time.ts';
import { Amount } from '../../ui/amount.tsx';
import { amountCell } from '../../ui/columns.ts';
import type { Column } from '../../ui/columns.ts';
import { TextField } from '../../ui/controls.tsx';
import { Status } from '../../ui/marks.tsx';
import { Empty, ErrorBox, Loading } from '../../ui/states.tsx';
import { Panel } from '../../ui/surface.tsx';
import { Table } from '../../ui/table.tsx';
import css from './credits.module.css';

const ROLES: Readonly<Record<Statement['accounts'][number]['role'], string>> = {
  wallet: 'Prepaid credit',
  unbilled: 'Used, not invoiced',
  advance: 'Owed to the next grant',
  receivable: 'Invoiced, not paid',
};

export function StatementPanel({ grant }: { grant: GrantRow }) {
  const [typed, setTyped] = useState('');
  const asOfMs = typed === '' ? undefined : readInstant(typed);
  const query = useQuery({
    ...orpc.credits.statement.queryOptions({
      input: { customer: grant.customer, asset: grant.asset, ...(asOfMs ? { asOfMs } : {}) },
    }),
    enabled: asOfMs !== null,
    placeholderData: keepPreviousData,
  });
  return (
    <div className={css['stack']}>
      <div className={css['ask']}>
        <TextField
          label="As of, in UTC"
          type="datetime-local"
          hint="Empty means now."
          value={typed}
          onChange={setTyped}
          problem={asOfMs === null ? 'Give a day and a time.' : undefined}
        />
        {query.data && <Agrees statement={query.data} />}
      </div>
      {query.error && !query.data && (
        <ErrorBox
          error={query.error}
          money="This only reads: nothing was charged."
          retry={() => void query.refetch()}
        />
      )}
      {!query.data && !query.error && <Loading label="Reading the statement" />}
      {query.data && <Accounts statement={query.data} />}
    </div>
  );
}

function Agrees({ statement }: { statement: Statement }) {
  return statement.agrees ? (
    <Status tone="good" shape="check">
      {statement.asOfMs === null ? 'Agrees now' : `Agrees as of ${absoluteTime(statement.asOfMs, 'utc')}`}
    </Status>
  ) : (
    <Status tone="danger" shape="square">
      Entries and balances differ; verify the books
    </Status>
  );
}

type Account = Statement['accounts'][number];
type Move = Account['moves'][number] & Readonly<{ role: Account['role']; at: number }>;

function columnsFor(asset: string): Column<Move>[] {
  return [
    {
      id: 'day',
      title: 'UTC day',
      width: '84px',
      text: (row) => isoTime(row.dayMs).slice(0, 10),
      cell: (row) => dayText(row.dayMs, 'utc'),
    },
    { id: 'role', title: 'Account', text: (row) => row.role, cell: (row) => ROLES[row.role] },
    {
      id: 'memo',
      title: 'What',
      text: (row) => row.memo || row.kind,
      cell: (row) => <span title={row.kind}>{row.memo || row.kind}</span>,
    },
    {
      id: 'count',
      title: 'Entries',
      end: true,
      width: '72px',
      text: (row) => String(row.transactions),
      cell: (row) => row.transactions,
    },
    {
      id: 'amount',
      title: 'Amount',
      end: true,
      width: '168px',
      text: (row) => amountCell(row.amountMinor, asset),
      cell: (row) => <Amount minor={row.amountMinor} asset={asset} precision="short" signed />,
    },
  ];
}

/** What each account closed with. */
function balanceColumns(asset: string): Column<Account>[] {
  return [
    { id: 'role', title: 'Account', text: (row) => row.role, cell: (row) => ROLES[row.role] },
    {
      id: 'closing',
      title: 'Balance then',
      end: true,
      text: (row) => amountCell(row.closingMinor, asset),
      cell: (row) => <Amount minor={row.closingMinor} asset={asset} precision="short" />,
    },
  ];
}

function Accounts({ statement }: { statement: Statement }) {
  const { asset, accounts } = statement;
  const moves = accounts
    .flatMap(({ role, moves: own }) => own.map((move, at): Move => ({ ...move, role, at })))
    .sort((a, b) => b.dayMs - a.dayMs);
  return (
    <>
      <Panel label="Balances">
        <Table
          name="balances"
          bare
          rows={accounts}
          columns={balanceColumns(asset)}
          rowKey={(row) => row.role}
          empty={null}
        />
      </Panel>
      <Panel label="Moves by day">
        <Table
          name="moves by day"
          rows={moves}
          columns={columnsFor(asset)}
          fixed
          maxHeight={360}
          rowKey={(row) => `${row.role} ${row.dayMs} ${row.kind} ${row.memo} ${row.at}`}
          empty={<Empty title="Nothing had moved by then">Choose a later instant.</Empty>}
        />
      </Panel>
    </>
  );
}
