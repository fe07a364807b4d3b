import { afterEach, expect, test } from 'vitest';
import { richWorld } from '../../test/support/rich-world.ts';
import type { World } from '../../test/support/world.ts';
import { rebuildRollups } from './verify.ts';

let world: World;
afterEach(() => world.dispose());

const rowsOf = () => world.connection.prepare('SELECT * FROM rollup ORDER BY meter, subject, hour_ms').all();

function rebuilt() {
  const work = rebuildRollups(world.connection);
  for (let step = work.next(); ; step = work.next()) if (step.done) return step.value;
}

test('right totals are left as they are', () => {
  world = richWorld();
  expect(rebuilt()).toMatchObject({ ok: true, mended: 0 });
});

test('totals that are wrong, missing or of nothing are made what the events make them', () => {
  world = richWorld();
  const before = rowsOf();
  expect(before.length).toBeGreaterThan(5);
  world.connection.exec(`UPDATE rollup SET units = '999' WHERE meter = 'calls'`);
  world.connection.exec(`DELETE FROM rollup WHERE meter = 'peak'`);
  world.connection.exec(`INSERT INTO rollup SELECT 'calls', 'stranger', hour_ms, book, events, units, most, latest,
    latest_ms, latest_seq, first_seq, last_seq FROM rollup LIMIT 1`);
  expect(world.verify().problem).toMatchObject({ table: 'rollup' });
  const outcome = rebuilt();
  expect(outcome).toMatchObject({ ok: true });
  expect(outcome.mended).toBeGreaterThan(2);
  expect(rowsOf()).toEqual(before);
  expect(world.verify().problem).toBeNull();
});

test('all of them are made from nothing', () => {
  world = richWorld();
  const before = rowsOf();
  world.connection.exec('DELETE FROM rollup');
  expect(rebuilt()).toMatchObject({ ok: true, mended: before.length });
  expect(rowsOf()).toEqual(before);
});

test('books that do not prove are left alone', () => {
  world = richWorld();
  world.connection.exec(`DELETE FROM rollup; UPDATE entry SET memo = 'changed' WHERE tx = 30`);
  expect(rebuilt()).toMatchObject({ ok: false, mended: 0 });
  expect(rowsOf()).toEqual([]);
});
