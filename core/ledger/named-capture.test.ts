/** Events that name themselves and capture a hold, and what the letters of an acceptance say. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBook } from './book.ts';
import type { OpenBook } from './book.ts';
import { sha256 } from './hash.ts';
import { createFile } from './open.ts';
import type { AcceptResult, CaptureEvent, Command } from './port.ts';

const actor = 'test';
const folder = mkdtempSync(join(tmpdir(), 'tollkeeper-capture-'));
let book: OpenBook;

const record = (kind: string, id: string, body: Record<string, unknown>): Command => ({
  type: 'record.set',
  kind,
  id,
  body,
  names: [],
  actor,
});
const customer = (id: string): Command =>
  record('customer', id, {
    id,
    externalId: null,
    name: id,
    terms: [{ fromMs: 0, plan: null }],
    anchorDay: 1,
    timeZone: 'UTC',
    overdrafts: {},
    subjects: [],
    addresses: [],
    createdMs: 0,
  });
const meter = (key: string): Command =>
  record('meter', key, {
    key,
    name: key,
    eventType: key,
    aggregation: 'sum',
    unit: 'unit',
    scale: 0,
    valuePath: '$.value',
    dimensions: {},
    billable: true,
    overshoot: 'debt',
    window: 'month',
    createdMs: 0,
  });

async function one(command: Command) {
  const [answer] = await book.commit([command]);
  return answer?.ok ? { value: answer.value as Record<string, unknown> } : { code: answer?.refusal.code };
}

async function hold(id: string): Promise<string> {
  await one({
    type: 'hold.open',
    id,
    key: id,
    request: id,
    customer: 'cus_a',
    meter: 'calls',
    units: 2n,
    ttlMs: 60_000,
    actor,
  });
  return id;
}

const named = (id: string, more: Partial<CaptureEvent> = {}): CaptureEvent => ({
  source: 'app',
  id,
  occurredMs: null,
  data: '{}',
  fingerprint: sha256(id),
  units: 2n,
  customer: 'cus_a',
  meter: 'calls',
  ...more,
});
const capture = (holdId: string, event: CaptureEvent) => one({ type: 'hold.capture', id: holdId, event, actor });

beforeAll(async () => {
  const file = join(folder, 'w.tollkeeper');
  createFile(file);
  book = await openBook(file);
  const price = {
    id: 'prc_1',
    version: 1,
    meter: 'calls',
    plan: null,
    customer: null,
    asset: 'USDC/6',
    rounding: 'floor',
    model: JSON.stringify({ kind: 'per-unit', rate: { amountMinor: '0', perUnits: '1' } }),
    minimumMinor: '0',
    effectiveFromMs: 0,
    createdMs: 0,
    createdBy: actor,
  };
  await book.commit([
    customer('cus_a'),
    customer('cus_b'),
    meter('calls'),
    meter('other'),
    record('price', 'prc_1', price),
  ]);
});
afterAll(async () => {
  await book.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('an event that captures a hold under its own name', () => {
  test('is a repeat when it comes again, also for a hold that it captured before', async () => {
    const id = await hold('hld_00000001');
    expect(await capture(id, named('e1'))).toMatchObject({ value: { state: 'captured' } });
    expect(await capture(id, named('e1'))).toMatchObject({ value: { repeated: true } });
  });

  test('is a conflict when its name was used with another body', async () => {
    const id = await hold('hld_00000002');
    expect(await capture(id, named('e1', { fingerprint: sha256('other') }))).toEqual({ code: 'EVENT_CONFLICT' });
  });

  test('does not vanish behind an event that captured the hold first', async () => {
    const id = await hold('hld_00000003');
    await capture(id, named('e3'));
    expect(await capture(id, named('e4'))).toEqual({ code: 'HOLD_CLOSED' });
  });

  test('cannot capture the hold of another customer or meter', async () => {
    const id = await hold('hld_00000004');
    expect(await capture(id, named('e5', { customer: 'cus_b' }))).toEqual({ code: 'HOLD_UNKNOWN' });
    expect(await capture(id, named('e5', { meter: 'other' }))).toEqual({ code: 'HOLD_UNKNOWN' });
  });
});

test('an acceptance says which of its events wait for a customer', async () => {
  const print = (text: string): number[] => [...sha256(text)];
  const answer = await one({
    type: 'usage.accept',
    actor,
    source: ['s', 's'],
    id: ['1', '2'],
    subject: ['cus_a', 'nobody'],
    kind: ['calls', 'calls'],
    meter: ['calls', 'calls'],
    units: [1n, 1n],
    occurredMs: [-1, -1],
    data: ['{}', '{}'],
    fingerprints: new Uint8Array([...print('1'), ...print('2')]),
    root: sha256('r'),
  });
  expect((answer.value as unknown as AcceptResult).results).toBe('ap');
});
