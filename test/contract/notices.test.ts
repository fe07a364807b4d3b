/** Alerts from the books to whoever is told: screen, webhooks and mail, over real servers on this machine. */
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openForReading } from '#core/ledger/open.ts';
import { verify } from '#core/ledger/verify.ts';
import { openGatewayWorld, seedTrade } from '../support/gateway-world.ts';
import type { GatewayWorld } from '../support/gateway-world.ts';

type Got = Readonly<{ headers: IncomingHttpHeaders; body: string; path: string }>;
type Message = Readonly<{ user: string; to: string[]; text: string }>;

let world: GatewayWorld;
let receiver: Server;
let hookUrl = '';
const got: Got[] = [];
/** What the receiver answers; paths of their own may be given another status. */
const statusOf = new Map<string, number>();
let postOffice: SMTPServer;
let smtpPort = 0;
const messages: Message[] = [];

async function listen(server: { listen: (port: number, host: string, done: () => void) => unknown }): Promise<void> {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
}

beforeAll(async () => {
  world = await openGatewayWorld();
  receiver = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const path = request.url ?? '';
      got.push({ headers: request.headers, body, path });
      response.writeHead(statusOf.get(path) ?? 204).end();
    });
  });
  await listen(receiver);
  hookUrl = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  postOffice = new SMTPServer({
    authOptional: false,
    allowInsecureAuth: true,
    onAuth: ({ username, password }, _session, done) =>
      password === 'horse battery' ? done(null, { user: username }) : done(new Error('wrong password')),
    onData: (stream, session, done) => {
      let text = '';
      stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
      stream.on('end', () => {
        const to = session.envelope.rcptTo.map(({ address }) => address);
        messages.push({ user: String(session.user), to, text });
        done();
      });
    },
  });
  postOffice.on('error', () => undefined);
  await new Promise<void>((resolve) => {
    const server = postOffice.listen(0, '127.0.0.1', () => {
      smtpPort = (server.address() as AddressInfo).port;
      resolve();
    });
  });
  await seedTrade(world, { credit: '5000000' });
});

afterAll(async () => {
  await world.close();
  await new Promise<void>((resolve) => void receiver.close(() => resolve()));
  await new Promise<void>((resolve) => void postOffice.close(() => resolve()));
  expect(world.errors).toEqual([]);
});

const code = (error: unknown): string => (error as { code?: string }).code ?? String(error);
const detail = (error: unknown): string => (error as { data?: { detail?: string } }).data?.detail ?? '';

