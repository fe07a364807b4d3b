/** Alerts and the outbox of notices: what fires, what is over, whom it is told, and how each try went. */
import { ALERT_KINDS, decideAlert, decodeRule, nextTryMs, tellAtMs } from '#core/domain/alert.ts';
import type { AlertRule, AlertRuleRecord } from '#core/domain/alert.ts';
import { sequenceId } from '#core/domain/id.ts';
import { MAIL_CHANNEL } from '#core/domain/notice.ts';
import type { AlertFacts, MailRecord, NoticeEvent, WebhookRecord } from '#core/domain/notice.ts';
import type { Refusal } from '#core/domain/refusal.ts';
import type { Engine } from './engine.ts';
import type { Answer, Command, NoticeTried, ObserveAlert } from './port.ts';
import type { AlertRow, NoticeRow } from './rows.ts';

type Of<T extends Command['type']> = Extract<Command, { type: T }>;
type Queued = Readonly<{ id: string; channel: string; due_ms: number }>;
export type Observed = Readonly<{ does: 'fire' | 'clear' | 'stay'; alert: string | null }>;

const no = (refusal: Refusal): Answer<never> => ({ ok: false, refusal });
const noNotice = (id: string): Answer<never> =>
  no({ code: 'NOT_FOUND', detail: `There is no delivery ${id}.`, fix: 'List the deliveries.' });

/** Who is told: every channel that is on, or those of them that the rule names. */
function channelsOf(engine: Engine, rule: AlertRule): string[] {
  const { store } = engine.desk;
  const rows = [...store.records('webhook'), ...store.records('mail')];
  return rows
    .map(({ body }) => JSON.parse(body) as WebhookRecord | MailRecord)
    .filter(({ isOn, removedMs }) => isOn && removedMs === null)
    .map(({ id }) => id)
    .filter((id) => rule.channels === null || rule.channels.includes(id));
}

/** Whether the last alert of a rule on a subject still waits for the end of quiet hours. */
function isHeldBack(engine: Engine, alert: AlertRow | undefined): boolean {
  if (alert === undefined) return false;
  const { store, nowMs } = engine.desk;
  return store.noticesOf(alert.id).some(({ event, state, attempts, due_ms }) => {
    return event === 'alert.fired' && state === 'waiting' && attempts === 0 && due_ms > nowMs;
  });
}

/** The notices that the transaction to be written next brings: one a channel. */
function noticesFor(engine: Engine, rule: AlertRule): Queued[] {
  const { nextSequence, nowMs } = engine.desk;
  const due_ms = tellAtMs(rule, nowMs);
  return channelsOf(engine, rule).map((channel, at) => ({
    id: sequenceId('ntc', nextSequence, at + 1),
    channel,
    due_ms,
  }));
}

function queue(
  engine: Engine,
  queued: readonly Queued[],
  of: { event: NoticeEvent; alert: string | null; tx: number },
) {
  const { store, book } = engine.desk;
  for (const { id, channel, due_ms } of queued) {
    const fresh = { state: 'waiting', attempts: 0, tries: 0, due_ms, tx: of.tx, last_tx: of.tx };
    store.insert('notice', { id, book: book.book, channel, event: of.event, alert: of.alert, ...fresh });
  }
}

/** Books a crossing, with a notice for whoever is told of it; an observation that crosses nothing books nothing. */
export function observeAlert(engine: Engine, command: ObserveAlert): Answer<Observed> {
  const { store } = engine.desk;
  const row = store.get('record', 'alert-rule', command.rule);
  if (row === undefined) {
    return no({ code: 'NOT_FOUND', detail: `There is no alert rule ${command.rule}.`, fix: 'List the rules.' });
  }
  const rule = decodeRule(JSON.parse(row.body) as AlertRuleRecord);
  const isWatched = rule.isOn && rule.removedMs === null;
  const open = store.openAlert(command.rule, command.subject);
  const does = decideAlert(rule, open !== undefined, isWatched ? command.value : null);
  if (does === 'fire' && command.value !== null && command.words !== null) {
    return { ok: true, value: { does, alert: fire(engine, rule, { ...command, value: command.value }) } };
  }
  if (does === 'clear' && open !== undefined) clear(engine, rule, { open, command });
  return { ok: true, value: { does: does === 'fire' ? 'stay' : does, alert: open?.id ?? null } };
}

function fire(engine: Engine, rule: AlertRule, command: ObserveAlert & { value: bigint }): string {
  const { store, book, nowMs, nextSequence } = engine.desk;
  const { subject, value } = command;
  const { kind, name, severity } = rule;
  const words = command.words ?? { title: name, detail: '', customer: null, asset: null, meter: null };
  const facts: AlertFacts = {
    name,
    kind,
    unit: ALERT_KINDS[kind].unit,
    value: value.toString(),
    threshold: rule.threshold.toString(),
    title: words.title,
    detail: words.detail,
    customer: words.customer,
    asset: words.asset,
    meter: words.meter,
  };
  // One that came, went and came again before the quiet hours are over is told of once.
  const isTold = isHeldBack(engine, store.lastAlert(rule.id, subject));
  const queued = isTold ? [] : noticesFor(engine, rule);
  const id = sequenceId('alr', nextSequence);
  const tx = engine.desk.write({
    kind: 'alert.fired',
    subject: facts.customer,
    happenedMs: nowMs,
    actor: command.actor,
    body: JSON.stringify({ id, rule: rule.id, subject, severity, facts, notices: queued }),
  });
  store.insert('alert', {
    id,
    book: book.book,
    rule: rule.id,
    subject,
    severity,
    facts: JSON.stringify(facts),
    fired_ms: nowMs,
    cleared_ms: null,
    acknowledged_ms: null,
    acknowledged_by: null,
    tx: tx.seq,
    cleared_tx: null,
    acknowledged_tx: null,
  });
  queue(engine, queued, { event: 'alert.fired', alert: id, tx: tx.seq });
  return id;
}

