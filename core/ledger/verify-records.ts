/**
 * Configuration as the journal tells it: replays every `record.set`, so that other checks see the catalog of each
 * instant.
 */
import { Catalog } from './catalog.ts';
import type { NameRow, RecordRow } from './rows.ts';
import type { Auditor, JournalItem } from './verify-journal.ts';
import { bad, match } from './verify-report.ts';
import type { Audit, Step } from './verify-report.ts';

/** Kinds that the catalog reads; of the others only the last transaction is kept. */
const READ = new Set(['customer', 'meter', 'price', 'plan', 'discount', 'rate', 'settings']);
type Named = Readonly<{ kind: string; name: string; take?: boolean }>;
type Setting = Readonly<{ kind: string; id: string; body: string; names: readonly Named[] }>;

/** The records and names that the journal so far leads to. */
export class Records {
  readonly #bodies = new Map<string, Map<string, string>>();
  readonly #last = new Map<string, number>();
  readonly #names = new Map<string, { target: string; tx: number }>();
  readonly catalog: Catalog;
  readonly auditor: Auditor = { kinds: ['record.set'], take: (item) => this.#take(item) };

  constructor() {
    const get = (table: string, kind: string, id: string): unknown => {
      if (table === 'name') return this.#names.get(`${kind}|${id}`);
      const body = this.#bodies.get(kind)?.get(id);
      return body === undefined ? undefined : { body };
    };
    const records = (kind: string): { id: string; body: string }[] =>
      [...(this.#bodies.get(kind) ?? [])].map(([id, body]) => ({ id, body })).sort((a, b) => (a.id < b.id ? -1 : 1));
    this.catalog = new Catalog({ get: get as never, records });
  }

  get size(): number {
    return this.#last.size;
  }

  /** The names that lead to a customer: what a client may have called it. */
  isRecord(kind: string, id: string): boolean {
    return this.#last.has(`${kind}|${id}`);
  }

  #take({ tx, body }: JournalItem): void {
    // The body's hash is proved before: it is what a `record.set` wrote.
    const { kind, id, body: text, names } = body as unknown as Setting;
    this.#last.set(`${kind}|${id}`, tx.seq);
    for (const { kind: of, name, take } of names) {
      const key = `${of}|${name}`;
      if (!take) this.#names.set(key, { target: id, tx: tx.seq });
      else if (this.#names.get(key)?.target === id) this.#names.delete(key);
    }
    if (!READ.has(kind)) return;
    const bodies = this.#bodies.get(kind) ?? new Map<string, string>();
    bodies.set(id, text);
    this.#bodies.set(kind, bodies);
    this.catalog.forget(kind);
  }

  /** Every record is the last body set under its id, and every name leads where it was last sent. */
  *check({ connection }: Audit): Generator<Step> {
    const total = this.#last.size + this.#names.size;
    const bodyAt = connection.prepare('SELECT body FROM tx WHERE seq = ?');
    let checked = 0;
    const records = connection.prepare('SELECT kind, id, body, tx FROM record ORDER BY kind, id');
    for (const row of records.iterate() as IterableIterator<RecordRow>) {
      const last = this.#last.get(`${row.kind}|${row.id}`);
      if (last === undefined) bad('record', [row.kind, row.id], 'No transaction set it.');
      const { body } = JSON.parse((bodyAt.get(last) as { body: string }).body) as Setting;
      match('record', [row.kind, row.id], row, { tx: last, body });
      checked += 1;
      if (checked % 2_000 === 0) yield { checked, total };
    }
    if (checked !== this.#last.size) bad('record', this.#missing(connection, 'record', this.#last), 'It is missing.');
    const names = connection.prepare('SELECT kind, name, target, tx FROM name ORDER BY kind, name');
    for (const row of names.iterate() as IterableIterator<NameRow>) {
      const known = this.#names.get(`${row.kind}|${row.name}`);
      if (!known) bad('name', [row.kind, row.name], 'No transaction gave it.');
      match('name', [row.kind, row.name], row, known);
      checked += 1;
      if (checked % 2_000 === 0) yield { checked, total };
    }
    if (checked !== total) bad('name', this.#missing(connection, 'name', this.#names), 'It is missing.');
    yield { checked, total };
  }

  #missing(connection: Audit['connection'], table: 'record' | 'name', known: ReadonlyMap<string, unknown>): string[] {
    const column = table === 'record' ? 'id' : 'name';
    const row = connection.prepare(`SELECT 1 FROM ${table} WHERE kind = ? AND ${column} = ?`);
    for (const key of known.keys()) {
      const [kind, id] = [key.slice(0, key.indexOf('|')), key.slice(key.indexOf('|') + 1)];
      if (!row.get(kind, id)) return [kind, id];
    }
    return ['-'];
  }
}
