/** Alerts and deliveries as the contract shows them, and what the sender of notices needs. */
import { secretsInForce } from '#core/domain/notice.ts';
import type { AlertFacts, MailRecord, WebhookRecord } from '#core/domain/notice.ts';
import type { AlertRow, NoticeAttemptRow, NoticeRow } from '../rows.ts';
import { cursorOf, notFound, paged, readCursor } from './session.ts';
import type { ReadSession } from './session.ts';

const ALERTS = `SELECT * FROM alert WHERE id < ? AND (? = 'all' OR (cleared_ms IS NULL) = (? = 'open'))
  AND (? IS NULL OR rule = ?) ORDER BY id DESC LIMIT ?`;
const OPEN_COUNT = 'SELECT COUNT(*) FROM alert WHERE cleared_ms IS NULL AND acknowledged_ms IS NULL';
const NOTICES = `SELECT * FROM notice WHERE id < ? AND (? IS NULL OR channel = ?) AND (? IS NULL OR alert = ?)
  AND (? = 1) = (channel = 'mail') ORDER BY id DESC LIMIT ?`;
const ATTEMPTS = 'SELECT * FROM notice_attempt WHERE notice = ? ORDER BY no';
const DUE = `SELECT id FROM notice WHERE state = 'waiting' AND due_ms <= ? ORDER BY due_ms, id LIMIT ?`;
/** Greater than every id. */
const LAST_ID = '~';

function alertView({ id, rule, subject, severity, facts, ...row }: AlertRow) {
  return {
    id,
    rule,
    subject,
    severity,
    ...(JSON.parse(facts) as AlertFacts),
    firedMs: row.fired_ms,
    clearedMs: row.cleared_ms,
    acknowledgedMs: row.acknowledged_ms,
    acknowledgedBy: row.acknowledged_by,
  };
}

type AlertsInput = Readonly<{ limit: number; cursor?: string | undefined; state: string; rule?: string | undefined }>;

/** Alerts, the last that fired first, with how many are open and seen by nobody. */
export function alerts(session: ReadSession, { limit, cursor, state, rule }: AlertsInput) {
  const [before] = (readCursor(cursor) ?? [LAST_ID]) as [string];
  const only = rule ?? null;
  const rows = session.sql(ALERTS).all(before, state, state, only, only, limit + 1) as AlertRow[];
  const unseen = session.sql(OPEN_COUNT).pluck().get() as number;
  return { ...paged(rows, limit, alertView, ({ id }) => cursorOf(id)), unseen };
}

export function alert(session: ReadSession, { id }: { id: string }) {
  return alertView(session.store.get('alert', id) ?? notFound('alert', id));
}

function noticeView(session: ReadSession, row: NoticeRow) {
  const attempts = session.sql(ATTEMPTS).all(row.id) as NoticeAttemptRow[];
  return {
    id: row.id,
    channel: row.channel,
    event: row.event,
    alert: row.alert,
    state: row.state,
    dueMs: row.state === 'waiting' ? row.due_ms : null,
    attempts: attempts.map(({ no, at_ms, ok, status, detail }) => ({ no, atMs: at_ms, ok: ok === 1, status, detail })),
  };
}

type NoticesInput = Readonly<{
  limit: number;
  cursor?: string | undefined;
  channel?: string | undefined;
  alert?: string | undefined;
  isMail: boolean;
}>;

/** Deliveries with every try, the newest first. */
export function deliveries(session: ReadSession, input: NoticesInput) {
  const [before] = (readCursor(input.cursor) ?? [LAST_ID]) as [string];
  const [channel, about] = [input.channel ?? null, input.alert ?? null];
  const bound = [before, channel, channel, about, about, input.isMail ? 1 : 0, input.limit + 1];
  const rows = session.sql(NOTICES).all(...bound) as NoticeRow[];
  return paged(
    rows,
    input.limit,
    (row) => noticeView(session, row),
    ({ id }) => cursorOf(id),
  );
}

export function delivery(session: ReadSession, { id }: { id: string }) {
  return noticeView(session, session.store.get('notice', id) ?? notFound('delivery', id));
}

/** Ids of notices whose time has come, the longest due first. */
export function dueNotices(session: ReadSession, { nowMs, limit }: { nowMs: number; limit: number }): string[] {
  return session.sql(DUE).pluck().all(nowMs, limit) as string[];
}

/** What is needed to send a notice: the channel with its secrets, the newest first, and the alert it is about. */
export function noticeToSend(session: ReadSession, { id, nowMs }: { id: string; nowMs: number }) {
  const notice = session.store.get('notice', id);
  if (notice === undefined || notice.state !== 'waiting') return null;
  const kind = notice.channel === 'mail' ? 'mail' : 'webhook';
  const record = session.store.get('record', kind, notice.channel);
  const channel = record === undefined ? null : (JSON.parse(record.body) as WebhookRecord | MailRecord);
  const secrets = channel === null ? [] : secretsInForce(channel, nowMs);
  return {
    id: notice.id,
    event: notice.event,
    attempts: notice.attempts,
    queuedMs: session.store.get('tx', notice.tx)?.recorded_ms ?? nowMs,
    channel,
    secrets: secrets.flatMap((one) => session.store.get('secret', one.id)?.value ?? []),
    alert: notice.alert === null ? null : alert(session, { id: notice.alert }),
    mayLoopBack: session.catalog.settings().noticesToLoopback,
  };
}
