/** What another system exports: what its first records become here and what is left out, before anything is tried. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { whereIs } from '../../lib/import-job.ts';
import type { ImportFile, System } from '../../lib/import-job.ts';
import { groupDecimal } from '../../lib/money.ts';
import { orpc } from '../../lib/rpc.ts';
import type { Outputs } from '../../lib/rpc.ts';
import { Dash } from '../../ui/amount.tsx';
import type { Column } from '../../ui/columns.ts';
import { Pill } from '../../ui/marks.tsx';
import { Empty, ErrorBox, Loading } from '../../ui/states.tsx';
import { Facts, Panel } from '../../ui/surface.tsx';
import { Table } from '../../ui/table.tsx';
import { bytesText } from './bytes.ts';
import { RunPanels } from './import-run.tsx';
import { JsonText, detailClass } from './json-text.tsx';
import css from './usage.module.css';

type Look = Outputs['imports']['previewFrom'];
type LookedRecord = Look['records'][number];

const COLUMNS: readonly Column<LookedRecord>[] = [
  { id: 'row', title: 'Record', width: '72px', end: true, text: (row) => String(row.row), cell: (row) => row.row },
  {
    id: 'becomes',
    title: 'Becomes',
    text: (row) => row.problem?.detail ?? row.makes.map(({ kind, name }) => `${kind} ${name}`).join(', '),
    cell: (row) => <Becomes row={row} />,
  },
  {
    id: 'left',
    title: 'Left out',
    width: '220px',
    text: (row) => row.leftOut.map(({ what }) => what).join(', '),
    cell: (row) =>
      row.leftOut.length === 0 ? (
        <Dash />
      ) : (
        <span title={row.leftOut.map(({ what, why }) => `${what}: ${why}`).join('\n')}>
          {row.leftOut.map(({ what }) => what).join(', ')}
        </span>
      ),
  },
];

function Becomes({ row }: { row: LookedRecord }) {
  if (row.problem !== null) {
    return (
      <span className={css['bad']} title={`${row.problem.detail} ${row.problem.fix}`}>
        {row.problem.detail}
      </span>
    );
  }
  if (row.makes.length === 0) return <Dash />;
  return (
    <span className={css['becomes']}>
      {row.makes.map(({ kind, name, text }, at) => (
        <span key={`${at} ${kind}`} title={text}>
          <Pill tone="quiet">{kind}</Pill> {name}
        </span>
      ))}
    </span>
  );
}

export function SystemFile({ file, system }: { file: ImportFile; system: System }) {
  const query = useQuery(
    orpc.imports.previewFrom.queryOptions({ input: { ...whereIs(file), from: system }, retry: false }),
  );
  const { data: look, error } = query;
  return (
    <>
      <Panel
        title="2 · What its records become"
        aside={
          look && (
            <span className={css['brings']}>
              {look.format.toUpperCase()}, {bytesText(look.totalBytes)}
            </span>
          )
        }
      >
        {query.isPending && <Loading label="Reading the first records" />}
        {error && (
          <ErrorBox
            error={error}
            money="Nothing was booked: the file could not be read."
            retry={() => void query.refetch()}
          />
        )}
        {look && <Looked look={look} />}
      </Panel>
      {look && look.refused < look.looked && <RunPanels order={{ file, system, mapping: null }} onChoose={null} />}
    </>
  );
}

const count = (n: number): string => groupDecimal(String(n));

function Looked({ look }: { look: Look }) {
  const { looked, isWhole, makes, refused, leftOut, records } = look;
  const [open, setOpen] = useState<number | null>(null);
  const detail = records.find(({ row }) => row === open);
  return (
    <>
      <div className={css['summary']}>
        <p>
          {isWhole
            ? `All ${count(looked)} records were looked at.`
            : `The first ${count(looked)} records were looked at.`}{' '}
          {refused > 0 && `${count(refused)} cannot be read as records of this system. `}
          Which of them are here already is said by a trial.
        </p>
        <div className={css['two']}>
          <div role="group" aria-label="They become">
            <h3>They become</h3>
            {makes.length === 0 ? (
              <p>Nothing.</p>
            ) : (
              <Facts rows={makes.map(({ kind, count: n }) => [kind, count(n)])} />
            )}
          </div>
          <div role="group" aria-label="Left out">
            <h3>Left out</h3>
            {leftOut.length === 0 ? (
              <p>Nothing is left out.</p>
            ) : (
              <Facts left rows={leftOut.map(({ what, why, count: n }) => [what, `${why} (${count(n)})`])} />
            )}
          </div>
        </div>
      </div>
      <Table<LookedRecord>
        name="records"
        rows={records}
        columns={COLUMNS}
        rowKey={(row) => String(row.row)}
        fixed
        maxHeight={420}
        selected={open === null ? '' : String(open)}
        onOpen={({ row }) => setOpen(open === row ? null : row)}
        empty={<Empty title="The file has no records">Choose another, or export it again.</Empty>}
      />
      {detail && <RecordDetail record={detail} />}
    </>
  );
}

/** A record in full, each thing that it becomes, and why the rest is left. */
function RecordDetail({ record }: { record: LookedRecord }) {
  const { row, values, makes, leftOut, problem } = record;
  return (
    <div className={detailClass} role="group" aria-label={`Record ${row}`}>
      {problem && (
        <p className={css['bad']}>
          {problem.detail} {problem.fix}
        </p>
      )}
      {leftOut.length > 0 && <p>Left out: {leftOut.map(({ what, why }) => `${what} (${why})`).join(', ')}.</p>}
      <JsonText title={`Record ${row} as in the file`} text={values} />
      {makes.map(({ kind, name, text }) => (
        <JsonText key={`${kind} ${name}`} title={`The ${kind} ${name}`} text={text} />
      ))}
    </div>
  );
}
