/** Writes answers: tables with exact amounts for people, JSON for programs; nothing in them can steer a terminal. */
import { formatAmount, isAsset } from '#core/domain/money.ts';
import { problemJson } from './failure.ts';
import type { Failure } from './failure.ts';

export type Format = 'table' | 'json';

export type Screen = Readonly<{
  out: (text: string) => void;
  err: (text: string) => void;
  /** Columns of the terminal. */
  width: number;
}>;

/**
 * Control characters, and marks that turn the direction of text, as escapes: what a customer sent must not move the
 * cursor or hide a figure.
 */
export function tame(text: string, isJson = false): string {
  const unsafe = isJson ? /[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g : /[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu;
  return text.replace(unsafe, (mark) => `\\u${(mark.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`);
}

export function toJson(value: unknown, indent?: number): string {
  return tame(JSON.stringify(value, null, indent) ?? 'null', true);
}

type Row = Readonly<Record<string, unknown>>;
const isRow = (value: unknown): value is Row => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The asset that amounts in a row are of: its own, the one of a single neighbour that has one, or the row's above. */
function assetOf(row: Row, above: string | undefined): string | undefined {
  if (typeof row['asset'] === 'string') return row['asset'];
  const neighbours = Object.values(row)
    .filter(isRow)
    .map(({ asset }) => asset);
  const [only] = neighbours.filter((asset) => typeof asset === 'string');
  return only ?? above;
}

/** Instants of this century; lengths of time are shorter. */
const isInstant = (name: string, value: unknown): value is number =>
  name.endsWith('Ms') && typeof value === 'number' && value > 10 ** 11;

/**
 * The name of a figure without its unit, which the cell shows; an instant or amount that is none has none either.
 * Where an instant and an amount share a name, as when an invoice is due and what is, the instant is `dueAt`.
 */
function title(name: string, value: unknown, row: Row): string {
  const isNone = value === null;
  if (name.endsWith('Minor') && (typeof value === 'string' || isNone)) return name.slice(0, -5);
  if (!name.endsWith('Ms') || !(isInstant(name, value) || isNone)) return name;
  const bare = name.slice(0, -2);
  return `${bare}Minor` in row || bare in row ? `${bare}At` : bare;
}

function cell(name: string, value: unknown, asset: string | undefined): string {
  if (value === null || value === undefined) return '–';
  if (name.endsWith('Minor') && typeof value === 'string' && asset !== undefined && isAsset(asset)) {
    return formatAmount(BigInt(value), asset);
  }
  if (isInstant(name, value)) return new Date(value).toISOString().replace('.000Z', 'Z');
  if (Array.isArray(value)) {
    if (value.length === 0) return '–';
    return value.every((one) => !isRow(one))
      ? tame(value.join(', '))
      : value.map((one) => inline(one, asset)).join('; ');
  }
  return isRow(value) ? inline(value, asset) : tame(String(value));
}

function inline(value: unknown, above: string | undefined): string {
  if (!isRow(value)) return tame(String(value));
  const asset = assetOf(value, above);
  const hasAmount = Object.keys(value).some((name) => name.endsWith('Minor'));
  const shown = Object.entries(value).filter(([name]) => !(name === 'asset' && hasAmount));
  return shown.map(([name, one]) => `${title(name, one, value)} ${cell(name, one, asset)}`).join(', ');
}

/** Lifts the fields of nested objects, so that each has a column: `customer.name`. */
function flat(row: Row, above: string | undefined, prefix = ''): Map<string, string> {
  const asset = assetOf(row, above);
  const cells = new Map<string, string>();
  for (const [name, value] of Object.entries(row)) {
    if (isRow(value) && Object.keys(value).length > 0) {
      for (const [inner, text] of flat(value, asset, `${prefix}${name}.`)) cells.set(inner, text);
    } else cells.set(`${prefix}${title(name, value, row)}`, cell(name, value, asset));
  }
  return cells;
}

const isRight = (text: string): boolean => /^-?\d[\d.]*( [A-Z0-9]{1,12})?$/.test(text) || text === '–';

function grid(rows: readonly ReadonlyMap<string, string>[], screen: Screen): string {
  const columns = [...new Set(rows.flatMap((row) => [...row.keys()]))];
  // A column that says nothing anywhere only makes the others narrower.
  const kept = columns.filter((name) => rows.some((row) => (row.get(name) ?? '–') !== '–'));
  const widths = kept.map((name) => Math.max(name.length, ...rows.map((row) => row.get(name)?.length ?? 1)));
  const total = widths.reduce((sum, width) => sum + width + 2, -2);
  if (total > screen.width) return rows.map((row) => pairs(row)).join('\n');
  const right = kept.map((name) => rows.every((row) => isRight(row.get(name) ?? '–')));
  const line = (texts: readonly string[]): string =>
    texts
      .map((text, at) => (right[at] ? text.padStart(widths[at] ?? 0) : text.padEnd(widths[at] ?? 0)))
      .join('  ')
      .trimEnd();
  const body = rows.map((row) => line(kept.map((name) => row.get(name) ?? '–')));
  return `${[line(kept), ...body].join('\n')}\n`;
}

function pairs(cells: ReadonlyMap<string, string>): string {
  const width = Math.max(...[...cells.keys()].map((name) => name.length), 0);
  return [...cells].map(([name, text]) => `${name.padEnd(width)}  ${text}\n`).join('');
}

/** Rows as a table; as a list of pairs each where they are wider than the terminal. */
export function rowsText(rows: readonly unknown[], screen: Screen, asset?: string): string {
  if (rows.length === 0) return 'None.\n';
  if (!rows.every(isRow)) return rows.map((one) => `${cell('', one, asset)}\n`).join('');
  return grid(
    rows.map((row) => flat(row, asset)),
    screen,
  );
}

/** Any answer as text: its plain fields, then each list of rows as a table under its name. */
export function answerText(value: unknown, screen: Screen): string {
  if (!isRow(value)) return `${cell('', value, undefined)}\n`;
  const asset = assetOf(value, undefined);
  const isList = (one: unknown): one is Row[] => Array.isArray(one) && one.some(isRow);
  const lists = Object.entries(value).filter((entry): entry is [string, Row[]] => isList(entry[1]));
  const isOnlyItems = Object.keys(value).every((name) => name === 'items' || name === 'nextCursor');
  if (isOnlyItems && Array.isArray(value['items'])) return rowsText(value['items'], screen, asset);
  const plain = Object.fromEntries(Object.entries(value).filter(([, one]) => !isList(one)));
  const parts = Object.keys(plain).length > 0 ? [pairs(flat(plain, asset))] : [];
  for (const [name, rows] of lists) parts.push(`${name}\n${rowsText(rows, screen, asset)}`);
  return parts.join('\n');
}

/** Tells a failure on standard error: three short lines, or problem+json. */
export function tellFailure(failure: Failure, format: Format, screen: Screen): void {
  if (format === 'json') return screen.err(`${tame(problemJson(failure), true)}\n`);
  return screen.err(`${tame(failure.detail)}\n${tame(failure.fix)} (${failure.code})\n`);
}
