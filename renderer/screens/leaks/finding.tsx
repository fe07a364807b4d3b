/** One finding: what it is, what it comes to, the ids that show it, and what to do next. */
import { useQuery } from '@tanstack/react-query';
import { Link, getRouteApi } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Finding } from '../../lib/leak-job.ts';
import { groupDecimal } from '../../lib/money.ts';
import { orpc } from '../../lib/rpc.ts';
import { Amount, Dash } from '../../ui/amount.tsx';
import type { Column } from '../../ui/columns.ts';
import { Id, Status } from '../../ui/marks.tsx';
import { Drawer } from '../../ui/overlay.tsx';
import { Empty } from '../../ui/states.tsx';
import { Actions, Facts, Note, Panel } from '../../ui/surface.tsx';
import { Table } from '../../ui/table.tsx';
import { useLeakJob } from './leaks.tsx';
import { StepLink } from './step-link.tsx';
import { KIND_WORDS, countWords, keyOf } from './words.ts';

const route = getRouteApi('/leaks/$finding');

export function FindingDrawer() {
  const { finding: key } = route.useParams();
  const navigate = route.useNavigate();
  const state = useLeakJob();
  const found = state.kind === 'done' ? state.step.items?.find((one) => keyOf(one) === key) : undefined;
  return (
    <Drawer
      name="finding"
      title={found?.title ?? 'Finding'}
      beside={
        found && (
          <Status tone="attention" shape="triangle">
            {KIND_WORDS[found.kind]}
          </Status>
        )
      }
      onClose={() => void navigate({ to: '/leaks' })}
    >
      {found ? (
        <Body finding={found} />
      ) : (
        <Empty title="This finding is of a search that is over">
          Findings belong to one search on this page. Look for leaks again to see what there is now.
        </Empty>
      )}
    </Drawer>
  );
}

function Body({ finding }: { finding: Finding }) {
  const { asset, amountMinor, customer, meter, detail, next } = finding;
  const about = useQuery(
    orpc.customers.get.queryOptions({ input: { customer: customer ?? '' }, enabled: customer !== null }),
  );
  const name = about.data?.name;
  return (
    <>
      <p>{detail}</p>
      <Facts
        left
        rows={[
          [
            'Amount',
            asset === null || amountMinor === null ? (
              'no price says what it would come to'
            ) : (
              <Amount key="amount" minor={amountMinor} asset={asset} inline strong copyable />
            ),
          ],
          ['Made of', countWords(finding)],
          [
            'Customer',
            customer === null ? (
              <Dash key="customer" />
            ) : (
              <Link key="customer" to="/customers/$customer" params={{ customer }}>
                {name ?? customer}
              </Link>
            ),
          ],
          ['Meter', meter === null ? <Dash key="meter" /> : <code key="meter">{meter}</code>],
        ]}
      />
      <Note>{next}</Note>
      <Actions>
        <StepLink finding={finding} isMain />
      </Actions>
      <Evidence finding={finding} />
    </>
  );
}

type Proof = Readonly<{ at: number; id: string }>;

/** Quota months are named by customer and month; everything else by the id it has in the books. */
function idCell(kind: Finding['kind'], id: string): ReactNode {
  if (kind !== 'quota-never-bills') return <Id id={id} label="id" />;
  const [customer = '', month = ''] = id.split(' ');
  return (
    <>
      <Link to="/customers/$customer" params={{ customer }}>
        {customer}
      </Link>{' '}
      in {month}
    </>
  );
}

function Evidence({ finding }: { finding: Finding }) {
  const { kind, evidence, count } = finding;
  const columns: readonly Column<Proof>[] = [
    { id: 'at', title: 'No', width: '64px', end: true, text: (row) => String(row.at), cell: (row) => row.at },
    { id: 'id', title: 'Id', text: (row) => row.id, cell: (row) => idCell(kind, row.id) },
  ];
  const rest = count - evidence.length;
  return (
    <Panel title="Evidence">
      <Table<Proof>
        name="evidence"
        rows={evidence.map((id, index) => ({ at: index + 1, id }))}
        columns={columns}
        rowKey={(row) => row.id}
        fixed
        bare
        empty={<Empty title="No ids were kept">The finding is of sums alone.</Empty>}
      />
      {rest > 0 && <Note>And {groupDecimal(String(rest))} more.</Note>}
    </Panel>
  );
}
