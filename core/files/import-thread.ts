/**
 * Reads a file of usage in a thread of its own: rows, events, checks, fingerprints and slices, a few batches ahead of
 * what the books have taken. Knows no books; writes the error file.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { Mapping } from '#core/contract/imports.ts';
import { checkOwn } from '#core/gateway/own-event.ts';
import type { IngestTerms } from '#core/gateway/slices.ts';
import type { AcceptUsage } from '#core/ledger/port.ts';
import { ErrorFile, unescaped } from './error-file.ts';
import type { Failure } from './error-file.ts';
import { eventOf } from './mapping.ts';
import { openRows } from './open.ts';
import { FileError } from './rows.ts';
import type { FileFormat, Row, RowSource } from './rows.ts';

/** A look at a file, or its import. A damaged file can keep a reader busy for ever, so both are done in a thread. */
export type ThreadData = ImportThreadData | Readonly<{ path: string; format: FileFormat | null; shown: number }>;
export type ImportThreadData = Readonly<{
  path: string;
  format: FileFormat | null;
  mapping: Mapping;
  errorFile: string;
  terms: IngestTerms;
}>;
/** Why an event was not taken, by its place among the batch's columns. */
export type Refused = Readonly<{ at: number; detail: string; fix: string }>;
export type FromImport =
  | Readonly<{ type: 'opened'; totalBytes: number }>
  | Readonly<{ type: 'looked'; source: Omit<RowSource, 'batches'>; rows: readonly Row[] }>
  | Readonly<{
      type: 'batch';
      n: number;
      rows: number;
      bytesRead: number;
      slices: readonly AcceptUsage[];
      /** Rows that made no event, counted already. */
      failed: number;
      problems: readonly Failure[];
    }>
  | Readonly<{ type: 'end'; errorFile: string | null }>
  | Readonly<{ type: 'failed'; detail: string; fix: string }>;
export type ToImport = Readonly<{ type: 'taken'; n: number; refused: readonly Refused[] }>;

/** Batches on their way to the books at once. */
const AHEAD = 4;
/** Problems told of one by one; all are in the error file. */
const TOLD = 20;

type Values = Extract<Row, { values: unknown }>['values'];
type Open = Readonly<{ rows: readonly { row: number; values: Values }[] }>;

const order = workerData as ThreadData;
const underWay = new Map<number, Open>();
let wake: (() => void) | null = null;
let told = 0;

function send(message: FromImport): void {
  parentPort?.postMessage(message);
}

function tellable(failures: readonly Failure[]): Failure[] {
  const some = failures.slice(0, Math.max(0, TOLD - told)).map((failure) => ({ ...failure, values: null }));
  told += some.length;
  return some;
}

/** Sends one batch of rows as slices, and writes the rows that are no events to the error file. */
function sendBatch(
  data: ImportThreadData,
  { n, rows, bytesRead, format }: { n: number; rows: readonly Row[]; bytesRead: number; format: FileFormat },
  errors: ErrorFile,
): void {
  const failures: Failure[] = [];
  const read: { row: number; values: Values }[] = [];
  const { escaped } = data.mapping;
  for (const row of rows) {
    if ('values' in row) read.push({ row: row.row, values: unescaped(row.values, { format, escaped }) });
    else {
      const fix = 'Mend the row in the file and import it again; rows that were taken are not counted twice.';
      failures.push({ row: row.row, column: row.column, detail: row.problem, fix, values: null });
    }
  }
  const checked = checkOwn(
    read.map(({ row, values }) => eventOf(values, row, data.mapping)),
    data.terms,
  );
  for (const [at, { detail, fix }] of checked.refused) {
    const { row, values } = read[at] ?? { row: 0, values: {} };
    failures.push({ row, column: null, detail, fix, values });
  }
  errors.write(failures);
  underWay.set(n, { rows: checked.columns.at.flatMap((at) => read[at] ?? []) });
  send({
    type: 'batch',
    n,
    rows: rows.length,
    bytesRead,
    slices: checked.columns.slices(data.terms.actor),
    failed: failures.length,
    problems: tellable(failures),
  });
}

/** Waits until the books have taken enough of what is under way. */
async function roomFor(most: number): Promise<void> {
  while (underWay.size > most) await new Promise<void>((resolve) => (wake = resolve));
}

/** Columns and first rows. */
async function look(shown: number): Promise<void> {
  const { batches, ...source } = await openRows(order.path, order.format ?? undefined);
  let rows: readonly Row[] = [];
  for await (const batch of batches()) {
    rows = batch.rows.slice(0, shown);
    break;
  }
  send({ type: 'looked', source, rows });
  parentPort?.close();
}

async function importAll(data: ImportThreadData): Promise<void> {
  const source = await openRows(data.path, data.format ?? undefined);
  const errors = new ErrorFile(data.errorFile, source.format, source.columns);
  parentPort?.on('message', ({ n, refused }: ToImport) => {
    const rows = underWay.get(n)?.rows ?? [];
    errors.write(
      refused.map(({ at, detail, fix }) => {
        const { row, values } = rows[at] ?? { row: 0, values: {} };
        return { row, column: null, detail, fix, values };
      }),
    );
    underWay.delete(n);
    wake?.();
  });
  send({ type: 'opened', totalBytes: source.totalBytes });
  let n = 0;
  for await (const { rows, bytesRead } of source.batches()) {
    await roomFor(AHEAD - 1);
    n += 1;
    sendBatch(data, { n, rows, bytesRead, format: source.format }, errors);
  }
  await roomFor(0);
  const path = errors.path;
  errors.close();
  send({ type: 'end', errorFile: path });
  parentPort?.close();
}

const work = 'shown' in order ? look(order.shown) : importAll(order);
work.catch((error: unknown) => {
  const isOurs = error instanceof FileError;
  const detail = error instanceof Error ? error.message : String(error);
  send({
    type: 'failed',
    detail: isOurs && error.row !== null ? `${detail} (line ${error.row})` : detail,
    fix: isOurs ? error.fix : 'Check the file and the disk; what was taken stays, and is not counted twice.',
  });
  parentPort?.close();
});
