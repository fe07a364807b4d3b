/** From a row of a file to an event as our own API takes it, by a mapping of columns. */
import type { Mapping } from '#core/contract/imports.ts';
import { columnsOf } from '#core/domain/exports.ts';
import type { RowSource, Value } from './rows.ts';

type Values = Readonly<Record<string, Value>>;

/** Columns that an error file adds; no mapping needs them, and a mended file may keep them. */
export const ERROR_COLUMNS = ['import_row', 'import_problem', 'import_fix'] as const;
const [ROW_COLUMN] = ERROR_COLUMNS;

/** The value of a column, which may name a member inside others by dots. */
export function valueOf(values: Values, column: string): unknown {
  if (Object.hasOwn(values, column)) return values[column];
  let found: unknown = values;
  for (const name of column.split('.')) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return undefined;
    found = (found as Readonly<Record<string, unknown>>)[name];
  }
  return found;
}

/** An empty cell is no value, whatever the format writes for one. */
function given(values: Values, from: Readonly<{ column: string } | { value: string }>): unknown {
  if ('value' in from) return from.value;
  const value = valueOf(values, from.column);
  return value === '' || value === null ? undefined : value;
}

function textual(value: unknown): unknown {
  return typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean' ? String(value) : value;
}

const WHOLE = /^\d{1,15}$/;
const PARTED = /^(\d{1,12})(?:\.(\d{1,9}))?$/;

/** An instant in its column's form as RFC 3339 text or milliseconds; what is not of the form stays as it is. */
function instantOf(value: unknown, as: 'rfc3339' | 'seconds' | 'milliseconds'): unknown {
  const text = textual(value);
  if (typeof text !== 'string') return value;
  if (as === 'milliseconds') return WHOLE.test(text) ? Number(text) : text;
  if (as === 'rfc3339') return text;
  const [, seconds, fraction = ''] = PARTED.exec(text) ?? [];
  // Milliseconds from the digits themselves: 1.001 s is not quite that in binary.
  return seconds === undefined ? text : Number(`${seconds}${fraction.slice(0, 3).padEnd(3, '0')}`);
}

/** The event a row makes. What is missing or of the wrong form is left for the check of our own API to name. */
export function eventOf(values: Values, row: number, mapping: Mapping): Record<string, unknown> {
  const { id, occurredAt } = mapping;
  // A row of an error file says which row it was, so that it keeps its id when it is fed back.
  const place = 'rowNumber' in id ? (textual(values[ROW_COLUMN]) ?? row) : null;
  const dimensions: Record<string, unknown> = {};
  const together =
    mapping.dimensionsFrom === undefined ? undefined : objectIn(given(values, { column: mapping.dimensionsFrom }));
  for (const [name, column] of Object.entries(mapping.dimensions)) {
    const value = given(values, { column });
    if (value !== undefined) dimensions[name] = textual(value);
  }
  const quantity = given(values, mapping.quantity);
  return {
    source: textual(given(values, mapping.source)),
    id: 'column' in id ? textual(given(values, id)) : `row-${String(place)}`,
    customer: textual(given(values, mapping.customer)),
    meter: textual(given(values, mapping.meter)),
    quantity: typeof quantity === 'bigint' ? quantity.toString() : quantity,
    ...(occurredAt ? { occurredAt: instantOf(given(values, occurredAt), occurredAt.as) } : {}),
    ...dimensionsOf(together, dimensions),
  };
}

/** The object in a cell; what is none is left for the check to name. */
function objectIn(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}

function dimensionsOf(together: unknown, named: Readonly<Record<string, unknown>>): { dimensions?: unknown } {
  const isObject = typeof together === 'object' && together !== null && !Array.isArray(together);
  if (together !== undefined && !isObject) return { dimensions: together };
  const all = { ...together, ...named };
  return Object.keys(all).length > 0 ? { dimensions: all } : {};
}

/** Names that columns of each meaning have in the exports people bring; the first that a file has is taken. */
const KNOWN_AS = {
  id: ['id', 'event_id', 'eventid', 'transaction_id', 'idempotency_key', 'request_id', 'uuid'],
  source: ['source'],
  customer: ['customer', 'customer_id', 'subject', 'external_subscription_id', 'external_customer_id', 'account_id'],
  meter: ['meter', 'meter_key', 'type', 'code', 'event_name', 'metric', 'name'],
  quantity: ['quantity', 'value', 'units', 'amount', 'count', 'data.value', 'properties.value'],
  occurredAt: ['occurred_at', 'occurredat', 'time', 'timestamp', 'created_at', 'date'],
} as const;
type Meaning = keyof typeof KNOWN_AS;

function columnFor(columns: readonly string[], meaning: Meaning): string | undefined {
  const plain = new Map(columns.map((column) => [column.toLowerCase().replaceAll(/[\s-]+/g, '_'), column]));
  for (const name of KNOWN_AS[meaning]) {
    const column = plain.get(name);
    if (column !== undefined) return column;
  }
  return undefined;
}

/** The form of instants in a column, by a value of it. */
function formOf(sample: unknown): 'rfc3339' | 'seconds' | 'milliseconds' {
  const text = String(textual(sample) ?? '');
  if (/^\d{12,15}$/.test(text)) return 'milliseconds';
  return PARTED.test(text) ? 'seconds' : 'rfc3339';
}

const OUR_EXPORT = columnsOf('usage').map(([name]) => name);

/** The mapping of our own export of usage, also of rows of it that come back in an error file. */
const exportMapping = ({ format }: Pick<RowSource, 'format'>): Mapping => ({
  source: { column: 'source' },
  id: { column: 'id' },
  customer: { column: 'customer' },
  meter: { column: 'meter' },
  quantity: { column: 'quantity' },
  occurredAt: { column: 'occurred_at', as: 'rfc3339' },
  dimensions: {},
  dimensionsFrom: 'dimensions',
  ...(format === 'csv' ? { escaped: true } : {}),
});

/** A mapping to start from, by the names of columns; `missing` are meanings that no column is named like. */
export function guessMapping(
  file: Pick<RowSource, 'columns' | 'format'>,
  sample: Values | undefined,
  source: string,
): { mapping: Mapping | null; missing: string[] } {
  const { columns } = file;
  const theirs = columns.filter((column) => !ERROR_COLUMNS.some((ours) => ours === column));
  if (theirs.join('\n') === OUR_EXPORT.join('\n')) return { mapping: exportMapping(file), missing: [] };
  const found = (meaning: Meaning) => columnFor(columns, meaning);
  const [id, customer, meter] = [found('id'), found('customer'), found('meter')];
  const missing = (['customer', 'meter'] as const).filter((meaning) => found(meaning) === undefined);
  if (customer === undefined || meter === undefined) return { mapping: null, missing };
  const [from, quantity, at] = [found('source'), found('quantity'), found('occurredAt')];
  return {
    mapping: {
      source: from === undefined ? { value: source } : { column: from },
      id: id === undefined ? { rowNumber: true } : { column: id },
      customer: { column: customer },
      meter: { column: meter },
      quantity: quantity === undefined ? { value: '1' } : { column: quantity },
      ...(at === undefined ? {} : { occurredAt: { column: at, as: formOf(sample && valueOf(sample, at)) } }),
      dimensions: {},
    },
    missing,
  };
}
