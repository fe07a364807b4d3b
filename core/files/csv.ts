/** Records of a CSV file (RFC 4180, with the separators spreadsheets write), by csv-parse. */
import { statSync } from 'node:fs';
import { pipeline } from 'node:stream';
import { parse } from 'csv-parse';
import type { Info } from 'csv-parse';
import { openBytes } from './bytes.ts';
import { checkText, linesOf } from './lines.ts';
import { Batcher, FileError, MOST_COLUMNS, MOST_RECORD_BYTES } from './rows.ts';
import type { Row, RowBatch, RowSource } from './rows.ts';

const SEPARATORS = [',', ';', '\t', '|'] as const;

/** The separator that the header has most of, outside quotes. */
function separatorOf(header: string): string {
  const bare = header.replaceAll(/"(?:[^"]|"")*"/g, '');
  const counts = SEPARATORS.map((one) => ({ one, count: bare.split(one).length }));
  return counts.reduce((most, next) => (next.count > most.count ? next : most)).one;
}

async function firstLine(file: string): Promise<string> {
  for await (const { text, problem } of linesOf(file)) {
    if (problem !== null) throw new FileError(`The header cannot be read. ${problem}`, 'Check the file.', 1);
    return text ?? '';
  }
  throw new FileError('The file is empty.', 'It needs a header and rows.');
}

type Parsed = { record: string[]; info: Info };
/** A record that csv-parse left out: where it stood and why. */
type Skipped = { row: number; problem: string };

/** Records that were left out, and the one after which no record can be told from the next. */
type Faults = { skipped: Skipped[]; fatal: FileError | null };

function fault(faults: Faults, error: { message: string; code?: string; records?: number } | undefined): undefined {
  const row = Math.max(1, error?.records ?? 1);
  if (error?.code === 'CSV_MAX_RECORD_SIZE') {
    const detail = `Row ${row} has more than ${MOST_RECORD_BYTES} bytes; a quote before it may not be closed.`;
    faults.fatal ??= new FileError(
      detail,
      'Mend that row and import the file again: what was taken is not counted twice.',
    );
  } else faults.skipped.push({ row, problem: `The record cannot be read: ${error?.message ?? ''}` });
  return undefined;
}

const options = (delimiter: string, faults: Faults) => ({
  bom: true,
  delimiter,
  info: true,
  relax_column_count: true,
  skip_empty_lines: true,
  max_record_size: MOST_RECORD_BYTES,
  skip_records_with_error: true,
  on_skip: (error: Parameters<typeof fault>[1]) => fault(faults, error),
});

/** U+FFFD is what a decoder writes for bytes that are no UTF-8. */
const BROKEN = '\ufffd';

function readRecord(record: readonly string[], row: number, columns: readonly string[]): Row {
  const text = record.join(',');
  if (record.length !== columns.length) {
    const problem = `The row has ${record.length} values where the header has ${columns.length} columns.`;
    return { row, column: null, problem, text };
  }
  const values: Record<string, string> = {};
  for (const [at, column] of columns.entries()) {
    const value = record[at] ?? '';
    if (value.includes(BROKEN)) return { row, column, problem: 'The value is not UTF-8.', text };
    values[column] = value;
  }
  return { row, values };
}

/** Progress is how much of the file was read, which is a little ahead of the rows that came of it. */
async function* batches(file: string, delimiter: string, columns: readonly string[]): AsyncGenerator<RowBatch> {
  const faults: Faults = { skipped: [], fatal: null };
  const { skipped } = faults;
  const parser = parse(options(delimiter, faults));
  const { stream, position } = openBytes(file);
  // A read error ends the parser with it, which the loop below then throws.
  pipeline(stream, parser, () => undefined);
  const batcher = new Batcher();
  let row = 0;
  for await (const { record, info } of parser as AsyncIterable<Parsed>) {
    for (const { row: at, problem } of skipped.splice(0)) batcher.push({ row: at, column: null, problem, text: '' });
    if (faults.fatal) break;
    row = info.records - 1;
    if (row === 0) continue;
    if (batcher.push(readRecord(record, row, columns))) yield batcher.take(position());
  }
  for (const { problem } of skipped) batcher.push({ row: row + 1, column: null, problem, text: '' });
  if (!batcher.isEmpty) yield batcher.take(position());
  if (faults.fatal) throw faults.fatal;
}

/** The header's names. Two columns of one name cannot be told apart, so they are refused. */
async function headerOf(file: string, delimiter: string): Promise<string[]> {
  const parser = parse({ ...options(delimiter, { skipped: [], fatal: null }), to: 1 });
  pipeline(openBytes(file).stream, parser, () => undefined);
  for await (const { record } of parser as AsyncIterable<Parsed>) {
    const names = record.map((name) => name.trim());
    const twice = names.find((name, at) => names.indexOf(name) !== at);
    if (twice !== undefined) throw new FileError(`Two columns are named "${twice}".`, 'Rename one of them.', 1);
    if (names.length > MOST_COLUMNS) {
      throw new FileError(`The header has ${names.length} columns.`, `Keep at most ${MOST_COLUMNS} of them.`, 1);
    }
    return names;
  }
  throw new FileError('The file has no header.', 'Its first line names the columns.', 1);
}

export async function openCsv(file: string): Promise<RowSource> {
  const header = await firstLine(file);
  checkText(Buffer.from(header.slice(0, 4096)));
  const delimiter = separatorOf(header);
  const columns = await headerOf(file, delimiter);
  return {
    format: 'csv',
    columns,
    totalBytes: statSync(file).size,
    totalRows: null,
    batches: () => batches(file, delimiter, columns),
  };
}
