/** A read that tells how far it is, as steps: the answer is the last of them, and who leaves early ends the read. */
import type { Instant } from '#core/domain/instant.ts';
import type { Reader } from '#core/ledger/read-port.ts';
import type { ReadInput, ReadName, ReadOutput, ReadStep } from '#core/ledger/reads/index.ts';

type Told<N extends ReadName> = Readonly<{ step: ReadStep<N> }> | Readonly<{ value: ReadOutput<N> }>;

/** Yields what the read tells on its way, and its answer last. Rejects as the read does. */
export async function* stepsOf<N extends ReadName>(
  reader: Reader,
  name: N,
  input: ReadInput<N> & Instant,
  signal?: AbortSignal,
): AsyncGenerator<Told<N>, void> {
  const left = new AbortController();
  const until = signal ? AbortSignal.any([signal, left.signal]) : left.signal;
  const queue: ReadStep<N>[] = [];
  let wake = Promise.withResolvers<void>();
  const answer = reader.read(name, input, until, (step) => {
    queue.push(step);
    wake.resolve();
  });
  const answered = answer.then((value) => ({ value }));
  try {
    for (;;) {
      const next = await Promise.race([wake.promise.then(() => null), answered]);
      for (let step = queue.shift(); step !== undefined; step = queue.shift()) yield { step };
      if (next !== null) return yield next;
      wake = Promise.withResolvers<void>();
    }
  } finally {
    left.abort();
    // Who left does not wait for the end, and it is no failure.
    answered.catch(() => undefined);
  }
}