/** Waits for what the console's own clock brings about. */
async function until<T>(ask: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (;;) {
    const found = await ask();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
const arrived = (path: string, count = 1): Promise<Got[]> =>
  until(() => {
    const those = got.filter((one) => one.path === path);
    return those.length >= count ? those : undefined;
  });
const delivered = (id: string) =>
  until(async () => {
    const { items } = await world.client.webhooks.deliveries({});
    return items.find((one) => one.id === id && one.attempts.length > 0);
  });

describe('an address', () => {
  test.each([
    ['http://hooks.example.com/', /not https/],
    ['https://10.0.0.8/', /10.0.0.8 is no public address/],
    ['https://[::1]/', /::1 is no public address/],
    ['https://0x7f000001/', /127.0.0.1 is no public address/],
    ['https://localhost/', /localhost is no public address/],
    ['https://ada:secret@hooks.example.com/', /name or password/],
  ])('%s is not posted to', async (url, words) => {
    await expect(world.client.webhooks.create({ name: 'Bad', url })).rejects.toSatisfy(
      (error) => code(error) === 'INPUT_INVALID' && words.test(detail(error)),
    );
  });

  test('of this machine is taken only where the settings say so', async () => {
    const order = { name: 'Here', url: `${hookUrl}/` };
    await expect(world.client.webhooks.create(order)).rejects.toSatisfy((error) => code(error) === 'INPUT_INVALID');
    await world.client.workspace.set({ noticesToLoopback: true });
    const { webhook } = await world.client.webhooks.create(order);
    await world.client.workspace.set({ noticesToLoopback: false });
    const { id } = await world.client.webhooks.test({ webhook: webhook.id });
    const { attempts, state } = await delivered(id);
    expect([state, attempts[0]]).toMatchObject([
      'waiting',
      { ok: false, detail: 'Only https addresses are posted to.' },
    ]);
    await world.client.webhooks.delete({ webhook: webhook.id });
    await world.client.workspace.set({ noticesToLoopback: true });
    expect(got).toEqual([]);
  });
});

test('an alert fires once, is told, is acknowledged, and is over', async () => {
  const { alerts, webhooks, credits, usage } = world.client;
  const { webhook, secret } = await webhooks.create({ name: 'Ops', url: `${hookUrl}/alert` });
  const rule = await alerts.createRule({
    key: 'low',
    kind: 'balance-below',
    name: 'Nearly empty',
    asset: 'USDC/6',
    customer: 'acme',
    threshold: '2000000',
    margin: '1000000',
    severity: 'attention',
    channels: [webhook.id],
  });
  await usage.record({ events: [{ source: 't', id: 'u1', customer: 'acme', meter: 'api.requests', quantity: '4' }] });
  const [first] = await arrived('/alert');
  const body = new Webhook(secret).verify(first?.body ?? '', first?.headers as Record<string, string>);
  const alert = await until(async () => (await alerts.list({ rule: rule.id })).items[0]);
  expect(alert).toMatchObject({ title: 'Acme has 1.000000 USDC left to spend', value: '1000000', clearedMs: null });
  expect(body).toMatchObject({ type: 'alert.fired', data: { id: alert.id, title: alert.title, value: '1000000' } });
  expect((await alerts.list({})).unseen).toBe(1);
  const needs = async () => {
    const { needsYou } = await world.client.workspace.overview({});
    return needsYou.filter(({ kind }) => kind === 'alert').map(({ title, href }) => [title, href]);
  };
  expect(await needs()).toEqual([[alert.title, `/alerts/${alert.id}`]]);
  const seen = await alerts.acknowledge({ alert: alert.id });
  expect(await needs()).toEqual([]);
  expect(await alerts.acknowledge({ alert: alert.id })).toEqual(seen);
  expect((await alerts.list({})).unseen).toBe(0);
  const grant = { customer: 'acme', asset: 'USDC/6', source: 'prepaid' } as const;
  await credits.grant({ key: 'more', amountMinor: '2000000', ...grant });
  const [, second] = await arrived('/alert', 2);
  expect(JSON.parse(second?.body ?? '{}')).toMatchObject({ type: 'alert.cleared', data: { id: alert.id } });
  expect((await alerts.list({ state: 'open' })).items).toEqual([]);
  expect((await alerts.list({ state: 'over' })).items).toMatchObject([{ id: alert.id }]);
  await alerts.deleteRule({ rule: rule.id });
  expect((await alerts.rules({})).items).toEqual([]);
});

test('a delivery that failed is tried again by the table, and sent again under its own id', async () => {
  const { webhooks } = world.client;
  const { webhook } = await webhooks.create({ name: 'Flaky', url: `${hookUrl}/flaky` });
  statusOf.set('/flaky', 503);
  const { id } = await webhooks.test({ webhook: webhook.id });
  const failed = await delivered(id);
  expect(failed).toMatchObject({ state: 'waiting', attempts: [{ no: 1, ok: false, status: 503 }] });
  expect((failed.dueMs ?? 0) - (failed.attempts[0]?.atMs ?? 0)).toBe(60_000);
  statusOf.delete('/flaky');
  await webhooks.resend({ delivery: id });
  const both = await arrived('/flaky', 2);
  expect(both.map(({ headers }) => headers['webhook-id'])).toEqual([id, id]);
  expect(both[1]?.body).toBe(both[0]?.body);
  await until(async () => (await webhooks.deliveries({})).items.find((one) => one.id === id && one.state === 'sent'));
});

test('a redirect is not followed', async () => {
  const { webhooks } = world.client;
  const { webhook } = await webhooks.create({ name: 'Moved', url: `${hookUrl}/moved` });
  statusOf.set('/moved', 307);
  const { id } = await webhooks.test({ webhook: webhook.id });
  expect((await delivered(id)).attempts).toMatchObject([{ ok: false, status: 307 }]);
});

test('during a rotation both secrets sign, after it the new one only', async () => {
  const { webhooks } = world.client;
  const { webhook, secret } = await webhooks.create({ name: 'Rotated', url: `${hookUrl}/rotated` });
  const after = await webhooks.rotate({ webhook: webhook.id, overlapMs: 60_000 });
  expect(after.webhook.secrets.map(({ untilMs }) => untilMs === null)).toEqual([true, false]);
  await webhooks.test({ webhook: webhook.id });
  const [first] = await arrived('/rotated');
  for (const one of [secret, after.secret]) {
    expect(new Webhook(one).verify(first?.body ?? '', first?.headers as Record<string, string>)).toBeTruthy();
  }
  const last = await webhooks.rotate({ webhook: webhook.id, overlapMs: 0 });
  await webhooks.test({ webhook: webhook.id });
  const [, second] = await arrived('/rotated', 2);
  const headers = second?.headers as Record<string, string>;
  expect(new Webhook(last.secret).verify(second?.body ?? '', headers)).toBeTruthy();
  for (const one of [secret, after.secret]) {
    expect(() => new Webhook(one).verify(second?.body ?? '', headers)).toThrow(/No matching signature/);
  }
});

describe('mail', () => {
  const server = () => ({
    host: '127.0.0.1',
    port: smtpPort,
    user: 'ada',
    from: 'bills@example.com',
    to: ['ops@example.com', 'cfo@example.com'],
  });
  const tried = async () => {
    const { id } = await world.client.mail.test({});
    return until(async () => {
      const { items } = await world.client.mail.deliveries({});
      return items.find((one) => one.id === id && one.attempts.length > 0);
    });
  };

  test('goes out by SMTP, with its name and password', async () => {
    const { mail } = world.client;
    await mail.set({ ...server(), security: 'none', password: 'horse battery' });
    expect((await mail.get({})).mail).toMatchObject({ hasPassword: true, host: '127.0.0.1' });
    const { id, state } = await tried();
    expect(state).toBe('sent');
    expect(messages).toMatchObject([{ user: 'ada', to: ['ops@example.com', 'cfo@example.com'] }]);
    expect(messages[0]?.text).toContain('Subject: Tollkeeper: a try of this address');
    expect(messages[0]?.text).toContain(`<${id}@tollkeeper.invalid>`);
  });

  test('with a wrong password is refused and tried again, and the log has no password', async () => {
    await world.client.mail.set({ ...server(), security: 'none', password: 'staple' });
    const { state, attempts } = await tried();
    expect([state, attempts[0]?.status]).toEqual(['waiting', 535]);
    expect(JSON.stringify(attempts)).not.toContain('staple');
  });

  test('to a server whose certificate nobody vouches for is not sent', async () => {
    await world.client.mail.set({ ...server(), security: 'starttls', password: 'horse battery' });
    const before = messages.length;
    const { attempts } = await tried();
    expect(attempts[0]).toMatchObject({ ok: false, detail: expect.stringMatching(/certificate/) });
    expect(messages.length).toBe(before);
  });

  test('without TLS to another machine is refused', async () => {
    const far = { ...server(), host: 'smtp.example.com', security: 'none' as const };
    await expect(world.client.mail.set(far)).rejects.toSatisfy((error) => code(error) === 'INPUT_INVALID');
  });

  test('is off again', async () => {
    await world.client.mail.delete({});
    expect(await world.client.mail.get({})).toEqual({ mail: null });
    await expect(world.client.mail.test({})).rejects.toSatisfy((error) => code(error) === 'NOT_FOUND');
  });
});

describe('a rule', () => {
  const rule = { key: 'r', kind: 'unrated-usage', name: 'R', threshold: '1', margin: '0', severity: 'info' } as const;

  test('is made once under one key, and changed', async () => {
    const { alerts } = world.client;
    const made = await alerts.createRule(rule);
    expect(await alerts.createRule(rule)).toEqual(made);
    await expect(alerts.createRule({ ...rule, threshold: '2' })).rejects.toSatisfy((e) => code(e) === 'KEY_REUSED');
    expect(await alerts.changeRule({ rule: made.id, threshold: '7' })).toMatchObject({ threshold: '7', name: 'R' });
    await alerts.deleteRule({ rule: made.id });
    await expect(alerts.changeRule({ rule: made.id, threshold: '8' })).rejects.toSatisfy(
      (e) => code(e) === 'NOT_FOUND',
    );
  });

  test.each([
    [{ kind: 'burn-rate' }, 'INPUT_INVALID'],
    [{ customer: 'unheard' }, 'CUSTOMER_UNKNOWN'],
    [{ meter: 'unheard' }, 'METER_UNKNOWN'],
    [{ channels: ['whk_00000000'] }, 'NOT_FOUND'],
    [{ quiet: { fromMinute: 1, toMinute: 2, timeZone: 'Mars/Olympus' } }, 'INPUT_INVALID'],
  ])('with %o is refused with %s', async (change, expected) => {
    const order = { ...rule, key: JSON.stringify(change).replaceAll(' ', ''), ...change } as typeof rule;
    await expect(world.client.alerts.createRule(order)).rejects.toSatisfy((e) => code(e) === expected);
  });
});

test('no secret is in the journal, in an answer or in what is logged, and the books prove', async () => {
  const { webhooks } = world.client;
  const { webhook, secret } = await webhooks.create({ name: 'Last', url: `${hookUrl}/last` });
  const key = secret.slice('whsec_'.length);
  expect(JSON.stringify(await webhooks.list({}))).not.toContain(key);
  const connection = openForReading(world.file);
  expect(verify(connection).problem).toBeNull();
  const bodies = connection.prepare('SELECT body FROM tx').pluck().all() as string[];
  expect(bodies.filter((body) => body.includes(key) || body.includes('horse battery'))).toEqual([]);
  expect(connection.prepare('SELECT count(*) FROM secret WHERE value = ?').pluck().get(secret)).toBe(1);
  connection.close();
  await webhooks.delete({ webhook: webhook.id });
  const after = openForReading(world.file);
  expect(after.prepare('SELECT count(*) FROM secret WHERE value = ?').pluck().get(secret)).toBe(0);
  expect(verify(after).problem).toBeNull();
  after.close();
});
