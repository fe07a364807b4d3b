/** The gate without HTTP: callers in this process, the writer in its thread, each hold with a key of its own. */
import { openCore } from '#core/runtime/core.ts';
import { createLog } from '#core/runtime/log.ts';
import { timeOrderedId } from './raw.ts';

let made = 0;

/** Holds a second with `callers` at once, each waiting for its answer to be durable. */
export async function holdsInProcess(
  file: string,
  options: Readonly<{ callers: number; seconds: number }>,
): Promise<number> {
  const { core, close } = await openCore(file, { log: createLog('error') });
  const startedAt = performance.now();
  const endAt = startedAt + options.seconds * 1000;
  let done = 0;
  const caller = async (): Promise<void> => {
    while (performance.now() < endAt) {
      made += 1;
      const key = timeOrderedId(made);
      const customer = `customer-${made % 50}`;
      const [answer] = await core.book.commit([
        {
          type: 'hold.open',
          actor: 'bench',
          key,
          request: key,
          id: core.newId('hld'),
          customer,
          meter: 'api.calls',
          units: 1n,
          ttlMs: 60_000,
        },
      ]);
      if (!answer?.ok) throw new Error(JSON.stringify(answer));
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: options.callers }, caller));
  const perSecond = done / ((performance.now() - startedAt) / 1000);
  await close();
  return perSecond;
}
