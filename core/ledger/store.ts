/**
 * What the engine asks of a place that keeps rows. Two implementations: SQLite, and memory for tests. Nothing here
 * decides.
 */
import type {
  AlertRow,
  EntryRow,
  EventRow,
  GrantRow,
  HoldRow,
  InvoiceRow,
  LineRow,
  NoticeRow,
  Rows,
  TableName,
  TxRow,
  WindowRow,
} from './rows.ts';

/** What names a quota window. */
export type WindowKey = Readonly<Pick<WindowRow, 'customer' | 'meter' | 'price' | 'month'>>;

/** Rows of one commit. Everything is synchronous: no await between `begin` and `commit`. */
export interface Store {
  begin(): void;
  /** Durable when it returns. */
  commit(): void;
  rollback(): void;
  close(): void;

  /** The row under a key, given in the order of the table's key without `book`. */
  get<T extends TableName>(table: T, ...key: (string | number)[]): Rows[T] | undefined;
  /** Adds a row; the key must be free. */
  insert<T extends TableName>(table: T, row: Rows[T]): void;
  /** Adds a row unless a uniqueness rule forbids it; answers whether it was added. */
  insertIfFree<T extends 'event' | 'conflict' | 'seen'>(table: T, row: Rows[T]): boolean;
  /** Adds or replaces the row under the same key. */
  put<T extends TableName>(table: T, row: Rows[T]): void;
  /** Removes a name. */
  removeName(kind: string, name: string): void;
  /** Forgets a secret of a channel. */
  removeSecret(id: string): void;

  txByKey(key: string): TxRow | undefined;
  eventById(source: string, id: string): EventRow | undefined;
  /** Events after a sequence, in order, for rating after a restart. */
  eventsAfter(sequence: number, limit: number): EventRow[];
  records(kind: string): { id: string; body: string }[];
  /** Grants that may still have something left, of one customer and asset. */
  grantsOf(customer: string, asset: string): GrantRow[];
  grantsExpiring(untilMs: number): GrantRow[];
  /** Open holds from an id on, by id. */
  openHolds(from: string): HoldRow[];
  openLines(customer: string): LineRow[];
  linesOf(invoice: string): LineRow[];
  /** Every usage line of a quota window, invoiced or not. */
  linesOfWindow(window: WindowKey): LineRow[];
  /** What grants paid for a line and got back, as wallet entries by usage, the newest first. */
  burnsOf(line: string): Iterable<EntryRow>;
  /** Every quota window of a customer, by key. */
  windowsOf(customer: string): WindowRow[];
  /** Invoices that are not voided, by period: the ones that the rule of one invoice a period counts. */
  invoicesOf(customer: string): InvoiceRow[];
  /** The alert of a rule on a subject that is not over. */
  openAlert(rule: string, subject: string): AlertRow | undefined;
  /** Notices of an alert, by id. */
  noticesOf(alert: string): NoticeRow[];
  /** The alert of a rule on a subject that fired last. */
  lastAlert(rule: string, subject: string): AlertRow | undefined;
}
