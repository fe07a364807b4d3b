/** Records of a Parquet file, by hyparquet, a few thousand at a time. */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import type { AsyncBuffer, FileMetaData } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { isGzip } from './bytes.ts';
import { BATCH_ROWS, FileError, MOST_COLUMNS } from './rows.ts';
import type { Row, RowBatch, RowSource, Value } from './rows.ts';

/** A row group is unpacked as a whole: one that says it is larger than this is not read. */
const MOST_GROUP_BYTES = 512n * 1024n * 1024n;
/** "PAR1" opens and closes a Parquet file (Apache Parquet format specification, file format). */
const MAGIC = 'PAR1';

export function isParquet(file: string): boolean {
  const handle = openSync(file, 'r');
  try {
    const start = Buffer.alloc(4);
    return readSync(handle, start, 0, 4, 0) === 4 && start.toString('latin1') === MAGIC;
  } finally {
    closeSync(handle);
  }
}

function damaged(error: unknown): FileError {
  const reason = error instanceof Error ? error.message : String(error);
  return new FileError(
    `The file is not whole Parquet: ${reason.slice(0, 200)}.`,
    'Write it again; nothing of it was lost here.',
  );
}

/** Dates become RFC 3339 text and bytes text, so that every format's values mean the same. */
function plain(value: unknown): Value {
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  return (value ?? null) as Value;
}

function checkGroups(metadata: FileMetaData): void {
  for (const [at, group] of metadata.row_groups.entries()) {
    if (group.total_byte_size <= MOST_GROUP_BYTES) continue;
    const detail = `Row group ${at} says that it unpacks to ${group.total_byte_size} bytes.`;
    throw new FileError(detail, `Write it with row groups of at most ${MOST_GROUP_BYTES} bytes.`);
  }
}

async function* batches(file: AsyncBuffer, metadata: FileMetaData, totalBytes: number): AsyncGenerator<RowBatch> {
  const total = Number(metadata.num_rows);
  let [row, groupStart] = [0, 0];
  for (const group of metadata.row_groups) {
    const rowEnd = groupStart + Number(group.num_rows);
    const records = await parquetReadObjects({ file, metadata, rowStart: groupStart, rowEnd, compressors }).catch(
      (error: unknown) => {
        throw damaged(error);
      },
    );
    groupStart = rowEnd;
    for (let from = 0; from < records.length; from += BATCH_ROWS) {
      const rows = records.slice(from, from + BATCH_ROWS).map((record): Row => {
        row += 1;
        return { row, values: Object.fromEntries(Object.entries(record).map(([name, one]) => [name, plain(one)])) };
      });
      yield { rows, bytesRead: Math.floor((row / Math.max(1, total)) * totalBytes) };
    }
  }
}

export async function openParquet(path: string): Promise<RowSource> {
  if (isGzip(path)) {
    throw new FileError('The file is Parquet packed with gzip.', 'Unpack it: Parquet packs its own columns.');
  }
  try {
    const file = await asyncBufferFromFile(path);
    const metadata = await parquetMetadataAsync(file);
    checkGroups(metadata);
    const columns = metadata.schema.slice(1).map(({ name }) => name);
    const totalBytes = statSync(path).size;
    return {
      format: 'parquet',
      columns: columns.slice(0, MOST_COLUMNS),
      totalBytes,
      totalRows: Number(metadata.num_rows),
      batches: () => batches(file, metadata, totalBytes),
    };
  } catch (error) {
    throw error instanceof FileError ? error : damaged(error);
  }
}
