/** What is watched: each rule as the sentence of what it does, on or off. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, getRouteApi, useParams } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { ReactNode } from 'react';
import { orpc } from '../../lib/rpc.ts';
import { useMay } from '../../lib/session.tsx';
import { byText } from '../../ui/columns.ts';
import type { Column } from '../../ui/columns.ts';
import { Toggle, buttonClass } from '../../ui/controls.tsx';
import { Status } from '../../ui/marks.tsx';
import { Empty } from '../../ui/states.tsx';
import { Panel } from '../../ui/surface.tsx';
import { Table } from '../../ui/table.tsx';
import { announce } from '../../ui/toast.tsx';
import css from './alerts.module.css';
import { Severity } from './marks.tsx';
import { useCustomerNames, useWebhookNames } from './names.ts';
import { ruleSentence } from './words.ts';
import type { Rule } from './words.ts';

const route = getRouteApi('/alerts');

type Row = Readonly<{ rule: Rule; sentence: string }>;

/** A long list is drawn in part, by rows of one height; a short one has room for whole sentences. */
const WHOLE_UP_TO = 100;

type Ways = Readonly<{ turn: ((rule: Rule, isOn: boolean) => void) | null; isLong: boolean }>;

function columnsFor({ turn, isLong }: Ways): Column<Row>[] {
  return [
    {
      id: 'name',
      title: 'Rule',
      width: '160px',
      sort: byText((row) => row.rule.name),
      text: (row) => row.rule.name,
      cell: (row) => (
        <Link to="/alerts/rules/$rule" params={{ rule: row.rule.id }} search={(all) => all} title={row.rule.name}>
          {row.rule.name}
        </Link>
      ),
    },
    {
      id: 'severity',
      title: 'How bad',
      width: '112px',
      text: (row) => row.rule.severity,
      cell: (row) => <Severity severity={row.rule.severity} />,
    },
    {
      id: 'does',
      title: 'What it does',
      text: (row) => row.sentence,
      cell: (row) => (
        <span className={isLong ? undefined : css['sentence']} title={row.sentence}>
          {row.sentence}
        </span>
      ),
    },
    {
      id: 'on',
      title: 'State',
      width: '84px',
      text: (row) => (row.rule.isOn ? 'on' : 'off'),
      cell: ({ rule }) =>
        turn ? (
          <Toggle label={rule.isOn ? 'On' : 'Off'} on={rule.isOn} onChange={(on) => turn(rule, on)} />
        ) : (
          <Status tone={rule.isOn ? 'good' : 'quiet'} shape={rule.isOn ? 'check' : 'ring'}>
            {rule.isOn ? 'On' : 'Off'}
          </Status>
        ),
    },
  ];
}

export function Rules({ chips }: { chips: ReactNode }) {
  const { rule: selected } = useParams({ strict: false });
  const navigate = route.useNavigate();
  const queries = useQueryClient();
  const customers = useCustomerNames();
  const webhooks = useWebhookNames();
  const may = useMay('alerts:write');
  const query = useQuery(orpc.alerts.rules.queryOptions({ input: {} }));
  const { mutate } = useMutation(
    orpc.alerts.changeRule.mutationOptions({
      onSuccess: ({ name, isOn }) => announce(`${name} is ${isOn ? 'on' : 'off'}`),
      onError: () => announce('The rule could not be changed. It is as it was.'),
      onSettled: () => queries.invalidateQueries({ queryKey: orpc.alerts.key() }),
    }),
  );
  const isLong = (query.data?.items.length ?? 0) > WHOLE_UP_TO;
  const columns = useMemo(
    () => columnsFor({ turn: may ? ({ id }, isOn) => mutate({ rule: id, isOn }) : null, isLong }),
    [may, mutate, isLong],
  );
  const rows = useMemo(
    () => query.data?.items.map((rule) => ({ rule, sentence: ruleSentence(rule, customers, webhooks) })),
    [query.data, customers, webhooks],
  );
  return (
    <Panel label="Rules">
      <Table<Row>
        name="rules"
        rows={rows}
        error={query.data ? null : query.error}
        retry={() => void query.refetch()}
        columns={columns}
        rowKey={(row) => row.rule.id}
        selected={selected ?? ''}
        tools={chips}
        fixed
        onOpen={(row) =>
          void navigate({ to: '/alerts/rules/$rule', params: { rule: row.rule.id }, search: (all) => all })
        }
        empty={
          <Empty
            title="Nothing is watched yet"
            action={
              may && (
                <Link className={`${buttonClass()} ${css['link']}`} to="/alerts/rules/new" search={(all) => all}>
                  New rule
                </Link>
              )
            }
            command={
              'npx tollkeeper alerts create-rule --kind balance-below --asset USDC/6 --threshold 5000000 ' +
              '--margin 1000000 --name "Runs low" --severity attention'
            }
          >
            A rule tells of a balance that runs low, usage that waits unrated, a backup that is overdue. It fires once,
            and again only after the value was back.
          </Empty>
        }
      />
    </Panel>
  );
}
