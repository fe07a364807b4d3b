/** Every read of the books by name: what the reader thread can be asked. */
import * as alerts from './alerts.ts';
import * as balances from './balances.ts';
import * as credits from './credits.ts';
import * as diff from './diff.ts';
import * as explain from './explain.ts';
import * as find from './find.ts';
import * as journal from './journal.ts';
import * as lists from './lists.ts';
import * as meterQuery from './meter-query.ts';
import * as notes from './notes.ts';
import * as observe from './observe.ts';
import * as overview from './overview.ts';
import * as quote from './quote.ts';
import * as review from './review.ts';
import * as sends from './sends.ts';
import * as statement from './statement.ts';
import * as usage from './usage.ts';
import * as usageEffect from './usage-effect.ts';
import * as whatIf from './what-if.ts';
import type { ReadSession } from './session.ts';

export const READS = {
  balances: balances.balances,
  accounts: balances.accounts,
  entries: journal.entries,
  diff: diff.diff,
  transaction: journal.transaction,
  changes: journal.changes,
  events: usage.events,
  event: usage.event,
  conflicts: usage.conflicts,
  quote: quote.quote,
  whatIf: whatIf.whatIf,
  ratedSince: whatIf.ratedSince,
  knownEvents: usageEffect.knownEvents,
  usageEffect: usageEffect.usageEffect,
  unrated: usage.unrated,
  unratedSummary: (session: ReadSession, _input: object) => usage.unratedSummary(session),
  records: lists.records,
  record: lists.record,
  nameTarget: lists.nameTarget,
  isKeyKnown: lists.isKeyKnown,
  keyUses: (session: ReadSession, _input: object) => lists.keyUses(session),
  runs: lists.runs,
  customer: lists.customer,
  customerRecord: lists.customerRecord,
  customerIds: (session: ReadSession, _input: object) => lists.customerIds(session),
  customers: lists.customers,
  grants: lists.grants,
  allGrants: credits.allGrants,
  creditTotals: credits.creditTotals,
  burnDown: credits.burnDown,
  grant: credits.grant,
  grantMoves: credits.grantMoves,
  statement: statement.statement,
  notes: notes.notes,
  holds: lists.holds,
  hold: lists.hold,
  invoices: lists.invoices,
  invoice: lists.invoice,
  invoiceDocument: lists.invoiceDocument,
  drafts: lists.drafts,
  explain: explain.explain,
  reviewContent: review.reviewContent,
  reviews: review.reviews,
  meterQuery: meterQuery.meterQuery,
  overview: overview.overview,
  stats: overview.stats,
  find: find.find,
  send: sends.send,
  openSends: sends.openSends,
  lastNonce: sends.lastNonce,
  sends: sends.sends,
  crossings: observe.crossings,
  alerts: alerts.alerts,
  alert: alerts.alert,
  deliveries: alerts.deliveries,
  delivery: alerts.delivery,
  dueNotices: alerts.dueNotices,
  noticeToSend: alerts.noticeToSend,
} as const;

export type Reads = typeof READS;
export type ReadName = keyof Reads;
export type ReadInput<N extends ReadName> = Parameters<Reads[N]>[1];
type Whole<T> = T extends Generator<unknown, infer R> ? R : T;
/** What a read answers; one that goes slice by slice answers at its end. */
export type ReadOutput<N extends ReadName> = Whole<ReturnType<Reads[N]>>;
type Told<T> = T extends Generator<infer S, unknown> ? S : never;
/** What a read that goes slice by slice tells after each. */
export type ReadStep<N extends ReadName> = Told<ReturnType<Reads[N]>>;
