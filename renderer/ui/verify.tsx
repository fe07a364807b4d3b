/**
 * Whether the books were proved, when, and the proof itself as a job with a known end. The job outlives the screen it
 * began on.
 */
import { useQueryClient } from '@tanstack/react-query';
import { useState, useSyncExternalStore } from 'react';
import { groupDecimal } from '../lib/money.ts';
import { useNow } from '../lib/now.ts';
import { orpc } from '../lib/rpc.ts';
import { useMay } from '../lib/session.tsx';
import type { Info } from '../lib/shapes.ts';
import { spanText } from '../lib/time.ts';
import { rateText, verifyJob } from '../lib/verify-job.ts';
import type { VerifyState } from '../lib/verify-job.ts';
import { Button } from './controls.tsx';
import { Status } from './marks.tsx';
import { Dialog } from './overlay.tsx';
import { ErrorBox, Job } from './states.tsx';
import { Actions, Facts, Sub } from './surface.tsx';

export function useVerifyJob(): VerifyState {
  return useSyncExternalStore(verifyJob.subscribe, verifyJob.get);
}

export function VerifiedBadge({ info }: { info: Info }) {
  const now = useNow();
  if (info.lastVerifyMs === null)
    return (
      <Status tone="attention" shape="triangle">
        Books not verified yet
      </Status>
    );
  const age = spanText(Math.max(0, now - info.lastVerifyMs));
  const when = `${age} ago · block ${groupDecimal(info.lastVerifyBlock ?? '0')}`;
  if (info.lastVerifyOk)
    return (
      <Status tone="good" shape="check">
        Books verified {when}
      </Status>
    );
  return (
    <Status tone="danger" shape="square">
      Books do not hold, found {when}
    </Status>
  );
}

export function Verify({ info }: { info: Info }) {
  const [open, setOpen] = useState(false);
  const queries = useQueryClient();
  const state = useVerifyJob();
  const may = useMay('books:verify');
  const start = (): void => {
    setOpen(true);
    void verifyJob.run().then(() => queries.invalidateQueries({ queryKey: orpc.workspace.info.key() }));
  };
  return (
    <>
      <VerifiedBadge info={info} />
      {state.kind === 'running' ? (
        <Button onClick={() => setOpen(true)}>Verifying {Math.floor(state.perMille / 10)} %</Button>
      ) : (
        <Button onClick={start} disabled={!may}>
          Verify now
        </Button>
      )}
      <Dialog open={open} onClose={() => setOpen(false)} title="Verify the books">
        <VerifyPanel />
        <Actions end>
          <Button onClick={() => setOpen(false)}>
            {state.kind === 'running' ? 'Go on in the background' : 'Close'}
          </Button>
        </Actions>
      </Dialog>
    </>
  );
}

export function VerifyPanel() {
  const state = useVerifyJob();
  if (state.kind === 'idle')
    return <Sub>Every block, balance, hold, grant and total is computed again and compared.</Sub>;
  if (state.kind === 'failed') {
    return (
      <ErrorBox
        error={state.error}
        money="Verifying only reads: nothing was charged or changed."
        retry={() => void verifyJob.run()}
      />
    );
  }
  const { progress } = state;
  const counted = `${groupDecimal(progress.checked)} of ${groupDecimal(progress.total)} rows · ${rateText(state)}`;
  if (state.kind === 'running') {
    return (
      <Job
        label={`Checking ${progress.check}`}
        perMille={state.perMille}
        detail={counted}
        onCancel={() => verifyJob.cancel()}
      />
    );
  }
  return (
    <>
      {progress.ok ? (
        <Status tone="good" shape="check">
          The books hold up to block {groupDecimal(progress.block)}
        </Status>
      ) : (
        <Status tone="danger" shape="square">
          The books do not hold: {progress.check}
        </Status>
      )}
      <Facts
        rows={[
          ['Rows checked', groupDecimal(progress.checked)],
          ['Head', `block ${groupDecimal(progress.block)}`],
          ...(progress.problem
            ? ([
                ['Table', progress.problem.table],
                ['Row', progress.problem.key],
                ['What', progress.problem.detail],
              ] as const)
            : []),
        ]}
      />
      {progress.problem && (
        <p>
          Nothing was changed by finding this. Stop taking usage, keep the file as it is, and restore the last good
          backup beside it.
        </p>
      )}
    </>
  );
}
