/** Closing every period that has ended: says first whose, then does it once. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { groupDecimal, owed } from '../../lib/money.ts';
import { useZone } from '../../lib/preferences.ts';
import { orpc } from '../../lib/rpc.ts';
import { absoluteTime } from '../../lib/time.ts';
import { Amount } from '../../ui/amount.tsx';
import { Button, Toggle } from '../../ui/controls.tsx';
import { Status } from '../../ui/marks.tsx';
import { Dialog } from '../../ui/overlay.tsx';
import { ErrorBox } from '../../ui/states.tsx';
import { Actions } from '../../ui/surface.tsx';
import css from './invoices.module.css';

export function CloseAll({ onClose }: { onClose: () => void }) {
  const [untilMs] = useState(() => Date.now());
  const [finalize, setFinalize] = useState(false);
  const zone = useZone();
  const queries = useQueryClient();
  const close = useMutation(
    orpc.invoices.close.mutationOptions({
      onSuccess: () => {
        for (const noun of ['invoices', 'customers', 'ledger', 'workspace'] as const)
          void queries.invalidateQueries({ queryKey: orpc[noun].key() });
      },
    }),
  );
  return (
    <Dialog open onClose={onClose} title="Close every period that has ended">
      {close.data ? <Result data={close.data} /> : <Preview until={absoluteTime(untilMs, zone)} />}
      {!close.data && <Toggle label="Finalize the drafts as well" on={finalize} onChange={setFinalize} />}
      {!close.data && finalize && (
        <p className={css['muted']}>Finalized invoices have their number for good; prepaid credit is consumed.</p>
      )}
      {close.error && <ErrorBox error={close.error} money="Running it again changes nothing that is closed already." />}
      <Actions end>
        <Button onClick={onClose}>{close.data ? 'Done' : 'Cancel'}</Button>
        {!close.data && (
          <Button kind="primary" busy={close.isPending} onClick={() => close.mutate({ untilMs, finalize })}>
            {close.isPending ? 'Closing…' : finalize ? 'Close and finalize' : 'Close into drafts'}
          </Button>
        )}
      </Actions>
    </Dialog>
  );
}

/**
 * The contract has no dry run, so this states what is known: until when, how many customers at most, and what is
 * unbilled.
 */
function Preview({ until }: { until: string }) {
  const overview = useQuery(orpc.workspace.overview.queryOptions({ input: {} }));
  return (
    <dl className={css['preview']} aria-label="What this closes">
      <dt>Periods that ended by</dt>
      <dd>{until}</dd>
      {(overview.data?.held ?? []).map((row) => (
        <div key={row.asset} style={{ display: 'contents' }}>
          <dt>Unbilled, at most {groupDecimal(String(row.customers))} customers</dt>
          <dd>
            <Amount minor={owed(row.unbilledMinor)} asset={row.asset} precision="short" />
          </dd>
        </div>
      ))}
    </dl>
  );
}

type Closed = Readonly<{ drafts: number; finalized: number; unchanged: number; invoices: string[] }>;

function Result({ data }: { data: Closed }) {
  const parts = [`${data.drafts} drafts made`, `${data.finalized} finalized`, `${data.unchanged} unchanged`];
  return (
    <>
      <Status tone="good" shape="check">
        {data.drafts + data.finalized === 0 ? 'No period was left to close' : parts.join(' · ')}
      </Status>
      {data.drafts > 0 && (
        <Link to="/invoices" search={{ state: 'draft' }}>
          Look at the drafts
        </Link>
      )}
    </>
  );
}
