import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OpenHolds } from './open-holds.ts';

const step = fc.record({ isAdd: fc.boolean(), id: fc.nat(60) });

test('the first open hold is the least id that was added and not removed', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200, size: 'max' }), (steps) => {
      const holds = new OpenHolds();
      const wanted = new Set<string>();
      for (const { isAdd, id } of steps) {
        const name = `hld_${String(id).padStart(3, '0')}`;
        if (isAdd) holds.add(name, id);
        else holds.remove(name);
        if (isAdd) wanted.add(name);
        else wanted.delete(name);
        expect(holds.first()).toBe([...wanted].sort()[0] ?? null);
        expect(holds.size).toBe(wanted.size);
      }
      expect(holds.due(30)).toEqual([...wanted].sort().filter((name) => name <= 'hld_030'));
    }),
  );
});

test('one old hold does not keep all that came after it in memory', () => {
  const holds = new OpenHolds();
  holds.add('hld_0', 0);
  for (let at = 0; at < 20_000; at += 1) {
    holds.add(`hld_1${at}`, 1);
    holds.remove(`hld_1${at}`);
  }
  expect(holds.first()).toBe('hld_0');
  expect(holds.waiting).toBeLessThan(2000);
});
