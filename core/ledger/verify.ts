/** Proves the books: one consistent read of every table, streamed, up to the first bad row. Changes nothing. */
import type { Database } from 'better-sqlite3';
import { RUN_KINDS } from '#core/domain/run.ts';
import type { Catalog } from './catalog.ts';
import type { BookRow, KeyUseRow, RefusedRow, RunRow } from './rows.ts';
import { Credit } from './verify-credit.ts';
import { EventLog, Events } from './verify-events.ts';
import { checkBlocks, checkBooks, checkMigrations, checkRanges, checkSchema, checkSqlite } from './verify-file.ts';
import { Holds } from './verify-holds.ts';
import { Invoices } from './verify-invoices.ts';
import { Balances, checkAccounts, checkJournal } from './verify-journal.ts';
import { Notices } from './verify-notices.ts';
import { Prints } from './verify-prints.ts';
import { Records } from './verify-records.ts';
import { BadRow, bad } from './verify-report.ts';
import type { Audit, Problem, Step, VerifyOutcome, VerifyProgress } from './verify-report.ts';
import { RollupFold } from './verify-rollups.ts';
import { Sends } from './verify-sends.ts';
import { checkLines, checkRevenue, checkWindows } from './verify-totals.ts';
import { Usage } from './verify-usage.ts';

export type { Problem, VerifyOutcome, VerifyProgress } from './verify-report.ts';

/**
 * What proves in a thread: `prints` reads pages and hashes events, `journal` everything else, `whole` both. Each proves
 * the rows of its own snapshot; what is proven once does not change, so that the later snapshot may be of `prints`.
 */
export type Part = 'whole' | 'prints' | 'journal';
type Check = Readonly<{ name: string; run: () => Generator<Step> }>;
type Clock = () => number;
const HOUR_MS = 3_600_000;

/** Kinds of transactions that may move a wallet, and so are checked for burn order. */
const MONEY_KINDS = [
  'credit.granted',
  'credit.expired',
  'credit.clawed-back',
  'usage.rated',
  'usage.assigned',
  'hold.captured',
  'fee.charged',
  'invoice.finalized',
];

function bookOf(connection: Database): BookRow {
  const rows = connection.prepare('SELECT * FROM book').all() as BookRow[];
  const [book] = rows;
  if (!book || rows.length > 1)
    bad(
      'book',
      rows.map((row) => row.book),
      'A workspace has exactly one book.',
    );
  return book;
}

/** Notes beside the chain: they prove nothing, and name only what exists. */
function* checkNotes(connection: Database, book: BookRow, records: Records): Generator<Step> {
  for (const row of connection.prepare('SELECT * FROM key_use').iterate() as IterableIterator<KeyUseRow>) {
    if (!records.isRecord('key', row.key)) bad('key_use', row.key, 'No key has this id.');
    if (row.last_ms < book.created_ms) bad('key_use', row.key, 'last_ms is before the book began.');
  }
  for (const row of connection.prepare('SELECT * FROM run').iterate() as IterableIterator<RunRow>) {
    const key = [row.kind, row.at_ms];
    if (!RUN_KINDS.some((kind) => kind === row.kind)) bad('run', key, `kind is none of ${RUN_KINDS.join(', ')}.`);
    if (row.ok !== 0 && row.ok !== 1) bad('run', key, 'ok is neither 0 nor 1.');
    if (row.block < 0 || row.block > book.block) bad('run', key, 'block is none of this chain.');
    if (row.at_ms < book.created_ms) bad('run', key, 'It ran before the book began.');
  }
  for (const row of connection.prepare('SELECT * FROM refused_hour').iterate() as IterableIterator<RefusedRow>) {
    const key = [row.hour_ms, row.customer];
    if (!records.catalog.customer(row.customer)) bad('refused_hour', key, 'No customer has this id.');
    if (row.count < 1 || row.hour_ms % HOUR_MS !== 0) bad('refused_hour', key, 'It is no count of a whole hour.');
  }
  yield { checked: 1, total: 1 };
}

/** Rollups may be made anew from the events that the other checks proved; `mended` counts rows that were wrong. */
type Mode = Readonly<{ kind: 'verify' }> | { readonly kind: 'rebuild'; mended: number };

function* rebuild(rollups: RollupFold, mode: Extract<Mode, { kind: 'rebuild' }>): Generator<Step> {
  yield* rollups.rebuild();
  mode.mended = rollups.mended;
}

/** Every check in the order in which its findings count: what a later one relies on was proven by an earlier one. */
const ORDER = [
  ...['sqlite', 'schema', 'migrations', 'books', 'blocks', 'ranges', 'prints', 'journal', 'events', 'roots', 'records'],
  ...[
    'holds',
    'accounts',
    'grants',
    'usage',
    'windows',
    'lines',
    'revenue',
    'rollups',
    'invoices',
    'sends',
    'notices',
    'notes',
  ],
];
const PRINTS: ReadonlySet<string> = new Set(['sqlite', 'prints', 'roots']);

/** Where a check stands in the order in which findings count. */
export const rankOf = (check: string): number => ORDER.indexOf(check);

/** What reads the file and its events, and nothing of the journal. */
function fileChecks(connection: Database, prints: Prints, book: () => BookRow): Check[] {
  return [
    { name: 'sqlite', run: () => checkSqlite(connection) },
    { name: 'schema', run: () => checkSchema(connection) },
    { name: 'migrations', run: () => checkMigrations(connection) },
    { name: 'books', run: () => checkBooks(connection, book()) },
    { name: 'blocks', run: () => checkBlocks(connection, book()) },
    { name: 'ranges', run: () => checkRanges(connection, book()) },
    { name: 'prints', run: () => prints.check() },
  ];
}

