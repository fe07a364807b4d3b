import { copyFileSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { richWorld } from '../../test/support/rich-world.ts';
import { plainWorld } from '../../test/support/world.ts';
import type { World } from '../../test/support/world.ts';
import { backup, copySteps } from './backup.ts';
import type { CopyStep } from './backup.ts';
import type { WorkspaceError } from './diagnosis.ts';
import { drillSteps } from './drill.ts';
import type { DrillReport, DrillStep } from './drill.ts';

let folder: string;
let world: World;
let copy: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollkeeper-drill-test-'));
  world = richWorld();
  copy = join(folder, 'copy.toll');
});
afterEach(() => {
  world.dispose();
  rmSync(folder, { recursive: true, force: true });
});

async function drilled(file = copy): Promise<{ steps: DrillStep[]; report: DrillReport | null }> {
  const steps: DrillStep[] = [];
  for await (const step of drillSteps({ backup: file, books: world.file })) steps.push(step);
  return { steps, report: steps.at(-1)?.report ?? null };
}

describe('a copy that is watched', () => {
  test('says what it does, how far it is, and last what it made', async () => {
    const steps: CopyStep[] = [];
    for await (const step of copySteps({ do: 'backup', file: world.file, target: copy })) steps.push(step);
    expect(new Set(steps.map(({ phase }) => phase))).toEqual(new Set(['copying', 'proving-copy']));
    for (const { at, total } of steps) expect(at <= total && total > 0).toBe(true);
    expect(steps.filter(({ done }) => done)).toEqual(steps.slice(-1));
    expect(steps.at(-1)?.report).toMatchObject({ verified: true, block: world.engine.head().block });
  });

  test('leaves nothing when whoever watched it left, or when it is called off', async () => {
    for await (const step of copySteps({ do: 'backup', file: world.file, target: copy })) {
      expect(step.phase).toBe('copying');
      break;
    }
    expect(readdirSync(folder)).toEqual([]);
    const off = AbortSignal.abort();
    for await (const _ of copySteps({ do: 'backup', file: world.file, target: copy }, off)) {
      throw new TypeError('it was called off before it began');
    }
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('a drill', () => {
  test('restores a backup, proves what was restored, and removes it', async () => {
    await backup(world.file, copy);
    const { steps, report } = await drilled();
    expect(report).toMatchObject({ ok: true, problem: null, block: world.engine.head().block });
    expect(steps.some(({ phase }) => phase === 'copying')).toBe(true);
    expect(readdirSync(folder)).toEqual(['copy.toll']);
  });

  test('finds the row that was changed in a backup', async () => {
    await backup(world.file, copy);
    const changed = new Database(copy);
    changed.exec(`UPDATE account SET posted = '1' WHERE id = 'cus_a:wallet:USDC/6'`);
    changed.close();
    const { report } = await drilled();
    expect(report?.ok).toBe(false);
    expect(report?.problem).toContain('account cus_a:wallet:USDC/6');
    expect(readdirSync(folder)).toEqual(['copy.toll']);
  });

  test('finds that a backup is gone, or is none', async () => {
    expect((await drilled()).report).toMatchObject({ ok: false, problem: 'The file is not there any more.' });
    writeFileSync(copy, 'a letter');
    expect((await drilled()).report).toMatchObject({ ok: false, block: 0 });
    expect(readdirSync(folder)).toEqual(['copy.toll']);
  });

  test('does not take a backup of other books for ours', async () => {
    const other = plainWorld('sqlite');
    other.store.close();
    copyFileSync(other.file, copy);
    rmSync(other.folder ?? '', { recursive: true, force: true });
    const { report } = await drilled();
    expect(report).toMatchObject({ ok: false, block: 0 });
    expect(report?.problem).toContain('other books');
  });

  test('does not begin where the disk has no room for it', async () => {
    writeFileSync(copy, '');
    // Sparse: it takes no room itself.
    truncateSync(copy, 2 ** 43);
    const error = await drilled().catch((thrown: WorkspaceError) => thrown);
    expect(error).toMatchObject({ code: 'disk-full' });
    expect(readdirSync(folder)).toEqual(['copy.toll']);
  });

  test('leaves nothing when whoever watched it left', async () => {
    await backup(world.file, copy);
    for await (const _ of drillSteps({ backup: copy, books: world.file })) break;
    expect(readdirSync(folder)).toEqual(['copy.toll']);
  });
});
