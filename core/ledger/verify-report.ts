/** What a verification says: progress, and the first row that is not what the rest of the books prove it must be. */
import type { Database } from 'better-sqlite3';
import type { Catalog } from './catalog.ts';
import type { BookRow } from './rows.ts';

/** The first bad row: its table, its key (parts joined by `/`) and a sentence. */
export type Problem = Readonly<{ table: string; key: string; detail: string }>;

/** One step of a verification; the last one is `done`. Counts are text, as they may be shown beside amounts. */
export type VerifyProgress = Readonly<{
  done: boolean;
  /** The check under way or failed, as `blocks`, `journal`, `holds`. */
  check: string;
  checked: string;
  total: string;
  ok: boolean | null;
  problem: Problem | null;
  /** The block up to which the books are proven. */
  block: string;
  finishedMs: number | null;
}>;

export type VerifyOutcome = VerifyProgress & Readonly<{ done: true; ok: boolean; finishedMs: number; tookMs: number }>;

/** How many rows of how many a check has seen. */
export type Step = Readonly<{ checked: number; total: number }>;

/** Ends a verification at its first bad row. */
export class BadRow extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(`${problem.table} ${problem.key}: ${problem.detail}`);
    this.name = 'BadRow';
    this.problem = problem;
  }
}

export function bad(table: string, key: string | number | readonly (string | number)[], detail: string): never {
  throw new BadRow({ table, key: typeof key === 'object' ? key.join('/') : String(key), detail });
}

/** What every check reads: one snapshot, its book, and the catalog as it was at the transaction under way. */
export type Audit = Readonly<{
  connection: Database;
  book: BookRow;
  catalog: Catalog;
}>;

type Value = string | number | bigint | Uint8Array | null | undefined;

function shown(value: Value): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex').slice(0, 16);
  return value === null || value === undefined ? 'nothing' : `"${String(value).slice(0, 60)}"`;
}

const differs = (a: Value, b: Value): boolean =>
  a instanceof Uint8Array && b instanceof Uint8Array ? Buffer.compare(a, b) !== 0 : a !== b;

/** Compares columns of a stored row with what they must be, and names the first that differs. */
export function match(
  table: string,
  key: string | number | readonly (string | number)[],
  row: object | undefined,
  expected: Readonly<Record<string, Value>>,
): void {
  if (row === undefined) bad(table, key, 'The row is missing.');
  const columns = row as Readonly<Record<string, Value>>;
  for (const column in expected) {
    if (differs(columns[column], expected[column])) {
      bad(table, key, `${column} is ${shown(columns[column])} where the books prove ${shown(expected[column])}.`);
    }
  }
}

/** Reads JSON that the books wrote; text that is none is a bad row. */
export function parsed<T>(table: string, key: string | number | readonly (string | number)[], text: string): T {
  try {
    return JSON.parse(text) as T;
  } catch {
    return bad(table, key, 'Its text is not JSON.');
  }
}

/** Rows of a generator that can be looked at before they are taken; closes its statement when left early. */
export class Cursor<Row> {
  readonly #rows: IterableIterator<unknown>;
  #next: Row | undefined;

  constructor(rows: IterableIterator<unknown>) {
    this.#rows = rows;
    this.take();
  }

  get peek(): Row | undefined {
    return this.#next;
  }

  take(): Row | undefined {
    const taken = this.#next;
    const { value, done } = this.#rows.next() as IteratorResult<Row, unknown>;
    this.#next = done ? undefined : (value as Row);
    return taken;
  }

  close(): void {
    this.#rows.return?.();
  }
}
