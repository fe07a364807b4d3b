import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import * as ledger from '#core/ledger/book.ts';
import * as reads from '#core/ledger/read-port.ts';
import { SILENT, makeWorkspace, scratch } from '../../test/support/workspace.ts';
import { openCore } from './core.ts';

const { folder, dispose } = scratch();
const file = join(folder, 'books.tollkeeper');
vi.mock('#core/ledger/book.ts', { spy: true });
vi.mock('#core/ledger/read-port.ts', { spy: true });

afterAll(dispose);

test('a workspace that opens only in part is let go of whole, and opens the next time', async () => {
  await makeWorkspace(file);
  const { openBook } = await vi.importActual<typeof ledger>('#core/ledger/book.ts');
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
