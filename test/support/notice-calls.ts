/** One call of every command about alerts, where they are told and leaks, and what these need. */
import type { Client } from '#core/cli/connection.ts';

/** What was made for them before. */
export type MadeNotices = Readonly<Record<'rule' | 'alert' | 'webhook' | 'spareWebhook' | 'delivery', string>>;

/** Beyond 2^64. */
const HUGE = '18446744073709551617';
const RULE = { name: 'Low', threshold: HUGE, margin: '5', severity: 'danger' } as const;
const QUIET = { fromMinute: 1320, toMinute: 420, timeZone: 'Europe/Berlin' };

/** Alerts, and where notices of them go. */
export function noticeCalls(
  made: MadeNotices,
  page: object,
): Readonly<Record<string, Readonly<Record<string, unknown>>>> {
  const told = { quiet: QUIET, channels: ['mail', made.webhook], tellsCleared: false, isOn: true };
  const mail = {
    host: 'localhost',
    port: 1,
    security: 'starttls',
    user: 'ada',
    password: 'correct horse',
    from: 'bills@example.com',
    to: ['ops@example.com'],
    isOn: false,
  };
  return {
    'alerts.rules': {},
    'alerts.createRule': {
      key: 'rule-1',
      kind: 'balance-below',
      ...RULE,
      ...told,
      asset: 'USDC/6',
      customer: 'acme',
      meter: 'api.requests',
      job: null,
    },
    'alerts.changeRule': { rule: made.rule, ...RULE, threshold: '7', ...told },
    'alerts.deleteRule': { rule: made.rule },
    'alerts.list': { ...page, state: 'all', rule: made.rule },
    'alerts.acknowledge': { alert: made.alert },
    'webhooks.list': {},
    'webhooks.create': { name: 'Ops', url: 'https://hooks.example.com/a' },
    'webhooks.change': { webhook: made.webhook, name: 'Ops 2', url: 'https://hooks.example.com/b', isOn: false },
    'webhooks.rotate': { webhook: made.webhook, overlapMs: 60_000 },
    'webhooks.deliveries': { ...page, channel: made.webhook, alert: made.alert },
    'webhooks.resend': { delivery: made.delivery },
    'webhooks.test': { webhook: made.webhook },
    'webhooks.delete': { webhook: made.spareWebhook },
    'leaks.find': { days: 90, idleDays: 60, limit: 10 },
    'costs.list': {},
    'costs.set': { meter: 'api.requests', asset: 'USDC/6', amountMinor: HUGE, perUnits: '1000' },
    'costs.remove': { meter: 'api.requests' },
    'mail.get': {},
    'mail.set': mail,
    'mail.deliveries': { ...page, alert: made.alert },
    'mail.resend': { delivery: made.delivery },
    'mail.test': {},
    'mail.delete': {},
  };
}

/** A rule that fires, its alert, and two webhooks that are off, one with a delivery. */
export async function populateNotices(client: Client): Promise<MadeNotices> {
  const rule = await client.alerts.createRule({
    key: 'seed',
    kind: 'unrated-usage',
    name: 'Unrated',
    threshold: '1',
    margin: '0',
    severity: 'info',
    channels: [],
  });
  const made = [];
  for (const name of ['one', 'two']) {
    const { webhook } = await client.webhooks.create({ name, url: 'https://hooks.example.com/x' });
    made.push((await client.webhooks.change({ webhook: webhook.id, isOn: false })).id);
  }
  const [webhook = '', spareWebhook = ''] = made;
  const delivery = await client.webhooks.test({ webhook });
  for (;;) {
    const { items } = await client.alerts.list({ rule: rule.id });
    const [alert] = items;
    if (alert) return { rule: rule.id, alert: alert.id, webhook, spareWebhook, delivery: delivery.id };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
