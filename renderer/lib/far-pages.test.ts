import { expect, test } from 'vitest';
import { FarPages, PAGE_ROWS } from './far-pages.ts';

type Row = { number: number; state: 'waiting' | 'rated' };

/** A list of so many rows whose answers come one by one, when the test says so. */
function desk(count: number) {
  const asked: number[] = [];
  const waiting: (() => void)[] = [];
  let state: Row['state'] = 'rated';
  let isDown = false;
  const pages = new FarPages<Row>({
    numberOf: (row) => row.number,
    isFinal: (row) => row.state === 'rated',
    load: async (before, rows) => {
      asked.push(before);
      await new Promise<void>((resolve) => waiting.push(resolve));
      if (isDown) throw new TypeError('nobody answers');
      const top = Math.min(before - 1, count);
      return Array.from({ length: Math.min(rows, top) }, (_, at) => ({ number: top - at, state }));
    },
  });
  /** Answers what is asked, and what is asked for after that, until nothing is. */
  const answer = async (): Promise<void> => {
    for (let turns = 0, next = waiting.shift(); next && turns < 200; turns += 1, next = waiting.shift()) {
      next();
      // The promises between the answer and the next question.
      for (let turn = 0; turn < 8; turn += 1) await Promise.resolve();
    }
  };
  const become = (next: Row['state']): void => void (state = next);
  return { pages, asked, answer, become, fail: (down: boolean) => void (isDown = down) };
}

test('what is in view is asked for first, then what is below it and above it', async () => {
  const { pages, asked, answer } = desk(1_000_000);
  pages.look({ low: 500_020, high: 500_050, count: 1_000_000 });
  await answer();
  expect(asked).toEqual([500_101, 500_001, 500_201]);
  expect(pages.rowAt(500_037)).toEqual({ number: 500_037, state: 'rated' });
  expect(pages.rowAt(7)).toBeUndefined();
});

test('what was dragged past is never asked for', async () => {
  const { pages, asked, answer } = desk(1_000_000);
  for (let high = 1_000_000; high >= 100_000; high -= 5_000) pages.look({ low: high - 30, high, count: 1_000_000 });
  await answer();
  expect(asked.length).toBeLessThanOrEqual(5);
  expect(pages.rowAt(100_000)).toBeDefined();
});

test('however far somebody scrolls, no more than four thousand rows are held', async () => {
  const { pages, answer } = desk(100_000);
  for (let high = 100_000; high >= 1_000; high -= 400) {
    pages.look({ low: high - 30, high, count: 100_000 });
    await answer();
  }
  expect(pages.held).toBeLessThanOrEqual(40 * PAGE_ROWS);
  expect(pages.rowAt(1_200)).toBeDefined();
});

test('only rows in view that may change are asked for again', async () => {
  const { pages, asked, answer, become } = desk(250);
  become('waiting');
  pages.look({ low: 201, high: 250, count: 250 });
  await answer();
  const before = asked.length;
  become('rated');
  pages.refresh();
  expect(pages.rowAt(240)?.state).toBe('waiting');
  await answer();
  expect(pages.rowAt(240)?.state).toBe('rated');
  const after = asked.length;
  expect(after).toBeGreaterThan(before);
  pages.refresh();
  await answer();
  expect(asked.length).toBe(after);
});

test('a list that grows asks for the rest of its first page, and for a short answer only once', async () => {
  const { pages, asked, answer } = desk(150);
  pages.look({ low: 101, high: 150, count: 150 });
  await answer();
  const first = asked.length;
  pages.look({ low: 101, high: 160, count: 160 });
  await answer();
  expect(asked.length).toBe(first + 1);
  pages.look({ low: 102, high: 160, count: 160 });
  await answer();
  expect(asked.length).toBe(first + 1);
});

test('a failure stops the asking until somebody tries again', async () => {
  const { pages, asked, answer, fail } = desk(1_000);
  fail(true);
  pages.look({ low: 900, high: 950, count: 1_000 });
  await answer();
  expect(pages.error).toBeInstanceOf(TypeError);
  const tries = asked.length;
  pages.look({ low: 500, high: 550, count: 1_000 });
  await answer();
  expect(asked.length).toBe(tries);
  fail(false);
  pages.retry();
  await answer();
  expect(pages.error).toBeNull();
  expect(pages.rowAt(520)?.number).toBe(520);
});
