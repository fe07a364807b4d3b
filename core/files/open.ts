/** Opens a file of records by its format, which its first bytes or its name tell. */
import { existsSync, statSync } from 'node:fs';
import { extname } from 'node:path';
import { openCsv } from './csv.ts';
import { openNdjson } from './ndjson.ts';
import { isParquet, openParquet } from './parquet.ts';
import { FileError } from './rows.ts';
import type { FileFormat, RowSource } from './rows.ts';

const BY_EXTENSION: Readonly<Record<string, FileFormat>> = {
  '.csv': 'csv',
  '.tsv': 'csv',
  '.txt': 'csv',
  '.ndjson': 'ndjson',
  '.jsonl': 'ndjson',
  '.json': 'ndjson',
  '.parquet': 'parquet',
};

/** The format of a file: what it is named, and for Parquet what it begins with. */
export function formatOf(file: string): FileFormat {
  if (isParquet(file)) return 'parquet';
  const format = BY_EXTENSION[extname(file).toLowerCase()];
  if (format !== undefined) return format;
  throw new FileError(
    `The name "${file.slice(-80)}" does not say what the file holds.`,
    'Name its format: csv, ndjson or parquet.',
  );
}

export function requireReadable(file: string): void {
  if (!existsSync(file) || !statSync(file).isFile()) {
    throw new FileError(`There is no file ${file.slice(-200)}.`, 'Check the path; it is on the machine of the books.');
  }
  if (statSync(file).size === 0) throw new FileError('The file is empty.', 'Check that it was written.');
}

export async function openRows(file: string, format?: FileFormat): Promise<RowSource> {
  requireReadable(file);
  switch (format ?? formatOf(file)) {
    case 'csv':
      return openCsv(file);
    case 'ndjson':
      return openNdjson(file);
    case 'parquet':
      return openParquet(file);
  }
}
