/** Backups: how old the last one is, making one, and trying it. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, useSyncExternalStore } from 'react';
import { copyJob } from '../../lib/copy-job.ts';
import type { CopyKind, CopyState } from '../../lib/copy-job.ts';
import { PHASES, copyPerMille, copyText } from '../../lib/copy-progress.ts';
import { groupDecimal } from '../../lib/money.ts';
import { useNow } from '../../lib/now.ts';
import { orpc } from '../../lib/rpc.ts';
import { useMay } from '../../lib/session.tsx';
import type { CopyRun, Info } from '../../lib/shapes.ts';
import { sizeText } from '../../lib/size.ts';
import { isoTime, spanText } from '../../lib/time.ts';
import { Dash } from '../../ui/amount.tsx';
import type { Column } from '../../ui/columns.ts';
import { Button, TextField } from '../../ui/controls.tsx';
import { Command, Status, Time } from '../../ui/marks.tsx';
import { Dialog } from '../../ui/overlay.tsx';
import { Empty, ErrorBox, Job } from '../../ui/states.tsx';
import { Actions, Facts, Form, Note, Panel } from '../../ui/surface.tsx';
import { Table } from '../../ui/table.tsx';
import css from './settings.module.css';

const OLD_MS = 7 * 86_400_000;
const WORDS: Readonly<Record<CopyKind, string>> = { backup: 'Backup', drill: 'Restore drill' };
const NOTHING = 'Nothing of the books was changed.';

function useCopyJob(): CopyState {
  return useSyncExternalStore(copyJob.subscribe, copyJob.get);
}

export function BackupPart({ info }: { info: Info }) {
  const runs = useQuery(orpc.backups.list.queryOptions({ input: {} }));
  const items = runs.data?.items;
  const may = useMay('workspace:write') && !info.readOnly;
  return (
    <>
      <div className={css['two']}>
        <Last
          what="backup"
          runs={items}
          may={may}
          none="No backup is known. A disk that fails takes the books with it."
        />
        <Last
          what="drill"
          runs={items}
          may={may && items?.some(({ kind }) => kind === 'backup') === true}
          none="No backup was tried yet. A drill restores one, proves it and removes it."
        />
      </div>
      {!may && (
        <Note>
          {info.readOnly
            ? 'The books are open for reading only here; tollkeeper backup copies them all the same.'
            : 'Only an admin makes backups and tries them.'}
        </Note>
      )}
      <Current />
      <div className={css['list']} data-list="">
        <Panel label="Backups and drills">
          <Table
            name="backups and drills"
            rows={items}
            error={runs.data ? null : runs.error}
            retry={() => void runs.refetch()}
            columns={COLUMNS}
            fixed
            rowKey={(row) => `${row.kind} ${row.atMs}`}
            empty={
              <Empty title="No backup was made yet" command="npx tollkeeper backups make">
                Each backup and each drill appears here with what came of it.
              </Empty>
            }
          />
        </Panel>
      </div>
    </>
  );
}

type LastProps = Readonly<{ what: CopyKind; runs: readonly CopyRun[] | undefined; may: boolean; none: string }>;

/** How long ago it was done last, and the button that does it now. */
function Last({ what, runs, may, none }: LastProps) {
  const now = useNow();
  const state = useCopyJob();
  const [asked, setAsked] = useState(false);
  const queries = useQueryClient();
  const last = runs?.find(({ kind }) => kind === what);
  const run = (file?: string): void => {
    setAsked(false);
    const look = (key: readonly unknown[]) => queries.invalidateQueries({ queryKey: key });
    void copyJob.run(what, file).then(() => Promise.all([look(orpc.backups.key()), look(orpc.workspace.key())]));
  };
  const verb = what === 'backup' ? 'Back up now' : 'Try the last backup';
  return (
    <Panel
      title={what === 'backup' ? 'Last backup' : 'Last restore drill'}
      aside={last && <Standing run={last} ageMs={now - last.atMs} />}
    >
      <div style={{ padding: 12 }} className={css['stack']}>
        <span className={css['age']}>
          {last ? `${spanText(Math.max(0, now - last.atMs))} ago` : runs ? 'Never' : 'Reading…'}
        </span>
        {last ? (
          <Facts
            left
            rows={[
              [
                'File',
                <span key="file" className={css['mono']}>
                  {last.file}
                </span>,
              ],
              ['Size', last.bytes === null ? 'not noted' : sizeText(last.bytes)],
              ['Proven up to block', last.ok ? groupDecimal(last.block) : 'none'],
              ['Took', last.tookMs === null ? 'not noted' : spanText(last.tookMs)],
            ]}
          />
        ) : (
          <p className={css['muted']}>{none}</p>
        )}
        {last?.problem && <p className={css['wrap']}>{last.problem}</p>}
        <Actions>
          <Button
            {...(what === 'backup' ? { kind: 'primary' as const } : {})}
            disabled={!may || state.kind === 'running'}
            onClick={() => (what === 'backup' ? setAsked(true) : run())}
          >
            {verb}
          </Button>
        </Actions>
      </div>
      {asked && <Where onStart={run} onClose={() => setAsked(false)} />}
    </Panel>
  );
}

