/** Work told step by step: its states, its end, and being left. */
import { expect, test } from 'vitest';
import { StreamJob } from './stream-job.ts';

type Step = { done: boolean; n: number };
async function* steps(...all: Step[]): AsyncGenerator<Step> {
  yield* all;
}

test('runs to its last step and keeps it', async () => {
  const job = new StreamJob<Step, string>();
  const seen: string[] = [];
  job.subscribe(() => seen.push(job.get().kind));
  await job.run('one', () => Promise.resolve(steps({ done: false, n: 1 }, { done: true, n: 2 })));
  expect(seen).toEqual(['running', 'running', 'done']);
  expect(job.get()).toMatchObject({ kind: 'done', about: 'one', step: { n: 2 } });
});

test('that is cut off before its last step has failed, with what was told', async () => {
  const job = new StreamJob<Step, string>();
  expect(await job.run('cut', () => Promise.resolve(steps({ done: false, n: 1 })))).toMatchObject({
    kind: 'failed',
    step: { n: 1 },
  });
});

test('that is refused has failed with the refusal', async () => {
  const job = new StreamJob<Step, string>();
  const error = new Error('no');
  expect(await job.run('refused', () => Promise.reject(error))).toMatchObject({ kind: 'failed', error, step: null });
});

test('that is left is cancelled at once, and another may begin', async () => {
  const job = new StreamJob<Step, string>();
  let heard: AbortSignal | undefined;
  const gate = Promise.withResolvers<void>();
  async function* slow(signal: AbortSignal): AsyncGenerator<Step> {
    heard = signal;
    yield { done: false, n: 1 };
    await gate.promise;
    yield { done: true, n: 2 };
  }
  const first = job.run('slow', (signal) => Promise.resolve(slow(signal)));
  await Promise.resolve();
  expect(await job.run('second', () => Promise.resolve(steps({ done: true, n: 9 })))).toMatchObject({ about: 'slow' });
  job.cancel();
  expect(heard?.aborted).toBe(true);
  gate.resolve();
  await first;
  expect(job.get()).toMatchObject({ kind: 'cancelled', about: 'slow' });
  await job.run('third', () => Promise.resolve(steps({ done: true, n: 3 })));
  expect(job.get()).toMatchObject({ kind: 'done', about: 'third' });
});
