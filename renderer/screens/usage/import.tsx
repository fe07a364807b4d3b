/** Bringing usage in from a file: choose it, see what its rows become, try it, take it. */
import { Link, getRouteApi } from '@tanstack/react-router';
import { useSyncExternalStore } from 'react';
import { bookJob } from '../../lib/import-job.ts';
import type { ImportFile, System } from '../../lib/import-job.ts';
import { useMay } from '../../lib/session.tsx';
import { Button, SelectField, buttonClass } from '../../ui/controls.tsx';
import { Empty } from '../../ui/states.tsx';
import { Note, Page, Panel } from '../../ui/surface.tsx';
import { FileChooser } from './import-file.tsx';
import { OwnFile } from './import-own.tsx';
import { SYSTEM_NAMES } from './import-state.ts';
import { SystemFile } from './import-system.tsx';
import css from './usage.module.css';

const route = getRouteApi('/usage/import');

/** The file that the address names: sent to the console, or on the machine of the books. */
function useFile(): ImportFile | null {
  const { upload, path, name } = route.useSearch();
  if (upload !== undefined) return { upload, name: name ?? upload };
  return path === undefined ? null : { path, name: path.split(/[\\/]/).at(-1) ?? path };
}

export function ImportScreen() {
  const may = useMay('usage:write');
  return (
    <Page
      title="Import usage"
      sub="Nothing is booked before you say so, and no row counts twice."
      scrolls
      actions={
        <Link className={buttonClass()} to="/usage">
          Back to usage
        </Link>
      }
    >
      {may ? <Wizard /> : <Empty title="Your role does not take usage in">Ask an admin for the role billing.</Empty>}
    </Page>
  );
}

function Wizard() {
  const { from } = route.useSearch();
  const navigate = route.useNavigate();
  const file = useFile();
  const choose = (next: ImportFile | null): void =>
    void navigate({
      to: '/usage/import',
      search: {
        from,
        ...(next === null ? {} : 'upload' in next ? { upload: next.upload, name: next.name } : { path: next.path }),
      },
    });
  return (
    <div className={css['steps']}>
      <Elsewhere file={file} onOpen={choose} />
      <Panel title="1 · The file" padded>
        <div className={css['stack']}>
          <div className={css['kind']}>
            <SelectField
              label="Where it comes from"
              value={from ?? ''}
              onChange={(value) =>
                void navigate({ to: '/usage/import', search: (all) => ({ ...all, from: systemOf(value) }) })
              }
              options={[
                { value: '', label: 'A file of usage: CSV, NDJSON, JSON or Parquet' },
                ...Object.entries(SYSTEM_NAMES).map(([value, { label }]) => ({
                  value,
                  label: `What ${label} exports`,
                })),
              ]}
            />
            {from && <span className={css['brings']}>{SYSTEM_NAMES[from].brings}</span>}
          </div>
          {file === null ? <FileChooser onChoose={choose} /> : <Chosen file={file} onOther={() => choose(null)} />}
        </div>
      </Panel>
      {file !== null && from === undefined && <OwnFile key={JSON.stringify(file)} file={file} onChoose={choose} />}
      {file !== null && from !== undefined && (
        <SystemFile key={`${from} ${JSON.stringify(file)}`} file={file} system={from} />
      )}
    </div>
  );
}

function systemOf(value: string): System | undefined {
  return (Object.keys(SYSTEM_NAMES) as System[]).find((one) => one === value);
}

function Chosen({ file, onOther }: { file: ImportFile; onOther: () => void }) {
  return (
    <div className={css['chosen']}>
      <span>
        <b>{file.name}</b>
        <span className={css['brings']}>
          {'upload' in file ? 'sent to the console, kept for a day' : `on the machine of the books: ${file.path}`}
        </span>
      </span>
      <Button onClick={onOther}>Another file</Button>
    </div>
  );
}

/** An import of another file that goes on meanwhile. */
function Elsewhere({ file, onOpen }: { file: ImportFile | null; onOpen: (file: ImportFile) => void }) {
  const state = useSyncExternalStore(bookJob.subscribe, bookJob.get);
  if (state.kind !== 'running') return null;
  const other = state.about.order.file;
  if (JSON.stringify(other) === JSON.stringify(file)) return null;
  return (
    <Note>
      {other.name} is being imported meanwhile.{' '}
      <Button size="small" onClick={() => onOpen(other)}>
        Go there
      </Button>
    </Note>
  );
}
