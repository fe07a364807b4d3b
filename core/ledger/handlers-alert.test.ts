import { afterEach, describe, expect, test } from 'vitest';
import { RETRY_MINUTES } from '#core/domain/alert.ts';
import type { AlertRuleRecord } from '#core/domain/alert.ts';
import { ENGINES, HOUR_MS, World } from '../../test/support/world.ts';

const worlds: World[] = [];
afterEach(() => {
  for (const world of worlds.splice(0)) world.dispose();
});
const QUIET = { fromMinute: 11 * 60, toMinute: 14 * 60, timeZone: 'UTC' };

describe.each(ENGINES)('alerts in books on %s', (kind) => {
  function watched(rule: Partial<AlertRuleRecord> = {}) {
    const world = new World(kind);
    worlds.push(world);
    world.commit(world.script.webhook('whk_1', 'whsec_a'), world.script.alertRule('rul_1', rule));
    const see = (value: bigint | null, subject = 'cus_a') =>
      world.do<{ does: string; alert: string | null }>(world.script.observe('rul_1', subject, value));
    const told = (alert: string | null) => world.store.noticesOf(alert ?? '');
    return { world, see, told };
  }

  test('fire once at a crossing, with one notice a channel, and are over beyond the margin', () => {
    const { world, see, told } = watched();
    const fired = see(99n);
    expect(fired.does).toBe('fire');
    const sequence = world.engine.head().sequence;
    expect([see(50n).does, see(119n).does]).toEqual(['stay', 'stay']);
    expect(world.engine.head().sequence).toBe(sequence);
    expect(told(fired.alert)).toMatchObject([{ channel: 'whk_1', event: 'alert.fired', due_ms: world.clock.nowMs }]);
    expect(see(120n)).toMatchObject({ does: 'clear', alert: fired.alert });
    expect(told(fired.alert).map(({ event }) => event)).toEqual(['alert.fired', 'alert.cleared']);
    expect(see(99n).alert).not.toBe(fired.alert);
  });

  test('stay fired over a restart', () => {
    const { world, see } = watched();
    see(99n);
    if (kind === 'sqlite') world.reopen();
    expect(see(98n).does).toBe('stay');
  });

  test('fire for each subject, and end with what they watched, or with their rule', () => {
    const { world, see } = watched();
    expect(see(1n, 'cus_a').does).toBe('fire');
    expect(see(1n, 'cus_b').does).toBe('fire');
    expect(see(null, 'cus_a').does).toBe('clear');
    world.do(world.script.alertRule('rul_1', { isOn: false }));
    expect(see(1n, 'cus_b').does).toBe('clear');
    expect(see(1n, 'cus_b').does).toBe('stay');
  });

  test('that come and go and come again in quiet hours are told of once, at their end', () => {
    const { world, see, told } = watched({ quiet: QUIET });
    const first = see(99n);
    world.clock.nowMs += 1000;
    see(200n);
    world.clock.nowMs += 1000;
    const second = see(99n);
    expect(second.does).toBe('fire');
    expect(told(first.alert)).toMatchObject([{ event: 'alert.fired', due_ms: Date.UTC(2026, 2, 1, 14) }]);
    expect(told(second.alert)).toEqual([]);
    world.clock.nowMs += 3 * HOUR_MS;
    see(200n);
    expect(told(see(99n).alert)).toHaveLength(1);
  });

  test('of danger are told at once, whatever the hour', () => {
    const { world, see, told } = watched({ quiet: QUIET, severity: 'danger' });
    expect(told(see(99n).alert)).toMatchObject([{ due_ms: world.clock.nowMs }]);
  });

  test('are told to the channels their rule names, if these are on', () => {
    const { world, see, told } = watched({ channels: ['whk_2', 'whk_3'] });
    world.do(world.script.webhook('whk_2', 'whsec_b'));
    world.do(world.script.webhook('whk_3', 'whsec_c', { isOn: false }));
    expect(told(see(99n).alert).map(({ channel }) => channel)).toEqual(['whk_2']);
  });

  test('are seen by whoever was first', () => {
    const { world, see } = watched();
    const alert = see(99n).alert ?? '';
    world.do({ type: 'alert.acknowledge', actor: 'opr_1', alert });
    world.do({ type: 'alert.acknowledge', actor: 'opr_2', alert });
    expect(world.store.get('alert', alert)).toMatchObject({ acknowledged_by: 'opr_1' });
    expect(world.refused({ type: 'alert.acknowledge', actor: 'opr_1', alert: 'alr_0' })).toBe('NOT_FOUND');
  });

  test('a delivery is tried by the table, each try booked once, and given up after the last', () => {
    const { world, see, told } = watched();
    const [{ id } = { id: '' }] = told(see(99n).alert);
    for (const [at, minutes] of RETRY_MINUTES.entries()) {
      world.do(world.script.tried(id, at + 1));
      expect(world.refused(world.script.tried(id, at + 1))).toBe('CONFLICT');
      expect(world.store.get('notice', id)).toMatchObject({
        state: 'waiting',
        due_ms: world.clock.nowMs + minutes * 60_000,
      });
      world.clock.nowMs += minutes * 60_000;
    }
    const last = RETRY_MINUTES.length + 1;
    expect(world.do(world.script.tried(id, last))).toMatchObject({ state: 'failed' });
    expect(world.refused(world.script.tried(id, last + 1))).toBe('CONFLICT');
    world.do({ type: 'notice.resend', actor: 'opr_1', notice: id });
    expect(world.store.get('notice', id)).toMatchObject({ state: 'waiting', due_ms: world.clock.nowMs });
    expect(world.do(world.script.tried(id, last + 1, { ok: true, status: 200 }))).toMatchObject({ state: 'sent' });
  });

  test('a receiver that is gone is not tried again', () => {
    const { world, see, told } = watched();
    const [{ id } = { id: '' }] = told(see(99n).alert);
    expect(world.do(world.script.tried(id, 1, { isGone: true, status: 410 }))).toMatchObject({ state: 'failed' });
  });

  test('a secret is forgotten, and the journal never had it', () => {
    const { world } = watched();
    expect(world.store.get('secret', 'sec_whk_1')?.value).toBe('whsec_a');
    for (let seq = 1; seq <= world.engine.head().sequence; seq += 1) {
      expect(world.store.get('tx', seq)?.body).not.toContain('whsec_a');
    }
    const gone = world.script.webhook('whk_1', 'whsec_a', { secrets: [] });
    world.do({ ...gone, secrets: { keep: [], forget: ['sec_whk_1'] } });
    expect(world.store.get('secret', 'sec_whk_1')).toBeUndefined();
  });
});
