import { afterEach, expect, test } from 'vitest';
import { openForReading } from '../open.ts';
import { explain } from './explain.ts';
import { createReadSession } from './session.ts';
import { DAY_MS, plainWorld } from '../../../test/support/world.ts';
import type { World } from '../../../test/support/world.ts';

const APRIL = Date.UTC(2026, 3, 1);

let world: World;
afterEach(() => world.dispose());

/** The base fee and the minimum of one invoice, draft or final, each explained. */
function fees(invoice: string) {
  const connection = openForReading(world.file);
  const session = createReadSession(connection);
  const { lines } = JSON.parse(world.store.get('invoice', invoice)?.bytes ?? '{}') as {
    lines: { id: string; kind: string }[];
  };
  const explained = lines
    .filter(({ kind }) => kind !== 'usage')
    .map(({ id }) => explain(session, { id, limit: 10 }))
    .map(({ subject, steps, agrees, entries }) => ({ title: subject.title, steps, agrees, entries: entries.length }));
  connection.close();
  return explained;
}

test('a fee explains itself on the draft, before it is booked, and by its entries after', () => {
  world = plainWorld('sqlite');
  const { script, clock } = world;
  world.commit(
    script.plan('team', { baseFeeMinor: '700' }),
    script.customer('cus_a', { terms: [{ fromMs: 0, plan: 'team' }] }),
    script.price('prc_least', 'calls', { minimumMinor: '900', effectiveFromMs: 0 }),
  );
  world.accept([{ subject: 'cus_a', meter: 'calls', units: 5n }]);
  clock.nowMs = APRIL + DAY_MS;
  const [id = ''] = world.do<{ invoices: string[] }>(script.close(['cus_a'], APRIL)).invoices;
  const arithmetic = '0.000900 USDC − 0.000050 USDC of usage = 0.000850 USDC';
  expect(fees(id)).toMatchObject([
    { title: 'Why 0.000700 USDC?', agrees: true, entries: 0, steps: [{ ok: true }, { title: 'Draft' }] },
    { title: 'Why 0.000850 USDC?', agrees: true, entries: 0, steps: [{ ok: true, arithmetic }, { title: 'Draft' }] },
  ]);
  world.do(script.finalize([id]));
  expect(fees(id)).toMatchObject([
    { title: 'Why 0.000700 USDC?', agrees: true, entries: 2, steps: [{ ok: true }, { ok: true }, {}] },
    { title: 'Why 0.000850 USDC?', agrees: true, entries: 2, steps: [{ arithmetic }, { ok: true }, {}] },
  ]);
});
