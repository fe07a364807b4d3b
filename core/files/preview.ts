/** A look at a file before it is imported: its columns, its first rows, the events they make, and a mapping. */
import { basename } from 'node:path';
import type { ImportPreview, PreviewOrder, SystemLookOrder, SystemPreview } from '#core/contract/imports.ts';
import { termsOf } from '#core/gateway/ingest-port.ts';
import { checkOwn } from '#core/gateway/own-event.ts';
import type { Core } from '#core/services/core.ts';
import { unescaped } from './error-file.ts';
import type { FromImport, LookThreadData } from './import-thread.ts';
import { eventOf, guessMapping } from './mapping.ts';
import { requireReadable } from './open.ts';
import { FileError } from './rows.ts';
import type { Row, Value } from './rows.ts';
import { messagesOf, refuseFile, startFileThread } from './thread.ts';

const SHOWN = 20;

const asText = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? value.toString() : value);
const words = (value: unknown): string => JSON.stringify(value, asText).slice(0, 4000);

type Looked = Extract<FromImport, { type: 'looked' }>;

/** What the thread that reads files finds in this one. */
async function look(data: Omit<LookThreadData, 'shown'>): Promise<Looked> {
  requireReadable(data.path);
  const worker = startFileThread({ ...data, shown: SHOWN });
  try {
    for await (const message of messagesOf(worker)) {
      if (message.type === 'looked') return message;
      if (message.type === 'failed') throw new FileError(message.detail, message.fix);
    }
    throw new FileError('The file was not read to its first row.', 'Check that it is whole.');
  } finally {
    await worker.terminate();
  }
}

/** A source that stays the same for a file of this name: what makes a second import of it count nothing twice. */
const sourceOf = (path: string): string => `import/${basename(path)}`.slice(0, 200);

export async function previewImport(
  core: Core,
  { path, format, mapping: asked }: PreviewOrder,
): Promise<ImportPreview> {
  const { source, rows } = await look({ path, format: format ?? null, of: null }).catch(refuseFile);
  const first = rows.find((row): row is Extract<Row, { values: unknown }> => 'values' in row);
  const guess = guessMapping(source, first?.values, sourceOf(path));
  const mapping = asked ?? guess.mapping;
  const terms = termsOf(core, { actor: 'preview', nowMs: core.now(), refs: null });
  return {
    format: source.format,
    columns: [...source.columns],
    totalBytes: source.totalBytes,
    totalRows: source.totalRows,
    mapping,
    missing: asked ? [] : guess.missing,
    rows: rows.map((row) => {
      if (!('values' in row)) return { row: row.row, values: '', event: null, problem: row.problem };
      const values: Readonly<Record<string, Value>> = unescaped(row.values, {
        format: source.format,
        escaped: mapping?.escaped,
      });
      if (!mapping) return { row: row.row, values: words(values), event: null, problem: null };
      const event = eventOf(values, row.row, mapping);
      const [refusal] = checkOwn([event], terms).refused.values();
      return { row: row.row, values: words(values), event: words(event), problem: refusal?.detail ?? null };
    }),
  };
}

/** A look at a file of another system: what its first records become here, by the converter that an import takes. */
export async function previewSystem(
  core: Core,
  { path, format, from }: SystemLookOrder,
  actor: string,
): Promise<SystemPreview> {
  const of = { system: from, terms: termsOf(core, { actor, nowMs: core.now(), refs: null }) };
  const { source, look: made } = await look({ path, format: format ?? null, of }).catch(refuseFile);
  const { format: read, totalBytes, totalRows } = source;
  const { makes = [], leftOut = [], records = [], looked = 0, isWhole = true, refused = 0 } = made ?? {};
  return {
    format: read,
    totalBytes,
    totalRows,
    looked,
    isWhole,
    refused,
    makes: [...makes],
    leftOut: [...leftOut],
    records: records.map((record) => ({ ...record, makes: [...record.makes], leftOut: [...record.leftOut] })),
  };
}
