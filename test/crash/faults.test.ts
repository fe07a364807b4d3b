/**
 * A disk that is full, and one that may not be written: a clear sentence, nothing lost, and on it goes when the disk is
 * well.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { shimsMissing } from '../support/shims/compile.ts';
import { type FaultyDisk, faultyDisk } from '../support/shims/faults.ts';
import { faultsIn, runWorkload, summaryOf } from './aftermath.ts';
import { STEPS } from './workload.ts';

const missing = shimsMissing();
const because = missing === undefined ? '' : ` (skipped: ${missing})`;

describe.skipIf(missing !== undefined)(`a disk that fails${because}`, () => {
  let folder: string;
  let file: string;
  let disk: FaultyDisk;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tollkeeper-faults-'));
    file = join(folder, 'books.toll');
    disk = faultyDisk(folder);
  });
  afterEach(() => {
    disk.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  test.each([300_000, 420_000, 600_000])(
    'full after %i bytes is said to be full, and books nothing half',
    async (bytes) => {
      disk.leave(bytes);
      const full = await runWorkload(file, 0, { env: disk.env });
      expect(full.code, full.said).toBe(1);
      expect(full.said).toMatch(/disk (of the workspace )?is full/);
      disk.heal();
      expect(faultsIn(file, full.answered)).toEqual([]);
      const ended = await runWorkload(file, full.answered + 1, { env: disk.env });
      expect(ended, ended.said).toMatchObject({ code: 0, answered: STEPS.length - 1 });
      expect(faultsIn(file, ended.answered)).toEqual([]);
      const whole = join(folder, 'whole.toll');
      await runWorkload(whole, 0);
      expect(summaryOf(file)).toEqual(summaryOf(whole));
    },
  );

  /** Opens as a process on the failing disk and says the code of the diagnosis, or what it could read. */
  function opened(how: 'openForWriting' | 'openForReading'): string {
    const module = JSON.stringify(join(import.meta.dirname, '../../core/ledger/open.ts'));
    const script = `const { ${how} } = await import(${module});
      try {
        const sequence = ${how}(${JSON.stringify(file)}).prepare('SELECT seq FROM book').pluck().get();
        console.log('opened', sequence > 0);
      } catch (error) {
        console.log(error.name, error.code, error.fix.length > 10);
      }`;
    const done = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      env: { ...process.env, ...disk.env },
      encoding: 'utf8',
    });
    return done.stdout.trim() || done.stderr;
  }

  test('that may not be written is said to be, and can still be read', async () => {
    expect((await runWorkload(file, 0)).code).toBe(0);
    disk.protect();
    expect(opened('openForWriting')).toBe('WorkspaceError read-only true');
    expect(opened('openForReading')).toBe('opened true');
    disk.heal();
    expect(opened('openForWriting')).toBe('opened true');
  });

  test('that may not be written takes no lock either, and says why', async () => {
    writeFileSync(file, '');
    disk.protect();
    const ended = await runWorkload(file, 0, { env: disk.env });
    expect(ended.code).toBe(1);
    expect(ended.said).toMatch(/WorkspaceError|cannot be (written|opened)/);
  });
});
