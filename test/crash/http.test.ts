/**
 * The writer killed under HTTP: clients of the gateway send usage and holds while its process is killed, and send
 * again what they had no answer to. What was answered stands, and nothing counts twice.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, expect, test } from 'vitest';
import { openForReading } from '#core/ledger/open.ts';
import { verify } from '#core/ledger/verify.ts';

const folder = mkdtempSync(join(tmpdir(), 'tollkeeper-http-crash-'));
const file = join(folder, 'w.tollkeeper');
const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const ROUNDS = 4;
const CLIENTS = 6;

type Host = Readonly<{ child: ChildProcess; url: string; secret: string }>;
/** A request of some client and what it was answered, once it was. */
type Sent = { path: string; body: object; answer: { status: number; text: string } | null };

async function startHost(): Promise<Host> {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../support/gateway-host.ts'), file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { child, ...(JSON.parse(line) as { url: string; secret: string }) };
}

/** Sends a request; nothing is learnt where the host dies before it answers. */
async function send(host: Host, sent: Sent): Promise<void> {
  try {
    const response = await fetch(host.url + sent.path, {
      method: 'POST',
      headers: { authorization: `Bearer ${host.secret}`, 'content-type': 'application/json' },
      body: JSON.stringify(sent.body),
    });
    sent.answer = { status: response.status, text: await response.text() };
  } catch {
    sent.answer = null;
  }
}

const event = (id: string) => ({ source: 'http', id, customer: 'acme', meter: 'api.requests', quantity: '1' });

/** One step of a client: a batch of usage, one event, or a hold with its capture. */
async function step(host: Host, name: string, kind: number, log: Sent[]): Promise<void> {
  const ask = async (path: string, body: object): Promise<Sent> => {
    const sent: Sent = { path, body, answer: null };
    log.push(sent);
    await send(host, sent);
    return sent;
  };
  if (kind === 0) {
    await ask('/v1/usage', { events: Array.from({ length: 20 }, (_, index) => event(`${name}-${index}`)) });
  } else if (kind === 1) await ask('/v1/usage', { events: [event(name)] });
  else {
    const hold = { key: name, customer: 'acme', meter: 'api.requests', quantity: '2', ttlMs: 3_600_000 };
    const opened = await ask('/v1/holds', hold);
    if (opened.answer?.status !== 201) return;
    const { id } = JSON.parse(opened.answer.text) as { id: string };
    await ask(`/v1/holds/${id}/capture`, { quantity: '1' });
  }
}

/** Clients that go on until the host is gone. */
async function traffic(host: Host, round: number, log: Sent[]): Promise<void> {
  const isGone = () => host.child.exitCode !== null || host.child.signalCode !== null;
  const client = async (number: number): Promise<void> => {
    for (let at = 0; !isGone(); at += 1) await step(host, `r${round}c${number}s${at}`, (number + at) % 3, log);
  };
  await Promise.all(Array.from({ length: CLIENTS }, (_, number) => client(number)));
}

test('what was answered before a kill stands, and is answered the same after it', async () => {
  const log: Sent[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const host = await startHost();
    const before = log.length;
    const ends = once(host.child, 'exit');
    // Killed in the middle of traffic, at another moment each round: after so many answers, not after a time.
    const killer = setInterval(() => {
      const answered = log.slice(before).filter(({ answer }) => answer !== null).length;
      if (answered > 40 + round * 37) host.child.kill('SIGKILL');
    }, 1);
    await traffic(host, round, log);
    clearInterval(killer);
    await ends;
  }
  expect(log.filter(({ answer }) => answer === null).length).toBeGreaterThan(0);

  const host = await startHost();
  for (const one of log) {
    const first = one.answer;
    await send(host, one);
    expect(one.answer?.status).toBeLessThan(300);
    if (first && !one.path.includes('usage')) expect(one.answer).toEqual(first);
    if (first && one.path.includes('usage')) expect(one.answer?.text).toMatch(/^{"accepted":0,/);
  }
  await expect.poll(backlog, { timeout: 10_000, interval: 50 }).toBe(0);
  const ends = once(host.child, 'exit');
  host.child.kill('SIGKILL');
  await ends;
  expect(facts()).toEqual(wanted(log));
});

/** Events that are accepted and not posted. */
function backlog(): number {
  const connection = openForReading(file);
  const waiting = connection.prepare('SELECT event_seq - watermark FROM book').pluck().get() as number;
  connection.close();
  return waiting;
}

/** What the file says, after it proved. */
function facts() {
  const connection = openForReading(file);
  try {
    expect(verify(connection).problem).toBeNull();
    const count = (sql: string) => connection.prepare(sql).pluck().get() as number;
    return {
      events: count(`SELECT count(*) FROM event WHERE source = 'http'`),
      holds: count('SELECT count(*) FROM hold'),
      captures: count(`SELECT count(*) FROM event WHERE source = 'gate'`),
      charged: String(count('SELECT exact_sum(amount) FROM slice')),
    };
  } finally {
    connection.close();
  }
}

/** What the clients know: each distinct event and hold once, at a price of one USDC a unit. */
function wanted(log: readonly Sent[]) {
  const of = (part: string) => log.filter(({ path }) => path.includes(part));
  const events = of('/usage').reduce((sum, { body }) => sum + (body as { events: object[] }).events.length, 0);
  const captures = of('/capture').length;
  return {
    events,
    holds: log.filter(({ path }) => path === '/v1/holds').length,
    captures,
    charged: String((events + captures) * 1_000_000),
  };
}
