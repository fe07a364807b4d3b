import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { SILENT, makeWorkspace, scratch } from '../../test/support/workspace.ts';

const { folder, dispose } = scratch();
const file = join(folder, 'books.tollkeeper');
vi.mock('#core/ledger/book.ts', { spy: true });
vi.mock('#core/ledger/read-port.ts', { spy: true });

afterAll(() => {
  vi.doUnmock('#core/ledger/book.ts');
  vi.doUnmock('#core/ledger/read-port.ts');
  vi.resetModules(); // Other files are tested in this process.
  dispose();
});

test('a workspace that opens only in part is let go of whole, and opens the next time', async () => {
  await makeWorkspace(file);
  vi.resetModules(); // A file tested before this one may have loaded it with what is replaced here.
  const { openCore } = await import('./core.ts');
  const ledger = await import('#core/ledger/book.ts');
  const reads = await import('#core/ledger/read-port.ts');
  const { openBook } = await vi.importActual<typeof import('#core/ledger/book.ts')>('#core/ledger/book.ts');
  const bookClosed = vi.fn<() => void>();
  vi.mocked(ledger.openBook).mockImplementation(async (path) => {
    const book = await openBook(path);
    return { ...book, close: () => book.close().then(bookClosed) };
  });
  vi.mocked(reads.openReader).mockRejectedValueOnce(new Error('no reader'));
  await expect(openCore(file, { log: SILENT })).rejects.toThrow('no reader');
  expect(bookClosed).toHaveBeenCalledTimes(1);

  const close = vi.fn<() => Promise<void>>(() => Promise.resolve());
  const read = (): Promise<never> => Promise.reject(new Error('torn page'));
  vi.mocked(reads.openReader).mockResolvedValueOnce({ read, close });
  await expect(openCore(file, { log: SILENT })).rejects.toThrow('torn page');
  expect(close).toHaveBeenCalledOnce();
  expect(bookClosed).toHaveBeenCalledTimes(2);

  const handle = await openCore(file, { log: SILENT });
  await handle.close();
});
