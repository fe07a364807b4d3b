/** A file of usage: which column is what, the first rows with the events they make, and the way to take it. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { whereIs } from '../../lib/import-job.ts';
import type { ImportFile, Mapping } from '../../lib/import-job.ts';
import { orpc } from '../../lib/rpc.ts';
import type { Outputs } from '../../lib/rpc.ts';
import { Dash } from '../../ui/amount.tsx';
import type { Column } from '../../ui/columns.ts';
import { Status } from '../../ui/marks.tsx';
import { Empty, ErrorBox, Loading } from '../../ui/states.tsx';
import { Panel } from '../../ui/surface.tsx';
import { Table } from '../../ui/table.tsx';
import { bytesText } from './bytes.ts';
import { RunPanels } from './import-run.tsx';
import { JsonText, detailClass } from './json-text.tsx';
import { keepDraft, keptDraft } from './import-state.ts';
import { draftFrom, eventCells, fits, mappingFrom } from './mapping-draft.ts';
import type { EventCells, MappingDraft } from './mapping-draft.ts';
import { MappingForm } from './mapping-form.tsx';
import css from './usage.module.css';

type Preview = Outputs['imports']['preview'];
type Row = Preview['rows'][number] & Readonly<{ cells: EventCells }>;

const text = (name: keyof EventCells, title: string, width: string): Column<Row> => ({
  id: name,
  title,
  width,
  text: (row) => row.cells[name],
  cell: (row) => (row.cells[name] === '' ? <Dash /> : <span title={row.cells[name]}>{row.cells[name]}</span>),
});

const COLUMNS: readonly Column<Row>[] = [
  { id: 'row', title: 'Row', width: '56px', end: true, text: (row) => String(row.row), cell: (row) => row.row },
  {
    id: 'state',
    title: 'Becomes',
    text: (row) => row.problem ?? (row.event === null ? '' : 'an event'),
    cell: (row) =>
      row.problem === null ? (
        row.event === null ? (
          <Dash />
        ) : (
          <Status tone="good" shape="check">
            An event
          </Status>
        )
      ) : (
        <span className={css['bad']} title={row.problem}>
          {row.problem}
        </span>
      ),
  },
  text('customer', 'Customer', '150px'),
  text('meter', 'Meter', '130px'),
  { ...text('quantity', 'Quantity', '84px'), end: true },
  text('occurredAt', 'When', '210px'),
  text('id', 'Id', '150px'),
];

/** Before it is said which column is what, a row is what the file has. */
const UNMAPPED: readonly Column<Row>[] = [
  ...COLUMNS.slice(0, 1),
  {
    id: 'values',
    title: 'As in the file',
    text: (row) => row.problem ?? row.values,
    cell: (row) =>
      row.problem === null ? (
        <code title={row.values}>{row.values}</code>
      ) : (
        <span className={css['bad']}>{row.problem}</span>
      ),
  },
];

export function OwnFile({ file, onChoose }: { file: ImportFile; onChoose: (file: ImportFile) => void }) {
  const guess = useQuery(orpc.imports.preview.queryOptions({ input: whereIs(file), retry: false }));
  if (guess.error) {
    return (
      <Panel label="What is in it">
        <ErrorBox
          error={guess.error}
          money="Nothing was booked: the file could not be read."
          retry={() => void guess.refetch()}
        />
      </Panel>
    );
  }
  if (!guess.data) {
    return (
      <Panel label="What is in it">
        <Loading label="Reading the first rows" />
      </Panel>
    );
  }
  return <Mapped file={file} guess={guess.data} onChoose={onChoose} />;
}

/** What was chosen for this file, or before for the one whose mended rows these are; else the core's guess. */
function startFor(file: ImportFile, { mapping, columns }: Preview): MappingDraft {
  const kept = keptDraft(JSON.stringify(file));
  if (kept && (kept.isOfThis || columns.includes('import_row')) && fits(kept.draft, columns)) return kept.draft;
  return draftFrom(mapping, file.name);
}

type MappedProps = Readonly<{ file: ImportFile; guess: Preview; onChoose: (file: ImportFile) => void }>;

function Mapped({ file, guess, onChoose }: MappedProps) {
  const [draft, setDraft] = useState(() => startFor(file, guess));
  const mapping = useMemo(() => mappingFrom(draft), [draft]);
  const change = (next: MappingDraft): void => {
    setDraft(next);
    keepDraft(JSON.stringify(file), next);
  };
  useEffect(() => keepDraft(JSON.stringify(file), draft), [file, draft]);
  return (
    <>
      <Panel title="2 · Which column is what" padded>
        <MappingForm draft={draft} columns={guess.columns} onChange={change} />
      </Panel>
      <Rows file={file} guess={guess} mapping={mapping} />
      <RunPanels order={mapping && { file, system: null, mapping }} onChoose={onChoose} />
    </>
  );
}

function Rows({ file, guess, mapping }: { file: ImportFile; guess: Preview; mapping: Mapping | null }) {
  const live = useQuery(
    orpc.imports.preview.queryOptions({
      input: { ...whereIs(file), ...(mapping ? { mapping } : {}) },
      enabled: mapping !== null,
      placeholderData: keepPreviousData,
      retry: false,
    }),
  );
  const shown = mapping === null ? guess : (live.data ?? guess);
  const rows = shown.rows.map((row) => ({ ...row, cells: eventCells(row.event) }));
  const [open, setOpen] = useState<number | null>(null);
  const detail = rows.find(({ row }) => row === open);
  const bad = rows.filter(({ problem }) => problem !== null).length;
  const count = guess.totalRows === null ? '' : `${guess.totalRows} rows, `;
  return (
    <Panel
      title="3 · The first rows, and the events they make"
      aside={
        <span className={css['brings']}>
          {guess.format.toUpperCase()}, {count}
          {bytesText(guess.totalBytes)}
          {bad > 0 && `; ${bad} of these ${rows.length} rows ${bad === 1 ? 'has' : 'have'} a problem`}
        </span>
      }
    >
      {mapping === null && (
        <p className={css['hint']} role="status">
          Say which column is the customer and which the meter, or write one for all rows; the events appear then.
        </p>
      )}
      {live.error && <ErrorBox error={live.error} money="Nothing was booked: this only looks." />}
      <Table<Row>
        name="preview"
        rows={rows}
        columns={mapping === null ? UNMAPPED : COLUMNS}
        rowKey={(row) => String(row.row)}
        fixed
        maxHeight={420}
        selected={open === null ? '' : String(open)}
        onOpen={({ row }) => setOpen(open === row ? null : row)}
        empty={
          <Empty title="The file has no rows">Choose another, or write it again with rows below its header.</Empty>
        }
      />
      {detail && <RowDetail row={detail} />}
    </Panel>
  );
}

/** A row in full, since cells are cut to their column. */
function RowDetail({ row }: { row: Row }) {
  return (
    <div className={detailClass} role="group" aria-label={`Row ${row.row}`}>
      {row.problem !== null && <p className={css['bad']}>{row.problem}</p>}
      <JsonText title={`Row ${row.row} as in the file`} text={row.values} />
      {row.event !== null && <JsonText title="The event it makes" text={row.event} />}
    </div>
  );
}
