/** What a file of records is read into: rows with text values, one after the other, in bounded memory. */

/** A value of a row; numbers keep the text they were written with where the format has any. */
export type Value = string | number | bigint | boolean | null | Readonly<Record<string, unknown>>;

/** A row of a file, numbered from 1 as the file has it (a header is no row), or what is wrong with it. */
export type Row = Readonly<
  | { row: number; values: Readonly<Record<string, Value>> }
  | { row: number; column: string | null; problem: string; text: string }
>;

/** Rows in batches, and how far into the file they reach. */
export type RowBatch = Readonly<{ rows: readonly Row[]; bytesRead: number }>;

/** An open file: its columns and its rows. Reading it again starts anew. */
export type RowSource = Readonly<{
  format: FileFormat;
  columns: readonly string[];
  totalBytes: number;
  /** Known beforehand only where the format says it. */
  totalRows: number | null;
  batches: () => AsyncGenerator<RowBatch>;
}>;

export const FILE_FORMATS = ['csv', 'ndjson', 'json', 'parquet'] as const;
export type FileFormat = (typeof FILE_FORMATS)[number];

/** Rows handed on together. */
export const BATCH_ROWS = 1_000;
/** The longest line or record that is read; a longer one is refused by its number and skipped. */
export const MOST_RECORD_BYTES = 1024 * 1024;
/** Columns of one file. */
export const MOST_COLUMNS = 500;

/** A file that cannot be read as what it is said to be. */
export class FileError extends Error {
  readonly fix: string;
  readonly row: number | null;
  constructor(detail: string, fix: string, row: number | null = null) {
    super(detail);
    this.name = 'FileError';
    this.fix = fix;
    this.row = row;
  }
}

/** Gathers rows into batches. */
export class Batcher {
  #rows: Row[] = [];

  push(row: Row): boolean {
    this.#rows.push(row);
    return this.#rows.length >= BATCH_ROWS;
  }

  take(bytesRead: number): RowBatch {
    const rows = this.#rows;
    this.#rows = [];
    return { rows, bytesRead };
  }

  get isEmpty(): boolean {
    return this.#rows.length === 0;
  }
}
