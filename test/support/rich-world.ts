/**
 * A workspace in which every table has rows and every kind of transaction happened: what verify and its mutations are
 * tried on.
 */
import { sha256 } from '#core/ledger/hash.ts';
import { DAY_MS, HOUR_MS, World } from './world.ts';
import type { EngineKind } from './world.ts';

const MONTH_MS = 31 * DAY_MS;

function configure(world: World): void {
  const { script, clock } = world;
  world.commit(
    script.settings({ name: 'Rich', issuer: 'Rich Ltd', dueDays: 14 }),
    script.meter('calls'),
    script.meter('tokens', { scale: 3, overshoot: 'cap' }),
    script.meter('hits', { aggregation: 'count', eventType: 'web', billable: false }),
    script.meter('users', { aggregation: 'unique', eventType: 'web', valuePath: '$.user' }),
    script.meter('peak', { aggregation: 'max', eventType: 'load' }),
    script.meter('seats', { aggregation: 'latest', eventType: 'seats' }),
    script.meter('renders'),
    script.plan('team', { name: 'Team', baseFeeMinor: '5000' }),
  );
  world.commit(
    script.price('prc_calls', 'calls', {
      priced: { kind: 'quota', quotaUnits: 20n, overage: { amountMinor: 10n, perUnits: 1n } },
    }),
    script.price('prc_tokens', 'tokens', { priced: { kind: 'per-unit', rate: { amountMinor: 7n, perUnits: 1000n } } }),
    script.price('prc_users', 'users', { perUnit: 100n, minimumMinor: '1000' }),
    script.price('prc_peak', 'peak', { perUnit: 3n }),
    script.price('prc_renders', 'renders', { perUnit: 10n, asset: 'USD/2', chargedIn: 'SOL/9' }),
    script.rate('rte_desk', ['USD/2', 'SOL/9'], '0.0065'),
    script.price('prc_seats', 'seats', { perUnit: 50n, asset: 'CREDIT/0' }),
    script.customer('cus_a', { subjects: ['acme'], externalId: 'crm-1', terms: [{ fromMs: 0, plan: 'team' }] }),
    script.customer('cus_b', { timeZone: 'Europe/Berlin', anchorDay: 15, overdrafts: { 'USDC/6': '500' } }),
    script.discount('dsc_spring', { kind: 'volume', name: 'Spring', untilMs: clock.nowMs + MONTH_MS }),
    script.discount('dsc_yearly', { kind: 'commitment', name: 'Yearly', customer: 'cus_b', committedMinor: 2_000n }),
    script.record('key', 'key_1', { id: 'key_1' }, [{ kind: 'key', name: 'hash-1' }]),
  );
}

function meterUsage(world: World): void {
  const { script, clock } = world;
  const at = (offsetMs: number) => clock.nowMs - offsetMs;
  world.accept([
    { id: 'e1', subject: 'acme', meter: 'calls', units: 15n },
    { id: 'e2', subject: 'crm-1', meter: 'calls', units: 12n, occurredMs: at(HOUR_MS) },
    { id: 'e3', subject: 'cus_b', meter: 'tokens', units: 1500n, occurredMs: null },
    { id: 'e4', subject: 'acme', type: 'web', data: { user: 'ann' } },
    { id: 'e5', subject: 'acme', type: 'web', data: { user: 'bob' } },
    { id: 'e6', subject: 'cus_a', type: 'web', data: { user: 'ann' } },
    { id: 'e7', subject: 'acme', type: 'load', data: { value: 7 } },
    { id: 'e8', subject: 'acme', type: 'load', data: { value: 5 }, occurredMs: at(10) },
    { id: 'e9', subject: 'cus_b', type: 'seats', data: { value: 4 } },
    { id: 'e10', subject: 'nobody', meter: 'calls', units: 3n },
    { id: 'e11', subject: 'acme', meter: 'unheard', units: null, data: { quantity: 2 } },
    { id: 'e12', subject: 'acme', type: 'load', data: { value: 'much' } },
    { id: 'e13', subject: 'nobody', meter: 'calls', units: 1n },
    { id: 'e17', subject: 'cus_b', meter: 'renders', units: 3n },
    { id: 'e14', subject: 'nobody', meter: 'tokens', units: 2000n },
  ]);
  world.accept([
    { id: 'e1', subject: 'acme', meter: 'calls', units: 15n },
    { id: 'e2', subject: 'acme', meter: 'calls', units: 13n },
    { id: 'e3', subject: 'cus_b', meter: 'tokens', units: 1501n, occurredMs: null },
    { id: 'e15', subject: 'cus_b', type: 'seats', data: { value: 3 } },
    { id: 'e16', subject: 'cus_b', type: 'web', data: { user: 'zoë 🐝' } },
  ]);
  world.post();
  world.commit(script.correct('e1', 11n), script.correct('e3', 0n));
  const parked = world.store.get('tx', world.engine.head().sequence) ? parkedIds(world) : [];
  world.do(script.assign(parked.slice(0, 1), { customer: 'cus_b' }));
  world.do(script.assign(parked.slice(1, 2), { meter: 'calls' }));
  world.do(script.assign(parked.slice(3, 4), { dismiss: 'a test' }));
}

