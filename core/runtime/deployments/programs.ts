/** The programs that can be deployed: ours by name, others by file, and where the interface says that one stands. */
import { existsSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { PublicKey } from '@solana/web3.js';
import type { DeploymentOrder } from '#core/contract/deployments.ts';
import { refuse } from '#core/domain/refusal.ts';

const ARTIFACTS = resolve(import.meta.dirname, '../../../programs/artifacts');

export type Wanted = Pick<DeploymentOrder, 'unit' | 'file' | 'program' | 'programFile'>;

/** The program as it is in its file. */
export function fileOf({ unit, file }: Wanted): Buffer {
  const path = file === undefined ? join(ARTIFACTS, `${unit}.so`) : resolve(file);
  if (path.endsWith('.so') && existsSync(path)) return readFileSync(path);
  const fix = 'Name one of ours, or give the .so file of another.';
  return refuse({ code: 'NOT_FOUND', detail: `There is no program "${unit}".`, fix });
}

/** Where the interface of a program of ours says that it stands. */
export function declaredAddress({ unit, file }: Wanted): string | null {
  const idl = join(ARTIFACTS, `${file === undefined ? unit : basename(file, '.so')}.idl.json`);
  return existsSync(idl) ? (JSON.parse(readFileSync(idl, 'utf8')) as { address: string }).address : null;
}

/** An address, or a refusal. */
export const keyOf = (text: string): PublicKey => {
  try {
    return new PublicKey(text);
  } catch {
    const detail = `"${text}" is no address on Solana.`;
    return refuse({ code: 'INPUT_INVALID', detail, fix: 'Give 32 bytes in base 58.' });
  }
};