function* checksOf(connection: Database, mode: Mode, part: Part): Generator<Check> {
  const book = (): BookRow => bookOf(connection);
  const prints = new Prints(connection, book);
  const roots: Check = { name: 'roots', run: () => prints.roots() };
  const isMine = ({ name }: Check): boolean => part === 'whole' || PRINTS.has(name) === (part === 'prints');
  yield* fileChecks(connection, prints, book).filter(isMine);
  if (part === 'prints') return yield roots;
  for (const check of journalChecks(connection, mode)) {
    yield check;
    if (check.name === 'events' && part === 'whole') yield roots;
  }
}

/** The walk over the journal, and the tables that it leads to. */
function journalChecks(connection: Database, mode: Mode): Check[] {
  const book = bookOf(connection);
  const records = new Records();
  const catalog: Catalog = records.catalog;
  const audit: Audit = { connection, book, catalog };
  const balances = new Balances();
  const holds = new Holds(audit);
  const credit = new Credit(audit, holds, MONEY_KINDS);
  const log = new EventLog(audit);
  const events = new Events(audit, holds, log);
  const rollups = new RollupFold(connection);
  const usage = new Usage(audit, rollups, log);
  const invoices = new Invoices(audit);
  const sends = new Sends();
  const notices = new Notices();
  const auditors = [records, holds, credit, events, usage, invoices, sends, notices].map(({ auditor }) => auditor);
  return [
    { name: 'journal', run: () => checkJournal(audit, balances, auditors) },
    { name: 'events', run: () => events.check() },
    { name: 'records', run: () => records.check(audit) },
    { name: 'holds', run: () => holds.check() },
    { name: 'accounts', run: () => checkAccounts(audit, balances, (account) => holds.heldOn(account)) },
    { name: 'grants', run: () => credit.check(balances) },
    { name: 'usage', run: () => usage.check() },
    { name: 'windows', run: () => checkWindows(audit, usage) },
    { name: 'lines', run: () => checkLines(audit, invoices.fees) },
    { name: 'revenue', run: () => checkRevenue(audit) },
    { name: 'rollups', run: () => (mode.kind === 'rebuild' ? rebuild(rollups, mode) : rollups.check()) },
    { name: 'invoices', run: () => invoices.check() },
    { name: 'sends', run: () => sends.check(audit) },
    { name: 'notices', run: () => notices.check(audit) },
    { name: 'notes', run: () => checkNotes(connection, book, records) },
  ];
}

/** What a broken row made a check stumble over, when it was not the check's own finding. */
function problemOf(error: unknown, check: string): Problem {
  if (error instanceof BadRow) return error.problem;
  return {
    table: check,
    key: '-',
    detail: `The check could not go on: ${error instanceof Error ? error.message : String(error)}.`,
  };
}

function blockOf(connection: Database): string {
  try {
    return String(connection.prepare('SELECT max(block) FROM book').pluck().get() ?? 0);
  } catch {
    // A file that cannot even be asked for its head is what the checks will report.
    return '0';
  }
}

/**
 * Verifies in steps, so that a caller can do other things in between; what it reads is one snapshot of a connection
 * that
 * is its own until the generator ends. Ends at the first bad row.
 */
export function verifyBooks(
  connection: Database,
  clock: Clock = Date.now,
  part: Part = 'whole',
): Generator<VerifyProgress, VerifyOutcome> {
  return walk(connection, clock, { kind: 'verify' }, part);
}

/**
 * Makes the hourly totals anew from the events, over a connection that may write. Everything else must prove first, so
 * that what they are made of is right; otherwise nothing is changed and the outcome names the bad row.
 */
export function* rebuildRollups(
  connection: Database,
  clock: Clock = Date.now,
): Generator<VerifyProgress, VerifyOutcome & Readonly<{ mended: number }>> {
  const mode: Mode = { kind: 'rebuild', mended: 0 };
  const outcome = yield* walk(connection, clock, mode, 'whole');
  return { ...outcome, mended: outcome.ok ? mode.mended : 0 };
}

function* walk(connection: Database, clock: Clock, mode: Mode, part: Part): Generator<VerifyProgress, VerifyOutcome> {
  const startedMs = performance.now();
  // Sorting must spill to disk: the books may be larger than memory.
  connection.pragma('temp_store = FILE');
  connection.exec(mode.kind === 'rebuild' ? 'BEGIN IMMEDIATE' : 'BEGIN');
  const block = blockOf(connection);
  let check = 'sqlite';
  let problem: Problem | null = null;
  let rows = 0;
  try {
    for (const { name, run } of checksOf(connection, mode, part)) {
      check = name;
      let last = 0;
      for (const { checked, total } of run()) {
        last = checked;
        yield {
          done: false,
          check,
          checked: String(checked),
          total: String(Math.max(total, checked)),
          ok: null,
          problem,
          block,
          finishedMs: null,
        };
      }
      rows += last;
    }
    if (mode.kind === 'rebuild') connection.exec('COMMIT');
  } catch (error) {
    problem = problemOf(error, check);
  } finally {
    if (connection.inTransaction) connection.exec('ROLLBACK');
  }
  return {
    done: true,
    check,
    checked: String(rows),
    total: String(rows),
    ok: problem === null,
    problem,
    block,
    finishedMs: clock(),
    tookMs: performance.now() - startedMs,
  };
}

/** Verifies without a pause, telling each step. */
export function verify(
  connection: Database,
  onProgress: (progress: VerifyProgress) => void = () => undefined,
): VerifyOutcome {
  const steps = verifyBooks(connection);
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done) return step.value;
    onProgress(step.value);
  }
}
