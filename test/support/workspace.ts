/** Workspaces for tests, with operators of each kind; made in a folder that goes away with the test. */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Role } from '#core/contract/permissions.ts';
import type { SettingsRecord } from '#core/ledger/catalog.ts';
import { createFile } from '#core/ledger/open.ts';
import { openCore } from '#core/runtime/core.ts';
import type { CoreHandle } from '#core/runtime/core.ts';
import { createLog } from '#core/runtime/log.ts';
import { seedWorkspace } from '#core/runtime/seed.ts';
import { newOperator, writeOperator } from '#core/services/operators.ts';

export const PASSPHRASE = 'correct horse battery';
/** The admin that every workspace of a test has. */
export const ADMIN = { name: 'ada', passphrase: PASSPHRASE } as const;
export const SILENT = createLog('silent');

export type Scratch = Readonly<{ folder: string; dispose: () => void }>;

export function scratch(): Scratch {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'tollkeeper-test-')));
  return { folder, dispose: () => rmSync(folder, { recursive: true, force: true }) };
}

export type Wish = Readonly<{
  settings?: Partial<SettingsRecord>;
  /** Operators beside the admin; all have the same passphrase. */
  operators?: readonly Readonly<{ name: string; role: Role }>[];
}>;

export async function addOperator({ core }: CoreHandle, who: Readonly<{ name: string; role: Role }>): Promise<string> {
  const operator = await newOperator(core, { ...who, passphrase: PASSPHRASE });
  await writeOperator(core, operator, 'test', 0);
  return operator.id;
}

/** Makes a workspace and closes it again. */
export async function makeWorkspace(file: string, wish: Wish = {}): Promise<void> {
  createFile(file);
  const handle = await openCore(file, { log: SILENT });
  await seedWorkspace(handle.core, { settings: { name: 'Test', issuer: 'Test', ...wish.settings }, operator: ADMIN });
  for (const who of wish.operators ?? []) await addOperator(handle, who);
  await handle.close();
}
