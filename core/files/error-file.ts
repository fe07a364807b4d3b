/** The rows of an import that were not taken, with the reason beside each: a file that is mended and fed back. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { stringify } from 'csv-stringify/sync';
import { escapeFormula, unescapeFormula } from './formula.ts';
import { ERROR_COLUMNS } from './mapping.ts';
import type { FileFormat, Value } from './rows.ts';

export type Failure = Readonly<{
  row: number;
  column: string | null;
  detail: string;
  fix: string;
  values: Readonly<Record<string, Value>> | null;
}>;

const asText = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? value.toString() : value);

/** Opened when the first row fails: an import without failures leaves no file. */
export class ErrorFile {
  readonly #path: string;
  readonly #format: FileFormat;
  readonly #columns: readonly string[];
  #handle: number | null = null;

  constructor(path: string, format: FileFormat, columns: readonly string[]) {
    this.#path = path;
    this.#format = format;
    const isOurs = new Set<string>(ERROR_COLUMNS);
    this.#columns = columns.filter((column) => !isOurs.has(column));
  }

  /** The file's path once something was written to it. */
  get path(): string | null {
    return this.#handle === null ? null : this.#path;
  }

  write(failures: readonly Failure[]): void {
    if (failures.length === 0) return;
    const isNew = this.#handle === null;
    this.#handle ??= openSync(this.#path, 'w', 0o600);
    const text = this.#format === 'csv' ? this.#csv(failures, isNew) : ndjson(failures);
    writeSync(this.#handle, text);
  }

  /** A cell that a spreadsheet would take for a formula gets a quote before it, which reading takes away again. */
  #csv(failures: readonly Failure[], isNew: boolean): string {
    const lines = failures.map(({ row, detail, fix, values }) => [
      ...this.#columns.map((column) => values?.[column] ?? ''),
      values?.[ERROR_COLUMNS[0]] ?? row,
      detail,
      fix,
    ]);
    const header = isNew ? [[...this.#columns, ...ERROR_COLUMNS]] : [];
    const safe = (cell: unknown): unknown => (typeof cell === 'string' ? escapeFormula(cell) : cell);
    return stringify([...header, ...lines].map((cells) => cells.map(safe)));
  }

  close(): void {
    if (this.#handle !== null) closeSync(this.#handle);
  }
}

function ndjson(failures: readonly Failure[]): string {
  return failures
    .map(({ row, detail, fix, values }) => {
      const place = values?.[ERROR_COLUMNS[0]] ?? row;
      return `${JSON.stringify({ ...values, import_row: place, import_problem: detail, import_fix: fix }, asText)}\n`;
    })
    .join('');
}

/**
 * The values of a row as they were before they were made safe for spreadsheets: in a CSV file that an import left, or
 * that is said to be one of our exports. A file that is both was made safe once.
 */
export function unescaped(
  values: Readonly<Record<string, Value>>,
  { format, escaped = false }: Readonly<{ format: FileFormat; escaped?: boolean | undefined }>,
): Readonly<Record<string, Value>> {
  if (format !== 'csv' || (!escaped && !Object.hasOwn(values, ERROR_COLUMNS[0]))) return values;
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, typeof value === 'string' ? unescapeFormula(value) : value]),
  );
}
