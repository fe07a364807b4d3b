/** Opens a file of records by its format, which its first bytes or its name tell. */
import { existsSync, statSync } from 'node:fs';
import { extname } from 'node:path';
import { openCsv } from './csv.ts';
import { openJson, wrapsList } from './json.ts';
import { linesOf } from './lines.ts';
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
  '.json': 'json',
  '.parquet': 'parquet',
};

/** The format of a file: what it is named, without the `.gz` of a packed one, and for Parquet what it begins with. */
export function formatOf(file: string): FileFormat {
  if (isParquet(file)) return 'parquet';
  const format = BY_EXTENSION[extname(file.replace(/\.gz$/i, '')).toLowerCase()];
  if (format !== undefined) return format;
  throw new FileError(
    `The name "${file.slice(-80)}" does not say what the file holds.`,
    'Name its format: csv, ndjson, json or parquet.',
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
  const named = format ?? formatOf(file);
  switch (named === 'json' && format === undefined ? await jsonKindOf(file) : named) {
    case 'csv':
      return openCsv(file);
    case 'ndjson':
      return openNdjson(file);
    case 'json':
      return openJson(file);
    case 'parquet':
      return openParquet(file);
  }
}

/** What a file named `.json` holds: an object a line, or a document; its first line tells. */
async function jsonKindOf(file: string): Promise<'json' | 'ndjson'> {
  for await (const { text } of linesOf(file)) {
    if (text !== null && text.trim() === '') continue;
    try {
      const value: unknown = JSON.parse(text ?? '');
      const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value) && !wrapsList(value);
      return isRecord ? 'ndjson' : 'json';
    } catch {
      // A document goes on over its lines, and so the first alone is no JSON.
      return 'json';
    }
  }
  return 'ndjson';
}
