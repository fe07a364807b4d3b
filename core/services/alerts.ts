/** Alerts: name the rule, check it, set it as a record; show what fired. */
import { ALERT_KINDS, decodeRule, encodeRule, ruleFault } from '#core/domain/alert.ts';
import type { AlertRule, AlertRuleRecord } from '#core/domain/alert.ts';
import { canonicalJson } from '#core/domain/canonical.ts';
import { MAIL_CHANNEL } from '#core/domain/notice.ts';
import type { WebhookRecord } from '#core/domain/notice.ts';
import { checkTimeZone } from '#core/domain/period.ts';
import { refuse } from '#core/domain/refusal.ts';
import { unknownMeter } from '#core/domain/unknown.ts';
import { commitOne, minor, os } from './base.ts';
import type { Core } from './core.ts';

type Create = Parameters<Parameters<typeof os.alerts.createRule.handler>[0]>[0]['input'];
type Kept = Readonly<{ rule: AlertRule; tx: number }>;

function view(rule: AlertRule) {
  const { removedMs: _removed, ...shown } = encodeRule(rule);
  const channels = shown.channels === null ? null : [...shown.channels];
  // Asset and customer were checked when the rule was made.
  return { ...shown, channels, unit: ALERT_KINDS[rule.kind].unit } as never;
}

async function allRules(core: Core): Promise<Kept[]> {
  const rows = await core.reader.read('records', { kind: 'alert-rule' });
  return rows.map(({ body, tx }) => ({ rule: decodeRule(body as AlertRuleRecord), tx }));
}

async function requireRule(core: Core, id: string): Promise<Kept> {
  const found = (await allRules(core)).find(({ rule }) => rule.id === id);
  return found ?? refuse({ code: 'NOT_FOUND', detail: `There is no alert rule ${id}.`, fix: 'List the rules.' });
}

/** Refuses a rule that makes no sense, or names a channel or zone that is not there. */
async function check(core: Core, rule: AlertRule): Promise<void> {
  const fault = ruleFault(rule);
  if (fault !== null) refuse({ code: 'INPUT_INVALID', detail: fault, fix: 'Correct it and send it again.' });
  const zone = rule.quiet === null ? null : checkTimeZone(rule.quiet.timeZone);
  if (zone) refuse(zone);
  const named = (rule.channels ?? []).filter((id) => id !== MAIL_CHANNEL);
  if (named.length === 0) return;
  const rows = await core.reader.read('records', { kind: 'webhook' });
  const known = new Set(
    rows
      .map(({ body }) => body as WebhookRecord)
      .filter(({ removedMs }) => removedMs === null)
      .map(({ id }) => id),
  );
  const missing = named.find((id) => !known.has(id));
  if (missing) refuse({ code: 'NOT_FOUND', detail: `There is no webhook ${missing}.`, fix: 'List the webhooks.' });
}

async function ruleFrom(core: Core, input: Create): Promise<AlertRule> {
  const { key: _key, customer, threshold, margin, ...rest } = input;
  if (input.meter !== null && !core.snapshot().meters.has(input.meter)) refuse(unknownMeter(input.meter));
  const id = customer === null ? null : (await core.reader.read('customerRecord', { customer })).body.id;
  return {
    ...rest,
    id: core.newId('rul'),
    threshold: minor(threshold),
    margin: minor(margin),
    customer: id,
    removedMs: null,
  };
}

async function write(core: Core, { rule, tx }: Kept, actor: string): Promise<void> {
  await commitOne(core, {
    type: 'record.set',
    kind: 'alert-rule',
    id: rule.id,
    body: encodeRule(rule),
    names: [],
    expect: tx,
    actor,
  });
}

export const alerts = {
  rules: os.alerts.rules.handler(async ({ context: { core } }) => {
    const rules = (await allRules(core)).map(({ rule }) => rule);
    return { items: rules.filter(({ removedMs }) => removedMs === null).map(view) };
  }),
  createRule: os.alerts.createRule.handler(async ({ input, context }) => {
    const { core } = context;
    const { key, ...request } = input;
    const rule = await ruleFrom(core, input);
    await check(core, rule);
    const written = await commitOne<{ body: unknown }>(core, {
      type: 'record.set',
      kind: 'alert-rule',
      id: rule.id,
      body: encodeRule(rule),
      names: [],
      actor: context.principal().actor,
      key: `alerts.createRule:${key}`,
      request: canonicalJson(request),
    });
    return view(decodeRule(written.body as AlertRuleRecord));
  }),
  changeRule: os.alerts.changeRule.handler(async ({ input, context }) => {
    const { core } = context;
    const { rule: id, threshold, margin, ...rest } = input;
    const { rule: before, tx } = await requireRule(core, id);
    if (before.removedMs !== null) {
      refuse({ code: 'NOT_FOUND', detail: `The rule ${id} was deleted.`, fix: 'Create it anew.' });
    }
    const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
    const rule: AlertRule = {
      ...before,
      ...given,
      threshold: threshold === undefined ? before.threshold : minor(threshold),
      margin: margin === undefined ? before.margin : minor(margin),
    };
    await check(core, rule);
    if (canonicalJson(encodeRule(rule)) !== canonicalJson(encodeRule(before))) {
      await write(core, { rule, tx }, context.principal().actor);
    }
    return view(rule);
  }),
  deleteRule: os.alerts.deleteRule.handler(async ({ input, context }) => {
    const { core } = context;
    const { rule, tx } = await requireRule(core, input.rule);
    if (rule.removedMs === null) {
      await write(core, { rule: { ...rule, removedMs: core.now() }, tx }, context.principal().actor);
    }
    return { ok: true as const };
  }),
  list: os.alerts.list.handler(({ input, context: { core } }) => core.reader.read('alerts', input) as never),
  acknowledge: os.alerts.acknowledge.handler(async ({ input, context }) => {
    const { core } = context;
    await commitOne(core, { type: 'alert.acknowledge', actor: context.principal().actor, alert: input.alert });
    return core.reader.read('alert', { id: input.alert }) as never;
  }),
};
