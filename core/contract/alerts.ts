/** Alerts: what is watched, what fired, and who has seen it. Where they are told: webhooks and mail. */
import { z } from 'zod';
import { ALERT_KIND_NAMES, SEVERITIES, WATCHED_JOBS } from '#core/domain/alert.ts';
import type { AlertKind } from '#core/domain/alert.ts';
import { command } from './command.ts';
import {
  AlertId,
  AlertRuleId,
  AssetCode,
  ChannelId,
  CustomerRef,
  Done,
  Empty,
  IdempotencyKey,
  MeterKey,
  Millis,
  MinorUnits,
  Name,
  PageInput,
  page,
} from './shapes.ts';

const Kind = z.enum(ALERT_KIND_NAMES as [AlertKind, ...AlertKind[]]);
const Minute = z.int().min(0).max(1439);
const QuietHours = z.strictObject({
  /** Minutes of the local day, from and until; over midnight where the first is the later. */
  fromMinute: Minute,
  toMinute: Minute,
  timeZone: z.string().min(1).max(64),
});
/** A whole number in the unit of the kind: minor units, tenths of a day, percent, minutes, events or calls. */
const Value = MinorUnits;

const terms = {
  name: Name,
  /** Fires beyond this … */
  threshold: Value,
  /** … and re-arms when the value was back by so much. */
  margin: Value,
  /** Danger is told at once, in quiet hours too. */
  severity: z.enum(SEVERITIES),
  quiet: QuietHours.nullable(),
  /** Webhooks by id, and `mail`; all of them when null, none when empty. */
  channels: z.array(ChannelId).max(50).nullable(),
  /** Whether it is also told when it is over. */
  tellsCleared: z.boolean(),
  isOn: z.boolean(),
};

export const AlertRuleView = z.strictObject({
  id: AlertRuleId,
  kind: Kind,
  /** What threshold and margin count. */
  unit: z.string(),
  asset: AssetCode.nullable(),
  customer: z.string().nullable(),
  meter: z.string().nullable(),
  job: z.enum(WATCHED_JOBS).nullable(),
  ...terms,
});

export const AlertView = z.strictObject({
  id: AlertId,
  rule: AlertRuleId,
  /** What it was about, as the rule tells its subjects apart. */
  subject: z.string(),
  severity: z.enum(SEVERITIES),
  name: z.string(),
  kind: Kind,
  unit: z.string(),
  value: Value,
  threshold: Value,
  title: z.string(),
  detail: z.string(),
  customer: z.string().nullable(),
  asset: AssetCode.nullable(),
  meter: z.string().nullable(),
  firedMs: Millis,
  clearedMs: Millis.nullable(),
  acknowledgedMs: Millis.nullable(),
  acknowledgedBy: z.string().nullable(),
});

export const alerts = {
  rules: command({
    permission: 'alerts:read',
    idempotent: 'read',
    doc: 'What is watched, and from when on somebody is told.',
    noPast: 'What is watched and told is of now; the journal has every crossing.',
    input: Empty,
    output: z.strictObject({ items: z.array(AlertRuleView) }),
  }),
  createRule: command({
    permission: 'alerts:write',
    idempotent: 'by key',
    doc: 'Watch something: fires once when its threshold is crossed, again only after it was back by the margin.',
    input: z.strictObject({
      key: IdempotencyKey,
      kind: Kind,
      ...terms,
      quiet: terms.quiet.default(null),
      channels: terms.channels.default(null),
      tellsCleared: terms.tellsCleared.default(true),
      isOn: terms.isOn.default(true),
      /** Of which asset: for balances, burn rates and days left. */
      asset: AssetCode.nullable().default(null),
      /** Of whom; everybody when null. */
      customer: CustomerRef.nullable().default(null),
      meter: MeterKey.nullable().default(null),
      /** Which job: for overdue jobs. */
      job: z.enum(WATCHED_JOBS).nullable().default(null),
    }),
    output: AlertRuleView,
    errors: ['CUSTOMER_UNKNOWN', 'METER_UNKNOWN', 'NOT_FOUND', 'KEY_REUSED'],
  }),
  changeRule: command({
    permission: 'alerts:write',
    idempotent: 'by nature',
    doc: 'Change a rule. What it watches stays; an alert that is open is looked at again with the new threshold.',
    input: z.strictObject({ rule: AlertRuleId, ...z.object(terms).partial().shape }),
    output: AlertRuleView,
    errors: ['NOT_FOUND', 'CONFLICT'],
  }),
  deleteRule: command({
    permission: 'alerts:write',
    idempotent: 'by nature',
    doc: 'Stop watching. Its open alerts are over; what fired stays in the list.',
    input: z.strictObject({ rule: AlertRuleId }),
    output: Done,
    errors: ['NOT_FOUND', 'CONFLICT'],
  }),
  list: command({
    permission: 'alerts:read',
    idempotent: 'read',
    doc: 'Alerts, the last that fired first: those that are open, those that are over, or all.',
    noPast: 'What is watched and told is of now; the journal has every crossing.',
    input: z.strictObject({
      ...PageInput,
      state: z.enum(['open', 'over', 'all']).default('open'),
      rule: AlertRuleId.optional(),
    }),
    output: page(AlertView).extend({
      /** Open ones that nobody has acknowledged. */
      unseen: z.int(),
    }),
  }),
  acknowledge: command({
    permission: 'alerts:write',
    idempotent: 'by nature',
    doc: 'Say that you have seen an alert. It stays open until what it is about is over.',
    input: z.strictObject({ alert: AlertId }),
    output: AlertView,
    errors: ['NOT_FOUND'],
  }),
};
