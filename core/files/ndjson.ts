/** Records of one JSON object a line (NDJSON, JSON Lines). */
import { statSync } from 'node:fs';
import { linesOf } from './lines.ts';
import type { Line } from './lines.ts';
import { Batcher, MOST_COLUMNS } from './rows.ts';
import type { Row, RowBatch, RowSource, Value } from './rows.ts';

/** Lines looked at to find the columns. */
const SAMPLE = 100;

function readLine({ number, text, problem }: Line): Row | null {
  if (text === null) return { row: number, column: null, problem: problem ?? 'The line cannot be read.', text: '' };
  if (text.trim() === '') return null;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return { row: number, values: value as Readonly<Record<string, Value>> };
    }
    return { row: number, column: null, problem: 'The line is not a JSON object.', text };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { row: number, column: null, problem: `The line is not JSON: ${reason}.`, text };
  }
}

async function* batches(file: string): AsyncGenerator<RowBatch> {
  const batcher = new Batcher();
  let bytesRead = 0;
  for await (const line of linesOf(file)) {
    bytesRead = line.endsAt;
    const row = readLine(line);
    if (row && batcher.push(row)) yield batcher.take(bytesRead);
  }
  if (!batcher.isEmpty) yield batcher.take(bytesRead);
}

/** Names of members, those of objects inside joined by dots: what a mapping can name. */
export function namesIn(values: Readonly<Record<string, unknown>>, prefix = ''): string[] {
  return Object.entries(values).flatMap(([name, value]) => {
    const path = `${prefix}${name}`;
    const isInner = typeof value === 'object' && value !== null && !Array.isArray(value) && prefix.length < 60;
    return isInner ? namesIn(value as Readonly<Record<string, unknown>>, `${path}.`) : [path];
  });
}

export async function openNdjson(file: string): Promise<RowSource> {
  const columns = new Set<string>();
  for await (const line of linesOf(file)) {
    const row = readLine(line);
    if (row && 'values' in row) for (const name of namesIn(row.values)) columns.add(name);
    if (line.number >= SAMPLE) break;
  }
  return {
    format: 'ndjson',
    columns: [...columns].slice(0, MOST_COLUMNS),
    totalBytes: statSync(file).size,
    totalRows: null,
    batches: () => batches(file),
  };
}