function clear(engine: Engine, rule: AlertRule, of: { open: AlertRow; command: ObserveAlert }): void {
  const { store, nowMs } = engine.desk;
  const { open, command } = of;
  // Whoever was not told that it fired is not told that it is over.
  const isTold = rule.tellsCleared && rule.removedMs === null && !isHeldBack(engine, open);
  const queued = isTold ? noticesFor(engine, rule) : [];
  const tx = engine.desk.write({
    kind: 'alert.cleared',
    subject: (JSON.parse(open.facts) as AlertFacts).customer,
    happenedMs: nowMs,
    actor: command.actor,
    body: JSON.stringify({ id: open.id, value: command.value?.toString() ?? null, notices: queued }),
  });
  store.put('alert', { ...open, cleared_ms: nowMs, cleared_tx: tx.seq });
  queue(engine, queued, { event: 'alert.cleared', alert: open.id, tx: tx.seq });
}

/** Notes who has seen an alert, once. */
export function acknowledgeAlert(engine: Engine, command: Of<'alert.acknowledge'>): Answer<{ id: string }> {
  const { store, nowMs } = engine.desk;
  const row = store.get('alert', command.alert);
  if (row === undefined) {
    return no({ code: 'NOT_FOUND', detail: `There is no alert ${command.alert}.`, fix: 'List the alerts.' });
  }
  if (row.acknowledged_ms !== null) return { ok: true, value: { id: row.id } };
  const tx = engine.desk.write({
    kind: 'alert.acknowledged',
    subject: (JSON.parse(row.facts) as AlertFacts).customer,
    happenedMs: nowMs,
    actor: command.actor,
    body: JSON.stringify({ id: row.id }),
  });
  const seen = { acknowledged_ms: nowMs, acknowledged_by: command.actor, acknowledged_tx: tx.seq };
  store.put('alert', { ...row, ...seen });
  return { ok: true, value: { id: row.id } };
}

/** Books how a try went, and when the next one is due. Each try is booked once, whoever tells of it. */
export function noticeTried(engine: Engine, command: NoticeTried): Answer<{ state: string; dueMs: number }> {
  const { store, book, nowMs } = engine.desk;
  const { notice, no: count, ok, status, detail } = command;
  const row = store.get('notice', notice);
  if (row === undefined) return noNotice(notice);
  if (row.state !== 'waiting' || row.attempts + 1 !== count) {
    const values = { attempts: row.attempts, state: row.state };
    const happened = `Try ${count} of ${notice} is not the next one.`;
    return no({ code: 'CONFLICT', detail: happened, fix: 'Read the delivery again.', values });
  }
  const tries = row.tries + 1;
  const next = ok || command.isGone ? null : nextTryMs(tries, nowMs);
  const state = ok ? 'sent' : next === null ? 'failed' : 'waiting';
  const due_ms = next ?? row.due_ms;
  const tx = engine.desk.write({
    kind: 'notice.tried',
    subject: null,
    happenedMs: nowMs,
    actor: command.actor,
    body: JSON.stringify({ id: notice, no: count, ok: ok ? 1 : 0, status, detail, state, due_ms }),
  });
  store.put('notice', { ...row, state, attempts: count, tries, due_ms, last_tx: tx.seq });
  const attempt = { notice, no: count, at_ms: nowMs, ok: ok ? 1 : 0, status, detail, tx: tx.seq };
  store.insert('notice_attempt', { ...attempt, book: book.book });
  return { ok: true, value: { state, dueMs: due_ms } };
}

/** Asks for a notice that tries a channel; it goes out at once, whatever the hour. */
export function testChannel(engine: Engine, command: Of<'notice.test'>): Answer<{ id: string }> {
  const { store, nextSequence, nowMs } = engine.desk;
  const { channel } = command;
  const row = channel === MAIL_CHANNEL ? store.get('record', 'mail', channel) : store.get('record', 'webhook', channel);
  const record = row && (JSON.parse(row.body) as WebhookRecord | MailRecord);
  if (record === undefined || record.removedMs !== null) {
    return no({ code: 'NOT_FOUND', detail: `There is no channel ${channel}.`, fix: 'List the webhooks.' });
  }
  const queued = { id: sequenceId('ntc', nextSequence, 1), channel, due_ms: nowMs };
  const tx = engine.desk.write({
    kind: 'notice.queued',
    subject: null,
    happenedMs: nowMs,
    actor: command.actor,
    body: JSON.stringify(queued),
  });
  queue(engine, [queued], { event: 'notice.test', alert: null, tx: tx.seq });
  return { ok: true, value: { id: queued.id } };
}

/** Sends a notice again, now and under its own id, so that who has it already can tell. */
export function resendNotice(engine: Engine, command: Of<'notice.resend'>): Answer<{ id: string }> {
  const { store, nowMs } = engine.desk;
  const row: NoticeRow | undefined = store.get('notice', command.notice);
  if (row === undefined) return noNotice(command.notice);
  const tx = engine.desk.write({
    kind: 'notice.resent',
    subject: null,
    happenedMs: nowMs,
    actor: command.actor,
    body: JSON.stringify({ id: row.id, due_ms: nowMs }),
  });
  store.put('notice', { ...row, state: 'waiting', tries: 0, due_ms: nowMs, last_tx: tx.seq });
  return { ok: true, value: { id: row.id } };
}
