/**
 * Reads a file of usage in a thread of its own: rows, events, checks, fingerprints and slices, a few batches ahead of
 * what the books have taken. Knows no books; writes the error file.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { Mapping, SystemName } from '#core/contract/imports.ts';
import { checkOwn } from '#core/gateway/own-event.ts';
import { Columns, fingerprint } from '#core/gateway/slices.ts';
import type { IngestTerms } from '#core/gateway/slices.ts';
import type { AcceptUsage } from '#core/ledger/port.ts';
import { ErrorFile, unescaped } from './error-file.ts';
import type { Failure } from './error-file.ts';
import { eventOf } from './mapping.ts';
import { openRows } from './open.ts';
import { FileError } from './rows.ts';
import { CONVERTERS } from './systems/index.ts';
import { lookAt } from './systems/look.ts';
import type { SystemLook } from './systems/look.ts';
import { RecordProblem } from './systems/makes.ts';
import type { Converter, LeftOut, Make } from './systems/makes.ts';
import type { FileFormat, Row, RowBatch, RowSource } from './rows.ts';

/** A look at a file, or its import. A damaged file can keep a reader busy for ever, so both are done in a thread. */
export type ThreadData = ImportThreadData | LookThreadData;
export type LookThreadData = Readonly<{
  path: string;
  format: FileFormat | null;
  shown: number;
  /** Whose records they are, and what events are checked against; null where a mapping reads the rows. */
  of: Readonly<{ system: SystemName; terms: IngestTerms }> | null;
}>;
export type ImportThreadData = Readonly<{
  path: string;
  format: FileFormat | null;
  /** How rows become events; null where a system's own converter reads them. */
  mapping: Mapping | null;
  system: SystemName | null;
  errorFile: string;
  terms: IngestTerms;
}>;
/** Why an event was not taken, by its place among the batch's columns, or a thing that a record makes, by its row. */
export type Refused = Readonly<({ at: number } | { row: number }) & { detail: string; fix: string }>;
/** A thing that a record of another system makes; events go as slices. */
export type Thing = Readonly<{ row: number; make: Exclude<Make, { kind: 'event' }> }>;
export type FromImport =
  | Readonly<{ type: 'opened'; totalBytes: number }>
  | Readonly<{ type: 'looked'; source: Omit<RowSource, 'batches'>; rows: readonly Row[]; look: SystemLook | null }>
  | Readonly<{
      type: 'batch';
      n: number;
      rows: number;
      bytesRead: number;
      slices: readonly AcceptUsage[];
      things: readonly Thing[];
      leftOut: readonly LeftOut[];
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
type Read = Readonly<{ row: number; values: Values }>;
/** Rows of a batch that is with the books: those of its events by their place, and all by their number. */
type Open = Readonly<{ rows: readonly Read[]; all: readonly Read[] }>;

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
  const read: Read[] = [];
  const escaped = data.mapping?.escaped;
  for (const row of rows) {
    if ('values' in row) read.push({ row: row.row, values: unescaped(row.values, { format, escaped }) });
    else {
      const fix = 'Mend the row in the file and import it again; rows that were taken are not counted twice.';
      failures.push({ row: row.row, column: row.column, detail: row.problem, fix, values: null });
    }
  }
  const { columns, things, leftOut } = data.mapping
    ? mapped(data, data.mapping, read, failures)
    : converted(data, read, failures);
  errors.write(failures);
  underWay.set(n, { rows: columns.at.flatMap((at) => read[at] ?? []), all: data.system === null ? [] : read });
  send({
    type: 'batch',
    n,
    rows: rows.length,
    bytesRead,
    slices: columns.slices(data.terms.actor),
    things,
    leftOut,
    failed: failures.length,
    problems: tellable(failures),
  });
}

type Ready = Readonly<{ columns: Columns; things: readonly Thing[]; leftOut: readonly LeftOut[] }>;

/** Rows as events by a mapping of columns. */
function mapped(data: ImportThreadData, mapping: Mapping, read: readonly Read[], failures: Failure[]): Ready {
  const checked = checkOwn(
    read.map(({ row, values }) => eventOf(values, row, mapping)),
    data.terms,
  );
  for (const [at, { detail, fix }] of checked.refused) {
    const { row, values } = read[at] ?? { row: 0, values: {} };
    failures.push({ row, column: null, detail, fix, values });
  }
  return { columns: checked.columns, things: [], leftOut: [] };
}

let converter: Converter | undefined;

/** Records as what they make here, by the converter of their system. A record is read whole or told of. */
function converted({ system, terms }: ImportThreadData, read: readonly Read[], failures: Failure[]): Ready {
  converter ??= CONVERTERS[system ?? 'openmeter']();
  const ready = { columns: new Columns(), things: [] as Thing[], leftOut: [] as LeftOut[] };
  for (const [at, { row, values }] of read.entries()) {
    try {
      const { makes, leftOut } = converter(values, terms);
      ready.leftOut.push(...leftOut);
      for (const make of makes) {
        if (make.kind !== 'event') ready.things.push({ row, make });
        else {
          const { event } = make;
          ready.columns.push(at, event, fingerprint(event, { quantity: null, data: event.data, holdId: null }));
        }
      }
    } catch (error) {
      if (!(error instanceof RecordProblem)) throw error;
      failures.push({ row, column: error.column, detail: error.message, fix: error.fix, values });
    }
  }
  return ready;
}

/** Waits until the books have taken enough of what is under way. */
async function roomFor(most: number): Promise<void> {
  while (underWay.size > most) await new Promise<void>((resolve) => (wake = resolve));
}

const NO_ROW: Read = { row: 0, values: {} };

/** Columns and first rows; of another system's file also what its first batch makes. */
async function look({ path, format, shown, of }: LookThreadData): Promise<void> {
  const { batches, ...source } = await openRows(path, format ?? undefined);
  const each = batches();
  try {
    const all: readonly Row[] = (await each.next()).value?.rows ?? [];
    const made =
      of && lookAt(all, { converter: CONVERTERS[of.system](), terms: of.terms, shown, format: source.format });
    const isWhole = of !== null && (await isOver(each));
    send({ type: 'looked', source, rows: all.slice(0, shown), look: made && { ...made, isWhole } });
  } finally {
    await each.return(undefined);
  }
  parentPort?.close();
}

/** Whether nothing follows. A fault further on is not the look's to tell: an import says where it is. */
async function isOver(rest: AsyncGenerator<RowBatch>): Promise<boolean> {
  try {
    return (await rest.next()).done === true;
  } catch (error) {
    if (error instanceof FileError) return false;
    throw error;
  }
}

async function importAll(data: ImportThreadData): Promise<void> {
  const source = await openRows(data.path, data.format ?? undefined);
  const errors = new ErrorFile(data.errorFile, source.format, source.columns);
  parentPort?.on('message', ({ n, refused }: ToImport) => {
    const { rows = [], all = [] } = underWay.get(n) ?? {};
    const written = new Set<number>();
    const failures = refused.flatMap((one): Failure[] => {
      const { detail, fix } = one;
      const { row, values } = ('at' in one ? rows[one.at] : all.find((read) => read.row === one.row)) ?? NO_ROW;
      // A record that makes several things comes back once.
      if (data.system !== null && written.has(row)) return [];
      written.add(row);
      return [{ row, column: null, detail, fix, values }];
    });
    errors.write(failures);
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

const work = 'shown' in order ? look(order) : importAll(order);
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