function Standing({ run, ageMs }: { run: CopyRun; ageMs: number }) {
  if (!run.ok)
    return (
      <Status tone="danger" shape="square">
        Failed
      </Status>
    );
  if (ageMs > OLD_MS)
    return (
      <Status tone="attention" shape="triangle">
        Older than a week
      </Status>
    );
  return (
    <Status tone="good" shape="check">
      {run.kind === 'backup' ? 'Proven' : 'Restored and proven'}
    </Status>
  );
}

function Where({ onStart, onClose }: { onStart: (file?: string) => void; onClose: () => void }) {
  const [file, setFile] = useState('');
  return (
    <Dialog open onClose={onClose} title="Back up now">
      <Form onSubmit={() => onStart(file.trim() === '' ? undefined : file.trim())}>
        <TextField
          label="To file"
          hint="On the machine that holds the books. Empty: a new file beside them, named after this moment."
          value={file}
          onChange={setFile}
          maxLength={1000}
          autoComplete="off"
          spellCheck={false}
        />
        <Note>
          The books go on meanwhile. The copy is of one moment, is proven row by row, and overwrites nothing. A copy on
          the same disk does not survive that disk.
        </Note>
        <Actions end>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" submit>
            Start backup
          </Button>
        </Actions>
      </Form>
    </Dialog>
  );
}

/** What is under way, or how the last one of this page ended. */
function Current() {
  const state = useCopyJob();
  if (state.kind === 'idle') return null;
  if (state.kind === 'failed') return <ErrorBox error={state.error} money={NOTHING} />;
  if (state.kind === 'running') {
    return (
      <Panel title={`${WORDS[state.what]} under way`} padded>
        <Job
          label={PHASES[state.step.phase]}
          perMille={copyPerMille(state)}
          detail={copyText(state)}
          onCancel={() => copyJob.cancel()}
        />
      </Panel>
    );
  }
  const { ok, file, problem, bytes, block, tookMs } = state.step;
  const isDrill = state.what === 'drill';
  return (
    <Panel
      title={`${WORDS[state.what]} ended`}
      aside={
        ok ? (
          <Status tone="good" shape="check">
            {isDrill ? 'Restored and proven' : 'Proven'}
          </Status>
        ) : (
          <Status tone="danger" shape="square">
            Failed
          </Status>
        )
      }
      padded
    >
      <div className={css['stack']}>
        <p className={css['wrap']}>
          {ok
            ? `${sizeText(bytes ?? '0')} up to block ${groupDecimal(block ?? '0')}, in ${spanText(tookMs ?? 0)}.`
            : `${problem ?? 'It did not end well.'} Make another backup now.`}
        </p>
        {file !== null && !isDrill && <Command text={`npx tollkeeper restore ${file} NEW-FILE`} />}
      </div>
    </Panel>
  );
}

const COLUMNS: readonly Column<CopyRun>[] = [
  {
    id: 'when',
    title: 'When',
    width: '110px',
    text: (row) => isoTime(row.atMs),
    cell: (row) => <Time ms={row.atMs} />,
  },
  { id: 'what', title: 'What', width: '116px', text: (row) => row.kind, cell: (row) => WORDS[row.kind] },
  {
    id: 'came',
    title: 'What came of it',
    width: '150px',
    text: (row) => (row.ok ? 'proven' : (row.problem ?? 'failed')),
    cell: (row) => (
      <Status tone={row.ok ? 'good' : 'danger'} shape={row.ok ? 'check' : 'square'}>
        {row.ok ? 'Proven' : 'Failed'}
      </Status>
    ),
  },
  {
    id: 'file',
    title: 'File',
    text: (row) => row.file,
    cell: (row) => (
      <span className={css['mono']} title={row.problem ?? row.file}>
        {row.file}
      </span>
    ),
  },
  {
    id: 'bytes',
    title: 'Size',
    end: true,
    width: '100px',
    text: (row) => row.bytes ?? '',
    cell: (row) => (row.bytes === null ? <Dash /> : sizeText(row.bytes)),
  },
  {
    id: 'took',
    title: 'Took',
    end: true,
    width: '80px',
    text: (row) => (row.tookMs === null ? '' : String(row.tookMs)),
    cell: (row) => (row.tookMs === null ? <Dash /> : spanText(row.tookMs)),
  },
];
