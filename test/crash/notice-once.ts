/** Books a crossing and tells of it: the process that the crash test kills on its way. */
import { openBook } from '#core/ledger/book.ts';
import { takeLock } from '#core/ledger/lock.ts';
import { openReader } from '#core/ledger/read-port.ts';
import { bookCrossings } from '#core/runtime/notices/watch.ts';
import { NoticeSender } from '#core/runtime/notices/sender.ts';
import { invariant } from '#core/domain/refusal.ts';
import { Script } from '../support/world.ts';

export type Given = Readonly<{ file: string; url: string; secret: string }>;

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Commits in order: rule and webhook, the crossing with its notice, the try that was made. */
export async function tellOnce({ file, url, secret }: Given): Promise<void> {
  const lock = takeLock(file);
  invariant(lock, 'the process before has died and left the lock');
  const book = await openBook(file);
  const reader = await openReader(file);
  const now = (): number => Math.max(Date.now(), book.head().recordedMs);
  const script = new Script({ nowMs: 0 });
  const watched = { kind: 'overdue-job', job: 'backup', threshold: '1', margin: '0', asset: null } as const;
  if ((await reader.read('records', { kind: 'alert-rule' })).length === 0) {
    await book.commit([
      script.settings({ noticesToLoopback: true }),
      script.webhook('whk_1', secret, { url }),
      script.alertRule('rul_1', watched),
    ]);
  }
  // The books are minutes old by now: no backup was ever made.
  const later = (): number => now() + 120_000;
  await bookCrossings({ book, now: later }, reader);
  await new NoticeSender({ book, reader, now, log: quiet }).sendDue();
  await reader.close();
  await book.close();
  lock.release();
}

if (process.argv[1] === import.meta.filename) await tellOnce(JSON.parse(process.argv[2] ?? '{}') as Given);
