/** Where is money lost without anybody noticing, and what does a unit cost? */
import { Outlet, getRouteApi, useParams } from '@tanstack/react-router';
import { useMemo, useState, useSyncExternalStore } from 'react';
import { findLeaks, leakJob } from '../../lib/leak-job.ts';
import type { Finding, LeakStep } from '../../lib/leak-job.ts';
import { groupDecimal, totalsByAsset } from '../../lib/money.ts';
import { useMay } from '../../lib/session.tsx';
import { Amount, Dash } from '../../ui/amount.tsx';
import { amountCell } from '../../ui/columns.ts';
import type { Column } from '../../ui/columns.ts';
import { Button, SelectField } from '../../ui/controls.tsx';
import { Status, Time } from '../../ui/marks.tsx';
import { Empty, ErrorBox, Job } from '../../ui/states.tsx';
import { Note, Page, Panel } from '../../ui/surface.tsx';
import { Table } from '../../ui/table.tsx';
import { Costs } from './costs.tsx';
import css from './leaks.module.css';
import { StepLink } from './step-link.tsx';
import { CHECK_WORDS, KIND_WORDS, keyOf, perMilleOf } from './words.ts';

const route = getRouteApi('/leaks');

export function useLeakJob() {
  return useSyncExternalStore(leakJob.subscribe, leakJob.get);
}

const DAYS = [
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: 'A year' },
  { value: '1095', label: 'Three years' },
];
const IDLE = [
  { value: '30', label: '30 days' },
  { value: '60', label: '60 days' },
  { value: '180', label: '180 days' },
];

export function LeaksScreen() {
  const may = useMay('books:read');
  return (
    <>
      <Page title="Leaks" sub="Where is money lost without anybody noticing?" scrolls>
        {may ? (
          <>
            <Search />
            <Costs />
          </>
        ) : (
          <Empty title="Your role does not read the books">Ask an admin to look, or to give you a role.</Empty>
        )}
      </Page>
      <Outlet />
    </>
  );
}

function Search() {
  const state = useLeakJob();
  const about = state.kind === 'idle' ? null : state.about;
  const [days, setDays] = useState(String(about?.days ?? 90));
  const [idleDays, setIdleDays] = useState(String(about?.idleDays ?? 60));
  const isRunning = state.kind === 'running';
  const start = (): void => findLeaks({ days: Number.parseInt(days, 10), idleDays: Number.parseInt(idleDays, 10) });
  return (
    <Panel label="Findings">
      <div className={css['ask']}>
        <SelectField label="Look back" value={days} onChange={setDays} options={DAYS} />
        <SelectField label="Credit is idle after" value={idleDays} onChange={setIdleDays} options={IDLE} />
        <Button kind="primary" onClick={start} disabled={isRunning}>
          {state.kind === 'done' ? 'Look again' : 'Look for leaks'}
        </Button>
        {state.kind === 'done' && (
          <span className={css['when']}>
            Looked <Time ms={state.endedMs} />, {state.about.days} days back
          </span>
        )}
      </div>
      {isRunning && <Running step={state.step} />}
      {state.kind === 'failed' && (
        <ErrorBox error={state.error} money="Looking only reads: nothing was charged or changed." retry={start} />
      )}
      {(state.kind === 'idle' || state.kind === 'cancelled') && <Begin wasLeft={state.kind === 'cancelled'} />}
      {state.kind === 'done' && <Found step={state.step} />}
    </Panel>
  );
}

function Running({ step }: { step: LeakStep | null }) {
  return (
    <Job
      label={step === null ? 'Beginning' : CHECK_WORDS[step.check]}
      perMille={step === null ? 0 : perMilleOf(step)}
      detail={
        step === null ? 'starting' : `check ${step.step} of ${step.steps} · ${groupDecimal(step.checked)} rows seen`
      }
      onCancel={() => leakJob.cancel()}
    />
  );
}

function Begin({ wasLeft }: { wasLeft: boolean }) {
  return (
    <Empty
      title={wasLeft ? 'The search was ended before it was done' : 'Nothing was looked for yet'}
      command="npx tollkeeper leaks find --days 90 --idle-days 60"
    >
      It looks for work that was let through and never charged, usage that waits unrated, keys that send usage of
      nobody, quotas that never bill, customers who cost more than they bring in, and credit that lies idle. It only
      reads, and goes on when you leave this screen.
    </Empty>
  );
}

const COLUMNS: readonly Column<Finding>[] = [
  { id: 'rank', title: 'Place', width: '64px', end: true, text: (row) => String(row.rank), cell: (row) => row.rank },
  {
    id: 'kind',
    title: 'What kind',
    width: '186px',
    text: (row) => KIND_WORDS[row.kind],
    cell: (row) => (
      <Status tone="attention" shape="triangle">
        {KIND_WORDS[row.kind]}
      </Status>
    ),
  },
  { id: 'title', title: 'What', text: (row) => row.title, cell: (row) => <span title={row.title}>{row.title}</span> },
  {
    id: 'amount',
    title: 'Amount',
    width: '190px',
    end: true,
    text: (row) => (row.asset === null || row.amountMinor === null ? '' : amountCell(row.amountMinor, row.asset)),
    cell: (row) =>
      row.asset === null || row.amountMinor === null ? (
        <Dash />
      ) : (
        <Amount minor={row.amountMinor} asset={row.asset} precision="trimmed" />
      ),
  },
  {
    id: 'next',
    title: 'Next step',
    width: '186px',
    text: (row) => row.next,
    cell: (row) => <StepLink finding={row} />,
  },
];

function Found({ step }: { step: LeakStep }) {
  const { finding } = useParams({ strict: false });
  const navigate = route.useNavigate();
  const totals = useMemo(() => {
    const priced = (step.items ?? []).flatMap(({ asset, amountMinor }) =>
      asset === null || amountMinor === null ? [] : [{ asset, minor: amountMinor }],
    );
    return totalsByAsset(priced);
  }, [step.items]);
  return (
    <>
      <Table<Finding>
        name="leaks"
        rows={step.items ?? []}
        columns={COLUMNS}
        rowKey={keyOf}
        selected={finding ?? ''}
        fixed
        onOpen={(row) => void navigate({ to: '/leaks/$finding', params: { finding: keyOf(row) } })}
        totals={{
          title: 'Together, per asset',
          amount: totals.map(({ asset, minor }) => (
            <div key={asset}>
              <Amount minor={minor} asset={asset} precision="trimmed" strong />
            </div>
          )),
        }}
        empty={<Empty title="Nothing leaks">Every check ran to its end and found nothing in this time.</Empty>}
      />
      {(step.hidden > 0 || step.uncompared.length > 0) && (
        <div className={css['rest']}>
          {step.hidden > 0 && <Note>{groupDecimal(String(step.hidden))} smaller findings are not shown.</Note>}
          {step.uncompared.length > 0 && (
            <Note>
              Not compared, because no rate between the assets is known: {step.uncompared.join('; ')}. Record a rate in
              Tiers and look again.
            </Note>
          )}
        </div>
      )}
    </>
  );
}
