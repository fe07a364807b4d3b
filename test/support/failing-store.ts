/** A store whose n-th write of a commit fails, as a full disk would make it; everything else passes through. */
import type { Store } from '#core/ledger/store.ts';

export type FailingStore = Readonly<{ store: Store; failAt: (write: number | null) => void }>;

const WRITES = ['insert', 'insertIfFree', 'put', 'removeName', 'commit'] as const;

export function failingStore(inner: Store): FailingStore {
  let left: number | null = null;
  const spend = (): void => {
    if (left === null) return;
    left -= 1;
    if (left >= 0) return;
    left = null;
    throw Object.assign(new Error('the disk is full'), { code: 'SQLITE_FULL' });
  };
  const wrapped = Object.fromEntries(
    WRITES.map((name) => [
      name,
      (...args: unknown[]) => {
        spend();
        return (inner[name] as (...values: unknown[]) => unknown)(...args);
      },
    ]),
  );
  return {
    store: { ...inner, ...wrapped } as Store,
    failAt: (write) => {
      left = write;
    },
  };
}
