/** The trial with what it would come to, then the import: each a job with its rate, its time left and its end. */
import { useQueryClient } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { bookJob, keyOf, runImport, trialJob } from '../../lib/import-job.ts';
import type { ImportFile, ImportOrder, ImportState, ImportStep } from '../../lib/import-job.ts';
import { amountLine, groupDecimal } from '../../lib/money.ts';
import { orpc } from '../../lib/rpc.ts';
import { spanText } from '../../lib/time.ts';
import { Button } from '../../ui/controls.tsx';
import { ErrorBox, Job } from '../../ui/states.tsx';
import { Actions, Note, Panel } from '../../ui/surface.tsx';
import { Outcome } from './import-outcome.tsx';
import css from './usage.module.css';

type Props = Readonly<{
  /** Null while the mapping is not whole. */
  order: ImportOrder | null;
  /** Where a mended file comes back in; systems have their own way. */
  onChoose: ((file: ImportFile) => void) | null;
}>;

const count = (n: number): string => groupDecimal(String(n));

/** How far it is, how fast, and how long it takes still. */
export function progressWords({ rows, rowsPerSecond, secondsLeft }: ImportStep): string {
  const left = secondsLeft === null ? '' : ` · ${spanText(secondsLeft * 1000)} left`;
  return `${count(rows)} rows · ${count(rowsPerSecond)} a second${left}`;
}

const perMille = ({ bytesRead, totalBytes }: ImportStep): number =>
  Math.min(1000, Math.floor((1000 * bytesRead) / Math.max(1, totalBytes)));

function Running({ state, label, onCancel }: { state: ImportState; label: string; onCancel: () => void }) {
  if (state.kind !== 'running') return null;
  return (
    <Job
      label={label}
      perMille={state.step === null ? 0 : perMille(state.step)}
      detail={state.step === null ? 'starting' : progressWords(state.step)}
      onCancel={onCancel}
    />
  );
}

/** The verb with what it takes and what that comes to. */
function takeWords({ accepted, effects, made = [] }: ImportStep): string {
  const money = (effects ?? []).map(({ asset, amountMinor }) => amountLine(BigInt(amountMinor), asset));
  const things = made.filter(({ kind, new: fresh }) => kind !== 'event' && fresh > 0);
  const parts = [
    ...things.map(({ kind, new: fresh }) => `${count(fresh)} ${kind}${fresh === 1 ? '' : 's'}`),
    ...(accepted > 0 || things.length === 0 ? [`${count(accepted)} ${accepted === 1 ? 'event' : 'events'}`] : []),
    ...money,
  ];
  return `Import ${parts.join(' · ')}`;
}

const fresh = ({ accepted, made = [] }: ImportStep): number =>
  accepted + made.reduce((sum, one) => sum + (one.kind === 'event' ? 0 : one.new), 0);

export function RunPanels({ order, onChoose }: Props) {
  const trial = useSyncExternalStore(trialJob.subscribe, trialJob.get);
  const taking = useSyncExternalStore(bookJob.subscribe, bookJob.get);
  const key = order === null ? null : keyOf(order);
  const isMine = (state: ImportState): boolean => state.kind !== 'idle' && state.about.key === key;
  const tried = trial.kind === 'done' && isMine(trial) ? trial.step : null;
  return (
    <>
      <Panel title={order?.system ? '3 · Try it' : '4 · Try it'} label="Trial" padded>
        <Trial order={order} state={trial} isMine={isMine(trial)} />
      </Panel>
      {(tried !== null || isMine(taking)) && order !== null && (
        <Panel title={order.system ? '4 · Take it' : '5 · Take it'} label="Import" padded>
          <Take order={order} state={taking} isMine={isMine(taking)} tried={tried} onChoose={onChoose} />
        </Panel>
      )}
    </>
  );
}

type TrialProps = Readonly<{ order: ImportOrder | null; state: ImportState; isMine: boolean }>;

function Trial({ order, state, isMine }: TrialProps) {
  const start = (): void => void (order && runImport(order, false));
  const isBusy = state.kind === 'running';
  return (
    <div className={css['stack']}>
      {isMine && <Running state={state} label="Trying every row" onCancel={() => trialJob.cancel()} />}
      {isMine && state.kind === 'failed' && (
        <ErrorBox error={state.error} money="Nothing was booked: it was only tried." retry={start} />
      )}
      {isMine && state.kind === 'done' && <Outcome step={state.step} order={state.about.order} isBooked={false} />}
      {isBusy && !isMine && <Note>Another file is being tried; this one can be tried when that ends.</Note>}
      {!(isBusy && isMine) && (
        <Actions>
          <Button
            {...(isMine && state.kind === 'done' ? {} : { kind: 'primary' as const })}
            onClick={start}
            disabled={order === null || isBusy}
          >
            {isMine && state.kind === 'done' ? 'Try it again' : 'Try it'}
          </Button>
          <span className={css['brings']}>Reads every row and says what it would come to. Books nothing.</span>
        </Actions>
      )}
    </div>
  );
}

type TakeProps = Readonly<{
  order: ImportOrder;
  state: ImportState;
  isMine: boolean;
  tried: ImportStep | null;
  onChoose: ((file: ImportFile) => void) | null;
}>;

/** What an import may have changed on other screens. */
const TOUCHED = ['usage', 'unrated', 'customers', 'workspace', 'imports', 'prices', 'meters'] as const;

function Take({ order, state, isMine, tried, onChoose }: TakeProps) {
  const queries = useQueryClient();
  const take = async (): Promise<void> => {
    await runImport(order, true);
    await Promise.all(TOUCHED.map((noun) => queries.invalidateQueries({ queryKey: orpc[noun].key() })));
  };
  const start = (): void => void take();
  const isBusy = state.kind === 'running';
  const wasTaken = isMine && state.kind === 'done';
  return (
    <div className={css['stack']}>
      {isMine && <Running state={state} label={`Importing ${order.file.name}`} onCancel={() => bookJob.cancel()} />}
      {isMine && state.kind === 'cancelled' && (
        <Note>
          It was ended. {state.step && `${count(state.step.accepted)} events were taken by then and stay; `}
          import it again to take the rest: no row counts twice.
        </Note>
      )}
      {isMine && state.kind === 'failed' && (
        <ErrorBox
          error={state.error}
          money="What was taken stays. Importing it again takes the rest: no row counts twice."
          retry={start}
        />
      )}
      {wasTaken && <Outcome step={state.step} order={order} isBooked onChoose={onChoose} />}
      {!isBusy && !wasTaken && tried && (
        <Actions>
          <Button kind="primary" onClick={start} disabled={fresh(tried) === 0}>
            {takeWords(tried)}
          </Button>
          <span className={css['brings']}>
            {fresh(tried) === 0
              ? 'Nothing in it is new.'
              : 'Rows with a problem are left out and come back in the error file.'}
          </span>
        </Actions>
      )}
    </div>
  );
}