function parkedIds(world: World): string[] {
  const rows = world.connection.prepare('SELECT id FROM parked ORDER BY id').all() as { id: string }[];
  return rows.map(({ id }) => id);
}

function useGate(world: World): void {
  const { script, clock } = world;
  const holds = [3n, 4n, 2n, 1n, 30n].map((units) => world.do<{ id: string }>(script.hold('acme', 'calls', units)).id);
  const [captured = '', over = '', released = '', , late = ''] = holds;
  world.do(script.capture(captured, 2n));
  world.do(script.capture(over, 500n));
  world.do(script.release(released));
  clock.nowMs += 61_000;
  world.do({ type: 'expire', actor: 'clock' });
  world.do(script.capture(late));
  world.do(script.grant('cus_b', 90_000_000n, { asset: 'SOL/9' }));
  world.do(script.hold('cus_b', 'renders', 2n, { ttlMs: DAY_MS * 60 }));
  world.do(script.hold('cus_b', 'tokens', 9000n));
  world.refused(script.hold('cus_b', 'tokens', 9_000_000n));
  world.do(script.grant('acme', 6_000n));
  world.do(script.hold('acme', 'calls', 1n, { ttlMs: DAY_MS * 60 }));
}

/** A send robbed of its nonce and done at last, one that waits, and one on a chain without nonces. */
function sendToChains(world: World): void {
  const { script } = world;
  const evm = script.sends('evm/16602/0xab', '0xf39F');
  world.do(evm.lease('one'));
  const deposit = { id: 'deposit-1', nonce: '7', summary: 'Deposit 1 wei' };
  world.do(evm.save({ ...deposit, version: 1, state: 'built' }));
  world.do(evm.save({ ...deposit, version: 2, state: 'signed', bytes: '02aa' }));
  world.do(evm.save({ ...deposit, version: 3, state: 'sent' }));
  world.do(evm.save({ ...deposit, version: 4, state: 'sent', bytes: '02ab' }));
  world.do(evm.save({ ...deposit, version: 5, state: 'replaced' }));
  const anew = { ...deposit, nonce: '8', generation: 1 };
  world.do(evm.save({ ...anew, version: 6, state: 'built' }));
  world.do(evm.save({ ...anew, version: 7, state: 'signed', bytes: '02ac' }));
  world.do(evm.save({ ...anew, version: 8, state: 'sent' }));
  world.do(evm.save({ ...anew, version: 9, state: 'confirmed' }));
  world.do(evm.save({ ...anew, version: 10, state: 'finalized' }));
  world.do(evm.save({ id: 'deposit-2', nonce: '9', version: 1, state: 'built' }));
  const solana = script.sends('solana/5eyk', '4Nd1');
  world.do(solana.lease('two'));
  world.do(solana.save({ id: 'charge/a', version: 1, state: 'signed', bytes: '01' }));
  world.do(solana.save({ id: 'charge/a', version: 2, state: 'sent' }));
  world.do(solana.save({ id: 'charge/a', version: 3, state: 'expired' }));
  world.do(solana.save({ id: 'charge/a', version: 4, state: 'signed', bytes: '02' }));
}

/** An alert that is open and one that is over, told to a webhook at once and in the end, and one try of the channel. */
function tellOfAlerts(world: World): void {
  const { script } = world;
  world.commit(script.webhook('whk_ops', 'whsec_one'), script.alertRule('rul_low', { severity: 'danger' }));
  world.do(script.observe('rul_low', 'cus_b', 40n));
  const { alert } = world.do<{ alert: string }>(script.observe('rul_low', 'cus_a', 99n));
  world.do({ type: 'alert.acknowledge', actor: 'opr_1', alert });
  const [told] = world.store.noticesOf(alert);
  world.do(script.tried(told?.id ?? '', 1));
  world.do(script.tried(told?.id ?? '', 2, { ok: true, status: 204, detail: 'It was taken.' }));
  world.do({ type: 'notice.resend', actor: 'opr_1', notice: told?.id ?? '' });
  world.do(script.observe('rul_low', 'cus_a', 120n));
  const { id } = world.do<{ id: string }>({ type: 'notice.test', actor: 'opr_1', channel: 'whk_ops' });
  world.do(script.tried(id, 1, { isGone: true, status: 410, detail: 'It is gone.' }));
}

/** Two months of business; SQLite, unless verify is not asked for. */
export function richWorld(kind: EngineKind = 'sqlite'): World {
  const world = new World(kind);
  const { script, clock } = world;
  configure(world);
  world.do(script.grant('acme', 300n, { priority: 5, expiresAtMs: clock.nowMs + 20 * DAY_MS, note: 'welcome' }));
  world.do(script.grant('acme', 900n));
  world.do(script.grant('cus_b', 40n, { source: 'promotional' }));
  const { id: spare } = world.do<{ id: string }>(script.grant('cus_b', 25n, { priority: 90 }));
  world.do(script.clawBack(spare, 20n));
  meterUsage(world);
  useGate(world);
  clock.nowMs += MONTH_MS;
  // The plan is left within the second period: its base fee is for a part of it.
  world.do(
    script.customer('cus_a', {
      subjects: ['acme'],
      externalId: 'crm-1',
      terms: [
        { fromMs: 0, plan: 'team' },
        { fromMs: clock.nowMs + DAY_MS, plan: null },
      ],
    }),
  );
  world.do({ type: 'expire', actor: 'clock' });
  world.bill(['cus_a', 'cus_b']);
  world.accept([
    { id: 'late', subject: 'acme', meter: 'calls', units: 5n, occurredMs: clock.nowMs - MONTH_MS },
    { id: 'now', subject: 'acme', meter: 'calls', units: 50n },
  ]);
  world.do(script.grant('acme', 20_000n));
  world.post();
  world.do(script.grant('cus_a', 100n, { expiresAtMs: clock.nowMs + DAY_MS, priority: 1 }));
  clock.nowMs += 2 * DAY_MS;
  world.do({ type: 'expire', actor: 'clock' });
  clock.nowMs += MONTH_MS;
  world.do(script.close(['cus_a', 'cus_b']));
  world.do({ type: 'run.record', actor: 'verify', kind: 'verify', ok: true, block: 1, detail: 'ok' });
  world.do({ type: 'keys.used', actor: 'gateway', uses: [{ key: 'key_1', lastMs: clock.nowMs }] });
  sendToChains(world);
  tellOfAlerts(world);
  world.accept([{ id: 'waiting', subject: 'acme', meter: 'calls', units: 1n }]);
  return world;
}

/** The chain's head in text, to compare two books by. */
export const headOf = (world: World): string =>
  Buffer.from(world.store.get('book')?.head ?? sha256('')).toString('hex');
